/**
 * The machine's clock, believed with care. A Raspberry Pi has no battery for its clock: it boots in the past and jumps when
 * it hears of the time, and a broken time server can make any machine jump for a while.
 *
 * The wall clock is compared with one that only counts on. Where they part by more than a little, the time before is carried
 * on, since a clock that jumped often jumps back. Where the jump has stayed for long enough, it is believed.
 */
import type { Clock } from './clock.ts';
import { nap } from './clock.ts';

/** Small steps are followed at once: this much in milliseconds, in either direction. */
const STEP_MS = 60_000;
/** Default of `settleMs`: ten minutes. */
const SETTLE_MS = 600_000;
/** Longest single timer, in milliseconds: a clock that was set is noticed after this at the latest. */
const LONGEST_NAP_MS = 30_000;

/** Two clocks: one can be set, one only counts on. */
export interface TimeSources {
  /** Unix milliseconds UTC. */
  wallMs(): number;
  /** Milliseconds since some moment. */
  monotonicMs(): number;
}

export interface SteadyClockOptions {
  /** Default: the machine's. */
  readonly sources?: TimeSources;
  /** Is told of a jump when it is first seen (`held`), and when it is believed. */
  readonly onJump?: (jump: { readonly byMs: number; readonly held: boolean }) => void;
  /** How long a jump is not believed, in milliseconds. */
  readonly settleMs?: number;
  /** Waits for so long by the clock that only counts on, or until the signal is aborted. Default: the machine's timers. */
  readonly nap?: typeof nap;
}

/** A jump that is not believed yet. */
interface HeldJump {
  readonly byMs: number;
  readonly sinceTickMs: number;
}

export class SteadyClock implements Clock {
  readonly #sources: TimeSources;
  readonly #onJump: NonNullable<SteadyClockOptions['onJump']>;
  readonly #settleMs: number;
  readonly #nap: typeof nap;
  #believed: { readonly timeMs: number; readonly tickMs: number } | undefined;
  #held: HeldJump | undefined;

  constructor(options: SteadyClockOptions = {}) {
    this.#sources = options.sources ?? { wallMs: () => Date.now(), monotonicMs: () => performance.now() };
    this.#onJump = options.onJump ?? (() => {});
    this.#settleMs = options.settleMs ?? SETTLE_MS;
    this.#nap = options.nap ?? nap;
  }

  /** By how much the clock jumped, in milliseconds, if that is not believed yet. */
  get heldJumpMs(): number | undefined {
    return this.#held?.byMs;
  }

  nowMs(): number {
    const wallMs = this.#sources.wallMs();
    const tickMs = this.#sources.monotonicMs();
    if (this.#believed === undefined) return this.#believe(wallMs, tickMs);
    const carriedMs = Math.round(this.#believed.timeMs + tickMs - this.#believed.tickMs);
    const byMs = wallMs - carriedMs;
    if (Math.abs(byMs) <= STEP_MS) return this.#believe(wallMs, tickMs);
    if (this.#held === undefined || Math.abs(this.#held.byMs - byMs) > STEP_MS) {
      this.#held = { byMs, sinceTickMs: tickMs };
      this.#onJump({ byMs, held: true });
    } else if (tickMs - this.#held.sinceTickMs >= this.#settleMs) {
      this.#believe(wallMs, tickMs);
      this.#onJump({ byMs, held: false });
      return wallMs;
    }
    return carriedMs;
  }

  async sleepUntil(untilMs: number, signal: AbortSignal): Promise<void> {
    let latestMs = this.nowMs();
    while (!signal.aborted) {
      const nowMs = this.nowMs();
      if (nowMs >= untilMs || nowMs < latestMs - STEP_MS) return;
      latestMs = Math.max(latestMs, nowMs);
      await this.#nap(Math.min(untilMs - nowMs, LONGEST_NAP_MS), signal);
    }
  }

  #believe(timeMs: number, tickMs: number): number {
    this.#believed = { timeMs, tickMs };
    this.#held = undefined;
    return timeMs;
  }
}
