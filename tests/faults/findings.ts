/** What a service has found, without what depends on when it was found, and how two of them differ. */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import {
  type AnomalyStore,
  QUERY_LIMIT,
  type StoredAnomaly,
} from '../../packages/service/src/anomalies/anomaly-store.ts';
import type { Incident } from '../../packages/service/src/anomalies/incident.ts';
import type { Review } from '../../packages/service/src/anomalies/review.ts';
import { WITHDRAWN_NOTE } from '../../packages/service/src/anomalies/slot-outcome.ts';

/** Findings by their place: agent, device and beginning. */
export type Found = ReadonlyMap<string, unknown>;

export interface Findings {
  readonly windows: Found;
  readonly anomalies: Found;
  readonly incidents: Found;
  /** Places that are there twice. */
  readonly doubled: readonly string[];
}

/** Windows that begin before `untilMs`, the anomalies in them and their incidents. */
export async function findingsIn(store: AnomalyStore, agents: readonly string[], untilMs: number): Promise<Findings> {
  const doubled: string[] = [];
  const byPlace = <Of extends Place>(all: readonly Of[], of: (one: Of) => unknown): Found => {
    const found = new Map<string, unknown>();
    for (const one of all) {
      const place = `${one.agent} ${one.deviceId} ${new Date(one.fromMs).toISOString()}`;
      if (found.has(place)) doubled.push(place);
      found.set(place, of(one));
    }
    return found;
  };
  const isWithin = ({ fromMs }: Place) => fromMs < untilMs;
  const anomalies = (await allOf((query) => store.anomalies(query))).filter(isWithin).filter(isStanding);
  const incidents = (await allOf((query) => store.incidents(query)))
    .filter(isWithin)
    .filter(({ anomalies: of }) => of > 0);
  const begins = new Map(incidents.map(({ id, fromMs }) => [id, fromMs]));
  const windows = await Promise.all(
    agents.map((agent) => store.windows({ agent, sinceMs: 0, untilMs, limit: 50_000, vectors: true })),
  );
  return {
    windows: byPlace(windows.flat(), ({ modelVersion: _, ...window }) => window),
    anomalies: byPlace(anomalies, (anomaly) => anomalyFound(anomaly, begins.get(anomaly.incidentId))),
    incidents: byPlace(incidents, incidentFound),
    doubled,
  };
}

interface Place {
  readonly agent: string;
  readonly deviceId: string | null;
  readonly fromMs: number;
}

/** Page after page, until there are no more. */
async function allOf<Of extends Place & { id: number }>(
  ask: (query: { limit: number; before?: { fromMs: number; id: number } }) => Promise<readonly Of[]>,
): Promise<Of[]> {
  const all: Of[] = [];
  for (;;) {
    const last = all.at(-1);
    const page = await ask({ limit: QUERY_LIMIT.most, ...(last !== undefined && { before: last }) });
    all.push(...page);
    if (page.length < QUERY_LIMIT.most) return all;
  }
}

function isStanding({ review }: StoredAnomaly): boolean {
  return review.note !== WITHDRAWN_NOTE;
}

/** How often late entries changed it, and by which of the versions that find the same it was found, is no difference. */
function anomalyFound(
  { id, incidentId, revision, detectedAtMs, modelVersion, review, ...found }: StoredAnomaly,
  incidentFromMs: number | undefined,
): unknown {
  assert.ok(id > 0 && incidentId > 0 && revision > 0 && detectedAtMs > 0);
  return { ...found, incidentFromMs, isByModel: modelVersion !== null, review: reviewFound(review) };
}

function incidentFound({ id, openedAtMs, updatedAtMs, modelVersion, review, ...found }: Incident): unknown {
  assert.ok(id > 0 && openedAtMs > 0 && updatedAtMs >= openedAtMs);
  return { ...found, isByModel: modelVersion !== null, review: reviewFound(review) };
}

function reviewFound({ atMs: _, ...review }: Review): unknown {
  return review;
}

/** What is missing, too much, or otherwise; empty if they are the same. */
export interface Differences {
  readonly lost: readonly string[];
  readonly added: readonly string[];
  readonly changed: readonly string[];
}

export function differencesOf(found: Found, expected: Found): Differences {
  return {
    lost: [...expected.keys()].filter((place) => !found.has(place)),
    added: [...found.keys()].filter((place) => !expected.has(place)),
    changed: [...found]
      .filter(([place, of]) => expected.has(place) && !isDeepStrictEqual(of, expected.get(place)))
      .map(([place, of]) => `${place}: ${JSON.stringify(of)} instead of ${JSON.stringify(expected.get(place))}`),
  };
}

/** Nothing lost, nothing doubled, nothing otherwise; and something there at all. */
export function assertSameFindings(found: Findings, expected: Findings, title: string): void {
  for (const kind of ['windows', 'anomalies', 'incidents'] as const) {
    assert.ok(expected[kind].size > 0, `${title}: no ${kind} to compare with`);
    const { lost, added, changed } = differencesOf(found[kind], expected[kind]);
    const counts = `${lost.length} lost, ${added.length} too many, ${changed.length} otherwise`;
    const examples = [...lost.slice(0, 3), ...added.slice(0, 3), ...changed.slice(0, 3)].join('\n');
    assert.ok(lost.length + added.length + changed.length === 0, `${title}, ${kind}: ${counts}:\n${examples}`);
  }
  assert.deepEqual(found.doubled, [], `${title}: there twice`);
}

/** Every change has its number, and all were told. Gives how many there are. */
export async function assertCompleteChanges(store: AnomalyStore, title: string): Promise<number> {
  let count = 0;
  for (;;) {
    const page = await store.changes(count, 1_000);
    for (const { seq } of page) {
      count += 1;
      assert.equal(seq, count, `${title}: change ${count} has another number`);
    }
    if (page.length === 0) break;
  }
  assert.equal(await store.announcedSeq(), count, `${title}: the last change was not told`);
  return count;
}
