/** The part of the configuration that says which agents there are and what each of them does. */
import { DETECTORS, type Detector } from '@edgewood/detection';
import { ModelError, parseAgentName } from '@edgewood/models';
import { z } from 'zod';
import { checkAgent, checkNoneTwice, isShipped, SHIPPED } from './agent-combinations.ts';
import { SEVERITY_LEVELS } from './anomalies/anomaly.ts';
import {
  ALWAYS,
  decimal,
  duration,
  durationBetween,
  flag,
  share,
  text,
  wholeNumber,
  windowLength,
} from './config-values.ts';

const DAY_MS = 86_400_000;
const BOTH: readonly Detector[] = DETECTORS;
/** A cycle may take so long, in milliseconds. */
const TIME_LIMIT_MS = { shortest: 1_000, longest: DAY_MS };

/** Names are parts of file names. */
const word = text.superRefine((name, context) => {
  if (name === '') return; // said already
  try {
    parseAgentName(name);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    context.addIssue({ code: 'custom', message: 'must be a lower-case word such as wifi' });
  }
});

const severityRule = z
  .strictObject({
    feature: text.describe('name of a feature'),
    at_least: decimal.describe('so much of it'),
    level: z.enum(SEVERITY_LEVELS).describe('makes an anomaly at least as bad as this'),
  })
  .transform(({ feature, at_least: atLeast, level }) => ({ feature, atLeast, level }));

const severity = z.strictObject({
  medium: share.prefault('20%').describe('severity from which an anomaly is of medium level'),
  high: share.prefault('50%').describe('severity from which it is of high level'),
  rules: z.array(severityRule).prefault([]).describe('what else makes it worse'),
});

const agent = z
  .strictObject({
    name: word.describe('lower-case word, each once; anomalies, cursors and metrics carry it'),
    use: text
      .optional()
      .describe(
        `which agent: ${SHIPPED.join(', ')}, a file (./my-agent.ts, beside this one) or an npm package; default: the name`,
      ),
    enabled: flag.prefault(true).describe('whether it runs'),
    programs: z.array(text).min(1).optional().describe("whose entries it reads; default: the agent's"),
    model: word.optional().describe('name of its model; default: which agent it is'),
    window: windowLength.optional().describe("length of a window; default: the model's, or the agent's"),
    group_by: z.enum(['device', 'global']).optional().describe("default: the model's, or the agent's"),
    features: z.array(text).min(1).optional().describe("default: the model's"),
    detectors: z
      .array(z.enum(DETECTORS))
      .min(1)
      .optional()
      .describe('which of them may alarm; default: both, surprise only where the model has a baseline'),
    grace: durationBetween(0, DAY_MS).prefault('2m').describe('how long after its end a window waits for late rows'),
    late_horizon: duration.prefault('1h').describe('how far back late rows make a window be analysed again; 0: never'),
    catch_up_max: duration.prefault('24h').describe('how far back is analysed after downtime'),
    time_limit: durationBetween(TIME_LIMIT_MS.shortest, TIME_LIMIT_MS.longest)
      .prefault('10m')
      .describe('how long one cycle may take'),
    anomalies_per_slot: wholeNumber(1, 10_000).prefault(100).describe('most that are kept of one slot of time'),
    quiet: wholeNumber(1, 1_000).prefault(3).describe('so many ordinary windows in a row end an incident'),
    severity: severity.prefault({}).describe('how bad an anomaly is'),
    options: z.record(z.string(), z.unknown()).default({}).describe("the agent's own settings"),
  })
  .superRefine(checkAgent, ALWAYS)
  .transform(({ window: windowMs, group_by: groupBy, ...of }) => ({
    name: of.name,
    use: of.use ?? of.name,
    enabled: of.enabled,
    programs: of.programs,
    model: of.model ?? (isShipped(of.use) ? of.use : of.name),
    windowMs,
    groupBy,
    features: of.features,
    detectors: of.detectors ?? BOTH,
    graceMs: of.grace,
    lateHorizonMs: of.late_horizon,
    catchUpMaxMs: of.catch_up_max,
    timeLimitMs: of.time_limit,
    anomaliesPerSlot: of.anomalies_per_slot,
    quietWindows: of.quiet,
    severity: of.severity,
    options: of.options,
  }));

/** All agents of a service. */
export const agentsSchema = z.array(agent).min(1).superRefine(checkNoneTwice, ALWAYS);
