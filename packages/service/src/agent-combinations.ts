/**
 * What does not go together in the settings of an agent. These checks run even if others failed, so that everything is
 * reported at once: a value may be of any type, and one that is wrong in itself has been told of already.
 */
import { AGENT_PROFILES } from '@edgewood/features';
import type { z } from 'zod';
import { SILENCE, silenceOptions } from './agents/silence-agent.ts';
import { allowedInstead, type ProblemParams, problemsOf } from './config-problems.ts';
import { durationText } from './config-values.ts';

/** Agents that ship with the service. */
export const SHIPPED: readonly string[] = [...AGENT_PROFILES.map(({ name }) => name), SILENCE];

export function isShipped(use: unknown): use is string {
  return SHIPPED.includes(use as string);
}

/** Keys that say how a model judges. */
const OF_MODELS = ['model', 'group_by', 'features', 'detectors'];

type Settings = Readonly<Record<string, unknown>>;

/** @param settings of one agent in the words of the file, durations in milliseconds. */
export function checkAgent(settings: unknown, context: z.RefinementCtx): void {
  if (!isMapping(settings)) return;
  const { name, use = name } = settings;
  if (settings.use === undefined && isNamed(name) && !isShipped(name)) {
    refuse(context, ['name'], `must be one of ${SHIPPED.join(', ')}, unless use says where the agent is`, name);
  }
  const profile = AGENT_PROFILES.find((candidate) => candidate.name === use);
  if (profile !== undefined) {
    checkFeatures(
      profile.features.map((feature) => feature.name),
      settings,
      context,
    );
    checkNoOptions(profile.name, settings.options, context);
    checkDetectors(settings.detectors, context);
  }
  if (use === SILENCE) {
    checkSilence(settings, context);
    checkOptions(settings.options, context);
  }
  checkLevels(settings.severity, context);
  checkWaiting(settings, context);
}

/** Features, and the rules about them, must be some that the agent has and the model is to use. */
function checkFeatures(known: readonly string[], { features, severity }: Settings, context: z.RefinementCtx): void {
  const chosen = Array.isArray(features) ? features.filter(isNamed) : undefined;
  (Array.isArray(features) ? features : []).forEach((name: unknown, index, all) => {
    if (!isNamed(name)) return;
    if (!known.includes(name)) refuse(context, ['features', index], `must be one of ${known.join(', ')}`, name);
    else if (all.indexOf(name) < index) refuse(context, ['features', index], 'must be named once', name);
  });
  const usable = chosen === undefined || chosen.length === 0 ? known : chosen;
  rulesOf(severity).forEach((rule, index) => {
    const feature = isMapping(rule) ? rule.feature : undefined;
    if (!isNamed(feature) || usable.includes(feature)) return;
    refuse(context, ['severity', 'rules', index, 'feature'], `must be one of ${usable.join(', ')}`, feature);
  });
}

function checkDetectors(detectors: unknown, context: z.RefinementCtx): void {
  (Array.isArray(detectors) ? detectors : []).forEach((name: unknown, index, all) => {
    if (isNamed(name) && all.indexOf(name) < index) refuse(context, ['detectors', index], 'must be named once', name);
  });
}

function checkNoOptions(agent: string, options: unknown, context: z.RefinementCtx): void {
  for (const key of isMapping(options) ? Object.keys(options) : []) {
    refuseKey(context, ['options', key], `${agent} has no options`);
  }
}

function checkSilence(settings: Settings, context: z.RefinementCtx): void {
  for (const key of OF_MODELS) {
    if (settings[key] !== undefined)
      refuseKey(context, [key], `${SILENCE} judges without a model, so it has no ${key}`);
  }
  if (rulesOf(settings.severity).length === 0) return;
  refuseKey(context, ['severity', 'rules'], `${SILENCE} judges without features, so there can be no rules about them`);
}

function checkOptions(options: unknown, context: z.RefinementCtx): void {
  const { error } = silenceOptions.safeParse(options ?? {}, { reportInput: true, error: allowedInstead });
  for (const issue of isMapping(options) ? (error?.issues ?? []) : []) {
    for (const { path, message, ...params } of problemsOf(issue, silenceOptions)) {
      add(context, ['options', ...path], message, { ...params, complete: true });
    }
  }
}

function checkLevels(severity: unknown, context: z.RefinementCtx): void {
  const { medium, high } = isMapping(severity) ? severity : {};
  if (typeof medium !== 'number' || typeof high !== 'number' || medium <= high) return;
  const message = `must be at least medium, which is ${percent(medium)}, got ${percent(high)}`;
  add(context, ['severity', 'high'], message, { complete: true, orAt: besideIt('medium') });
}

/** A window is analysed for the first time when its grace is over: what comes sooner is not late. */
function checkWaiting({ grace, late_horizon: horizon }: Settings, context: z.RefinementCtx): void {
  if (typeof grace !== 'number' || typeof horizon !== 'number' || horizon === 0 || horizon > grace) return;
  const message = `must be 0 (never), or more than grace, which is ${durationText(grace)}, got ${durationText(horizon)}`;
  add(context, ['late_horizon'], message, { complete: true, orAt: besideIt('grace') });
}

/** @param list of agents; may be anything. */
export function checkNoneTwice(list: unknown, context: z.RefinementCtx): void {
  const names = Array.isArray(list) ? list.map((settings) => (isMapping(settings) ? settings.name : undefined)) : [];
  names.forEach((name, index) => {
    if (!isNamed(name) || names.indexOf(name) === index) return;
    refuse(context, [index, 'name'], 'must be there once', name);
  });
}

function rulesOf(severity: unknown): readonly unknown[] {
  return isMapping(severity) && Array.isArray(severity.rules) ? severity.rules : [];
}

function isMapping(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNamed(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function percent(value: number): string {
  return `${Number((value * 100).toPrecision(6))}%`;
}

function refuse(context: z.RefinementCtx, path: PropertyKey[], message: string, input: unknown): void {
  context.addIssue({ code: 'custom', message, path, input });
}

function refuseKey(context: z.RefinementCtx, path: PropertyKey[], message: string): void {
  add(context, path, message, { complete: true, ofKey: true });
}

function besideIt(key: string) {
  return (path: readonly PropertyKey[]) => [...path.slice(0, -1), key];
}

function add(context: z.RefinementCtx, path: PropertyKey[], message: string, params: ProblemParams): void {
  context.addIssue({ code: 'custom', message, path, params: { ...params } });
}
