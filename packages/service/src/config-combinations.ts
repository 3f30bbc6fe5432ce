/** What does not go together across the sections of a configuration; runs even if other checks failed. */
import type { z } from 'zod';
import { durationText } from './config-values.ts';
import { RESERVED_TARGETS } from './deploy-schema.ts';

/** Defaults that other keys are compared with: who leaves them alone has not chosen them. */
export const STORE_DEFAULTS = { file: 'edgewood.sqlite', schema: 'public' };

type Section = Readonly<Record<string, unknown>>;

/** @param config its sections, each as its own schema left it: transformed, or as it was written if something is wrong. */
export function checkCombinations(config: unknown, context: z.RefinementCtx): void {
  const { store, agents, deploy } = sectionOf(config);
  checkStore(sectionOf(store), context);
  checkHorizons(sectionOf(store), Array.isArray(agents) ? agents.map(sectionOf) : [], context);
  checkTargets(sectionOf(deploy), context);
}

function checkStore({ file, url, schema }: Section, context: z.RefinementCtx): void {
  if (url !== undefined && file !== undefined && file !== STORE_DEFAULTS.file) {
    refuse(context, ['store', 'file'], 'does not go together with store.url: anomalies are kept in one place', file);
  }
  if (url === undefined && schema !== undefined && schema !== STORE_DEFAULTS.schema) {
    refuse(context, ['store', 'schema'], 'goes together with store.url only: a file has no schemas', schema);
  }
}

/** Late entries must not make up again what was removed for its age. */
function checkHorizons(store: Section, agents: readonly Section[], context: z.RefinementCtx): void {
  const maxAgeMs = sectionOf(store.limits).maxAgeMs ?? store.max_age;
  agents.forEach((agent, index) => {
    const horizonMs = agent.lateHorizonMs ?? agent.late_horizon;
    if (typeof maxAgeMs !== 'number' || typeof horizonMs !== 'number' || horizonMs <= maxAgeMs) return;
    const message = `must be at most store.max_age, which is ${durationText(maxAgeMs)}, got ${durationText(horizonMs)}`;
    const path = ['agents', index, 'late_horizon'];
    context.addIssue({ code: 'custom', message, path, params: { complete: true, orAt: () => ['store', 'max_age'] } });
  });
}

/** A name on the command line is a target or a group, so that no two of them may be called the same. */
function checkTargets({ targets, groups }: Section, context: z.RefinementCtx): void {
  const [listed, grouped] = [listOf(targets), listOf(groups)];
  const names = [...listed, ...grouped].map(({ name }) => name);
  names.forEach((name, at) => {
    const path = at < listed.length ? ['targets', at] : ['groups', at - listed.length];
    if (typeof name !== 'string') return;
    if (RESERVED_TARGETS.includes(name)) refuse(context, ['deploy', ...path, 'name'], 'is all targets already', name);
    else if (names.indexOf(name) < at) refuse(context, ['deploy', ...path, 'name'], 'must be there once', name);
  });
  const known = listed.flatMap(({ name }) => (typeof name === 'string' ? [name] : []));
  grouped.forEach(({ targets: members }, group) => {
    (Array.isArray(members) ? members : []).forEach((member: unknown, at) => {
      if (typeof member !== 'string' || known.includes(member)) return;
      const message = `must be one of ${known.join(', ') || 'the targets, of which there are none'}`;
      refuse(context, ['deploy', 'groups', group, 'targets', at], message, member);
    });
  });
}

function listOf(value: unknown): readonly Section[] {
  return Array.isArray(value) ? value.map(sectionOf) : [];
}

function sectionOf(value: unknown): Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Section) : {};
}

function refuse(context: z.RefinementCtx, path: PropertyKey[], message: string, input: unknown): void {
  context.addIssue({ code: 'custom', message, path, input });
}
