/** The surprises of one device, slot after slot, before they are calibrated. */
import type { DeviceBaseline } from './baseline.ts';
import { DeviceHistory } from './device-history.ts';
import { Expectation, type HourParts } from './expectation.ts';
import { SCALES } from './scales.ts';
import { ALWAYS, type Signal } from './signal-names.ts';
import type { SlotCounts } from './slot-counts.ts';
import { HOUR_KINDS, MINUTES_PER_HOUR, MINUTES_PER_SLOT, SLOTS_PER_HOUR } from './slot-time.ts';
import { tailSurprise } from './tail-surprise.ts';

/** Too little of a signal can be a finding where so much is expected, and over so many minutes at least. */
const LOW = { expected: 2, minutes: 5 };
/** A silence is compared from so many minutes on. */
const SHORTEST_SILENCE_MINUTES = 3;
/** The surprise of a silence as long as the longest usual one. */
const SILENCE_UNIT = 3;
/** The scale under which a silence is told. */
const SILENCE_SCALE = 1;

/** What was never seen varies so much. */
const NEW_DISPERSION = 1;

/** Smaller surprises are not told: one slot in three has as much of something. */
const NOTICED = 0.5;

/** Is told of a surprise that is at least noticed. */
export type OnSurprise = (signal: number, scale: number, surprise: number, count: number, expected: number) => void;

export class DeviceSurprise {
  readonly #baseline: DeviceBaseline;
  readonly #history = new DeviceHistory();
  readonly #expectation: Expectation;
  /** Signals of which too little may be a finding at some hour. */
  readonly #watchedForLess: readonly number[];
  /** Minutes since 1970. */
  #lastEntryMinute: number | undefined;

  /**
   * @param signals those of the baseline.
   * @param newSignals there may be so many behind them, each expected so often in a minute.
   */
  constructor(baseline: DeviceBaseline, signals: readonly Signal[], newSignals = { count: 0, mean: 0 }) {
    this.#baseline = baseline;
    this.#expectation = new Expectation(baseline, this.#history, newSignals);
    const longest = SCALES[SCALES.length - 1].minutes;
    this.#watchedForLess = [...signals.keys()].filter((signal) => {
      const means = baseline.means.subarray(signal * HOUR_KINDS, (signal + 1) * HOUR_KINDS);
      return signals[signal].low && Math.max(...means) * longest > LOW.expected;
    });
  }

  /** Minutes from the last entry to the end of a slot; undefined before the first entry. */
  silentMinutes(slot: number): number | undefined {
    if (this.#lastEntryMinute === undefined) return undefined;
    return (slot + 1) * MINUTES_PER_SLOT - 1 - this.#lastEntryMinute;
  }

  /** Goes on to the slot. */
  add(counts: SlotCounts, parts: readonly HourParts[]): void {
    this.#history.add(counts);
    this.#expectation.advanceTo(counts.slot, parts);
    if (counts.lastMinute >= 0) this.#lastEntryMinute = counts.slot * MINUTES_PER_SLOT + counts.lastMinute;
  }

  /** Count and expectation of every signal and scale in the present slot, surprising or not. */
  forEach(visit: (signal: number, scale: number, count: number, usual: number) => void): void {
    const signals = this.#baseline.means.length / HOUR_KINDS;
    for (let signal = 0; signal < signals; signal += 1) {
      for (let scale = 0; scale < SCALES.length; scale += 1) {
        visit(signal, scale, this.#history.countOf(signal, scale), this.#expectation.usual(signal, scale));
      }
    }
  }

  /** Tells the surprises of the present slot. */
  surprises(slot: number, onSurprise: OnSurprise): void {
    for (const signal of this.#history.active) this.#above(signal, onSurprise);
    for (const signal of this.#watchedForLess) this.#below(signal, onSurprise);
    this.#silence(slot, onSurprise);
  }

  #above(signal: number, onSurprise: OnSurprise): void {
    for (let scale = 0; scale < SCALES.length; scale += 1) {
      const count = this.#history.countOf(signal, scale);
      if (count === 0 || this.#history.countOf(signal, SCALES[scale].goesOn) === 0) continue;
      const usual = this.#expectation.usual(signal, scale);
      if (count <= usual) continue;
      // What is no surprise against the usual is none against more, and most counts are none.
      const dispersion = this.#dispersion(signal, scale);
      if (tailSurprise(count, usual, dispersion) < NOTICED) continue;
      const expected = this.#expectation.upper(signal, scale, usual);
      const surprise = count > expected ? tailSurprise(count, expected, dispersion) : 0;
      if (surprise >= NOTICED) onSurprise(signal, scale, surprise, count, expected);
    }
  }

  #below(signal: number, onSurprise: OnSurprise): void {
    for (let scale = 0; scale < SCALES.length; scale += 1) {
      if (SCALES[scale].minutes < LOW.minutes || SCALES[scale].slots > this.#history.knownSlots) continue;
      const usual = this.#expectation.usual(signal, scale);
      const count = this.#history.countOf(signal, scale);
      if (usual <= LOW.expected || count >= usual) continue;
      const dispersion = this.#dispersion(signal, scale);
      if (tailSurprise(count, usual, dispersion) < NOTICED) continue;
      const expected = this.#expectation.lower(signal, scale, usual);
      const surprise = count < expected ? tailSurprise(count, expected, dispersion) : 0;
      if (surprise >= NOTICED) onSurprise(signal, scale, surprise, count, expected);
    }
  }

  #silence(slot: number, onSurprise: OnSurprise): void {
    const minutes = this.silentMinutes(slot) ?? 0;
    if (minutes <= SHORTEST_SILENCE_MINUTES) return;
    const usual = this.#baseline.longestSilences[Math.floor(slot / SLOTS_PER_HOUR) % 24];
    const surprise = (SILENCE_UNIT * minutes) / usual;
    onSurprise(ALWAYS.silence, SILENCE_SCALE, surprise, Math.min(minutes, 24 * MINUTES_PER_HOUR), usual);
  }

  #dispersion(signal: number, scale: number): number {
    return this.#baseline.dispersions[signal * SCALES.length + scale] ?? NEW_DISPERSION;
  }
}
