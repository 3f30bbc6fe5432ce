/** The part of the configuration that says which agents there are and what each of them does. */
import { AGENT_PROFILES, checkWindowLength, FeatureError } from '@edgewood/features';
import { ModelError, parseAgentName } from '@edgewood/models';
import { z } from 'zod';
import { SILENCE, silenceOptions } from './agents/silence-agent.ts';
import { SEVERITY_LEVELS } from './anomalies/anomaly.ts';
import { ALWAYS, duration, flag, share, text, wholeNumber } from './config-values.ts';

/** Agents that ship with the service. */
const SHIPPED = [...AGENT_PROFILES.map(({ name }) => name), SILENCE];

const windowLength = duration.superRefine((windowMs, context) => {
  try {
    checkWindowLength(windowMs);
  } catch (error) {
    if (!(error instanceof FeatureError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
});

/** Names are parts of file names. */
const word = text.superRefine((name, context) => {
  try {
    parseAgentName(name);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
});

const severityRule = z
  .strictObject({
    feature: text.describe('name of a feature'),
    at_least: z.number().describe('so much of it'),
    level: z.enum(SEVERITY_LEVELS).describe('makes an anomaly at least as bad as this'),
  })
  .transform(({ feature, at_least: atLeast, level }) => ({ feature, atLeast, level }));

const severity = z.strictObject({
  medium: share.prefault(0.2).describe('severity from which an anomaly is of medium level'),
  high: share.prefault(0.5).describe('severity from which it is of high level'),
  rules: z.array(severityRule).default([]).describe('what else makes it worse'),
});

const agent = z
  .strictObject({
    name: word.describe('lower-case word, each once; anomalies, cursors and metrics carry it'),
    use: text
      .optional()
      .describe(`which agent: ${SHIPPED.join(', ')}, a file (./my-agent.ts) or an npm package; default: the name`),
    enabled: flag.prefault(true).describe('whether it runs'),
    programs: z.array(text).min(1).optional().describe("whose entries it reads; default: the agent's"),
    model: word.optional().describe('name of its model; default: which agent it is'),
    window: windowLength.optional().describe("length of a window; default: the model's, or the agent's"),
    group_by: z.enum(['device', 'global']).optional().describe("default: the model's, or the agent's"),
    features: z.array(text).min(1).optional().describe("default: the model's"),
    grace: duration.prefault('2m').describe('how long after its end a window waits for late rows'),
    late_horizon: duration.prefault('1h').describe('how far back late rows make a window be analysed again; 0: never'),
    catch_up_max: duration.prefault('24h').describe('how far back is analysed after downtime'),
    time_limit: duration.prefault('10m').describe('how long one cycle may take'),
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
    model: of.model ?? of.use ?? of.name,
    windowMs,
    groupBy,
    features: of.features,
    graceMs: of.grace,
    lateHorizonMs: of.late_horizon,
    catchUpMaxMs: of.catch_up_max,
    timeLimitMs: of.time_limit,
    anomaliesPerSlot: of.anomalies_per_slot,
    quietWindows: of.quiet,
    severity: of.severity,
    options: of.options,
  }));

/** What is asked of an agent beyond the shape; the values may be anything, since this runs after other checks failed. */
interface LooseAgent {
  readonly name?: unknown;
  readonly use?: unknown;
  readonly features?: unknown;
  readonly options?: unknown;
  readonly severity?: { readonly medium?: unknown; readonly high?: unknown } | null;
}

function checkAgent(settings: LooseAgent | null, context: z.RefinementCtx): void {
  if (settings === null || typeof settings !== 'object') return;
  const { name, use = name, severity: levels } = settings;
  if (settings.use === undefined && typeof name === 'string' && name !== '' && !SHIPPED.includes(name)) {
    const message = `must be one of ${SHIPPED.join(', ')}, unless use says where the agent is`;
    context.addIssue({ code: 'custom', message, path: ['name'], input: name });
  }
  checkFeatures(use, settings.features, context);
  if (use === SILENCE) checkOptions(settings.options, context);
  if (typeof levels?.medium === 'number' && typeof levels.high === 'number' && levels.medium > levels.high) {
    const message = `must be at least medium, which is ${levels.medium}`;
    context.addIssue({ code: 'custom', message, path: ['severity', 'high'], input: levels.high });
  }
}

function checkFeatures(use: unknown, names: unknown, context: z.RefinementCtx): void {
  const profile = AGENT_PROFILES.find((candidate) => candidate.name === use);
  if (profile === undefined || !Array.isArray(names)) return;
  names.forEach((name: unknown, index) => {
    if (typeof name !== 'string' || name === '') return; // said already
    const path = ['features', index];
    if (!profile.features.some((feature) => feature.name === name)) {
      const message = `must be one of ${profile.features.map((feature) => feature.name).join(', ')}`;
      context.addIssue({ code: 'custom', message, path, input: name });
    } else if (names.indexOf(name) < index) {
      context.addIssue({ code: 'custom', message: 'must be named once', path, input: name });
    }
  });
}

function checkOptions(options: unknown, context: z.RefinementCtx): void {
  const { error } = silenceOptions.safeParse(options ?? {}, { reportInput: true });
  for (const issue of error?.issues ?? []) context.addIssue({ ...issue, path: ['options', ...issue.path] } as never);
}

/** All agents of a service. */
export const agentsSchema = z.array(agent).min(1).superRefine(checkNoneTwice, ALWAYS);

/** As {@link checkAgent}: `list` may be anything. */
function checkNoneTwice(list: readonly ({ name?: unknown } | null)[], context: z.RefinementCtx): void {
  const names = Array.isArray(list) ? list.map((settings) => settings?.name) : [];
  names.forEach((name, index) => {
    if (name === undefined || names.indexOf(name) === index) return;
    context.addIssue({ code: 'custom', message: 'must be there once', path: [index, 'name'], input: name });
  });
}
