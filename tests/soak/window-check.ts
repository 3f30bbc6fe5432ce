import assert from 'node:assert/strict';
import type { AnomalyStore, StoredWindow } from '../../packages/service/src/anomalies/anomaly-store.ts';
import { DEVICES, entriesOf, START_MS, WINDOW_MS, windowOf } from './generated-log.ts';

/** Most windows of one question: some hours of all devices. */
const LIMIT = 10_000;

/**
 * Compares an agent's windows with what the log holds, each once, as time goes on: every device, in order, with all of its
 * entries, also those that came late.
 */
export class WindowCheck {
  readonly #store: AnomalyStore;
  readonly #agent: string;
  readonly #programs: readonly string[] | 'all';
  #untilMs = START_MS;
  #windows = 0;

  /** @param programs whose entries the agent reads. */
  constructor(store: AnomalyStore, agent: string, programs: readonly string[] | 'all') {
    this.#store = store;
    this.#agent = agent;
    this.#programs = programs;
  }

  /** How many windows were compared. */
  get windows(): number {
    return this.#windows;
  }

  /** Compares what was not compared yet, up to a window's end. @throws {AssertionError} at the first that is wrong. */
  async checkUntil(untilMs: number): Promise<void> {
    if (untilMs <= this.#untilMs) return;
    const query = { agent: this.#agent, sinceMs: this.#untilMs, untilMs, limit: LIMIT };
    const found = (await this.#store.windows(query)).filter(({ deviceId }) => deviceId !== null).map(describe);
    const expected: string[] = [];
    for (let n = windowOf(this.#untilMs); n < windowOf(untilMs); n += 1) expected.push(...this.#expected(n));
    for (const [at, window] of expected.entries()) assert.equal(found[at], window, `of the ${this.#agent} agent`);
    assert.equal(found.length, expected.length, `windows of the ${this.#agent} agent`);
    this.#windows += found.length;
    this.#untilMs = untilMs;
  }

  #expected(n: number): string[] {
    const fromMs = START_MS + n * WINDOW_MS;
    const entries = entriesOf(n).map(({ entry }) => entry);
    return DEVICES.map((deviceId) => {
      const own = entries.filter((entry) => entry.deviceId === deviceId);
      const read = own.filter(({ program }) => this.#programs === 'all' || this.#programs.includes(program));
      return describe({ fromMs, deviceId, entries: read.length });
    });
  }
}

function describe({ fromMs, deviceId, entries }: Pick<StoredWindow, 'fromMs' | 'deviceId' | 'entries'>): string {
  return `${new Date(fromMs).toISOString()} device ${deviceId}: ${entries} entries`;
}
