import { setImmediate as othersTurn } from 'node:timers/promises';
import {
  compareJudgements,
  type JudgedEpisode,
  type JudgedWindow,
  type JudgementComparison,
} from '@edgewood/detection';
import type { AnomalyStore, StoredWindow } from '../anomalies/anomaly-store.ts';
import { windowPages } from '../anomalies/window-pages.ts';
import { shadowName } from './shadow-post.ts';

/** Most windows of each version that are compared, the newest: more than a week of eight devices and five minutes. */
export const COMPARED_WINDOWS = 20_000;
/** Most alerts that are given as examples, of those avoided and of the new ones. */
export const EXAMPLES = 10;

/** Which versions are compared, and over which time. */
export interface ShadowQuery {
  /** In whose shadow the candidate is. */
  readonly agent: string;
  /** Versions. What others judged meanwhile does not count. */
  readonly current: string;
  readonly candidate: string;
  /** Of the windows' beginnings, Unix milliseconds, half-open. */
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** An alert that only one of the versions would give. */
export interface ShadowExample extends JudgedEpisode {
  /** What the worst window's anomaly says; undefined where there is none: a candidate makes none. */
  readonly why: string | undefined;
}

/** How a candidate did beside the live version. */
export interface ShadowComparison {
  /** Undefined if there is no time that both judged. */
  readonly comparison: JudgementComparison | undefined;
  /** Whether {@link COMPARED_WINDOWS} were reached: there may be older windows in the span. */
  readonly isLimited: boolean;
  /** The newest alerts of which the candidate says nothing, and that are its alone; at most {@link EXAMPLES}, oldest first. */
  readonly avoided: readonly ShadowExample[];
  readonly added: readonly ShadowExample[];
}

/**
 * Compares what is stored of a candidate and of the live version beside it.
 *
 * @throws {ServiceError} `STORE_FAILED`.
 */
export async function compareShadow(
  store: Pick<AnomalyStore, 'windows' | 'anomalies'>,
  query: ShadowQuery,
): Promise<ShadowComparison> {
  const { agent, current, candidate, ...span } = query;
  const judged = await windowsOf(store, { agent, ...span }, current);
  const beside = await windowsOf(store, { agent: shadowName(agent), ...span }, candidate);
  const comparison = compareJudgements(judged, beside);
  const { avoided = [], added = [] } = comparison?.episodes ?? {};
  return {
    comparison,
    isLimited: Math.max(judged.length, beside.length) === COMPARED_WINDOWS,
    avoided: await Promise.all(avoided.slice(-EXAMPLES).map((episode) => explained(store, agent, episode))),
    added: added.slice(-EXAMPLES).map((episode) => ({ ...episode, why: undefined })),
  };
}

/** In order of time; without those that were given up, of which nothing is known. */
async function windowsOf(
  store: Pick<AnomalyStore, 'windows'>,
  query: { readonly agent: string; readonly sinceMs: number; readonly untilMs: number },
  version: string,
): Promise<readonly JudgedWindow[]> {
  const pages: JudgedWindow[][] = []; // the newest first
  let room = COMPARED_WINDOWS;
  for await (const page of windowPages(store, query)) {
    const judged = page.filter(({ modelVersion, failure }) => modelVersion === version && failure === undefined);
    pages.push(judged.slice(-room).map(judgedWindowOf));
    room -= pages.at(-1)?.length ?? 0;
    if (room === 0) break;
    await othersTurn();
  }
  return pages.reverse().flat();
}

function judgedWindowOf({ deviceId, fromMs, toMs, score, surprise, anomalous }: StoredWindow): JudgedWindow {
  return { deviceId, fromMs, toMs, score, surprise, anomalous };
}

async function explained(
  store: Pick<AnomalyStore, 'anomalies'>,
  agent: string,
  episode: JudgedEpisode,
): Promise<ShadowExample> {
  const { deviceId, fromMs } = episode.worst;
  const found = await store.anomalies({
    agent,
    ...(deviceId !== null && { deviceId }),
    sinceMs: fromMs,
    untilMs: fromMs + 1,
  });
  return { ...episode, why: found.find((anomaly) => anomaly.deviceId === deviceId)?.why };
}
