/** What a third party's agent finds is checked, and becomes an anomaly. Pure. */
import type { LogWindow } from '@edgewood/features';
import { z } from 'zod';
import type { Anomaly } from '../anomalies/anomaly.ts';
import type { AgentConfig } from '../config.ts';
import { allowedInstead, problemsOf } from '../config-problems.ts';
import { text } from '../config-values.ts';
import { ServiceError } from '../errors.ts';
import type { InspectAnswer } from './agent-host.ts';
import { EXAMPLE_LINES, exampleLine } from './example-line.ts';
import { levelOf } from './severity-level.ts';

/** Most features of a finding. */
const FEATURES_MOST = 50;
/** Longest reason, in characters; what is longer is cut. */
const WHY_LENGTH = 1_000;
/** How many further findings of a window the reason tells of. */
const TOLD_MOST = 3;

const word = (example: string) =>
  z
    .string('must be text')
    .regex(/^[a-z][a-z0-9_]*$/, `must be a word in snake_case such as ${example}`)
    .max(64, 'must have at most 64 characters');

const line = z.union(
  [
    z.string(),
    z.object({ program: z.string(), message: z.string() }).transform((entry) => `${entry.program}: ${entry.message}`),
  ],
  'must be an entry or text',
);

const findingSchema = z.strictObject(
  {
    kind: word('wrong_passwords'),
    severity: z.number().min(0).max(1),
    why: text,
    lines: z.array(line).default([]),
    features: z
      .record(word('wrong_passwords'), z.number())
      .refine((features) => Object.keys(features).length <= FEATURES_MOST, `must be at most ${FEATURES_MOST}`)
      .default({}),
    score: z.number().min(-1).lt(0, 'must be below 0').optional(),
  },
  'must be a finding',
);

type CheckedFinding = z.output<typeof findingSchema>;

/**
 * The anomaly of a window: the worst finding, whose reason tells of the others; undefined if nothing was found.
 *
 * @throws {ServiceError} `BAD_AGENT` with everything that is wrong with the findings.
 */
export function anomalyOf(
  { findings, found }: Pick<InspectAnswer, 'findings' | 'found'>,
  window: LogWindow,
  { name, severity: settings }: Pick<AgentConfig, 'name' | 'severity'>,
  nowMs: number,
): Anomaly | undefined {
  const [worst, ...others] = checkFindings(JSON.parse(findings), name);
  if (worst === undefined) return undefined;
  const features = Object.entries(worst.features).map(([feature, value]) => ({
    feature,
    value,
    expected: undefined,
    contribution: 0,
  }));
  return {
    agent: name,
    deviceId: window.deviceId,
    fromMs: window.fromMs,
    toMs: window.toMs,
    kind: worst.kind,
    score: worst.score ?? null,
    decision: null,
    detectors: [],
    surprise: null,
    severity: worst.severity,
    level: levelOf(worst.severity, features, settings),
    why: whyOf(worst, others, found),
    modelVersion: null,
    features,
    exampleLines: worst.lines.slice(0, EXAMPLE_LINES).map(exampleLine),
    detectedAtMs: nowMs,
  };
}

/** @param given the worst first. */
function checkFindings(given: unknown, agent: string): readonly CheckedFinding[] {
  const schema = z.array(findingSchema);
  const { data, error } = schema.safeParse(given, { reportInput: true, error: allowedInstead });
  if (data !== undefined) return data;
  const problems = error.issues.slice(0, TOLD_MOST).flatMap((issue) => problemsOf(issue, schema));
  const told = problems.map(({ path: [, ...path], message }) => `${path.join('.') || 'a finding'} ${message}`);
  throw new ServiceError('BAD_AGENT', `the ${agent} agent gave something that is no finding: ${told.join('; ')}`);
}

function whyOf(worst: CheckedFinding, others: readonly CheckedFinding[], found: number): string {
  const told = others.slice(0, TOLD_MOST).map(({ why }) => `; ${why}`);
  const rest = found - 1 - told.length;
  const tail = rest > 0 ? ` and ${rest} more` : '';
  const why = `${worst.why}${told.join('')}`.replace(/\s+/g, ' ');
  return why.length + tail.length <= WHY_LENGTH ? why + tail : `${why.slice(0, WHY_LENGTH - tail.length - 1)}…${tail}`;
}
