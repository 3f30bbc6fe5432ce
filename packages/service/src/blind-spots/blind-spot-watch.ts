/**
 * The blind-spot watch reads, once in a while, what all programs have logged since it looked last, and tells what agents
 * cannot see in it. Two surveys run, begun a day apart, and the older one tells: so it always has seen a day or more, what a
 * device logs since somebody changed its level shows at the next look, and what it logs no longer is forgotten in two days.
 */
import { setImmediate } from 'node:timers/promises';
import { type LogEntry, LogError, type LogSource } from '@edgewood/logs';
import type { Metrics } from '../metrics/metrics.ts';
import { type LogReader, LogSurvey, type SurveyReport } from './log-survey.ts';

const DAY_MS = 86_400_000;
/** A look ends after so long or so many entries, give or take a chunk; the next one goes on from there. */
export const LOOK_LIMITS = { readMs: 20_000, entries: 500_000 };

export interface BlindSpotReport {
  /** When it was looked at last, Unix milliseconds. */
  readonly atMs: number;
  /** The entries from here, inclusive, Unix milliseconds, … */
  readonly fromMs: number;
  /** … up to here, exclusive. */
  readonly toMs: number;
  /** Why the last look did not come to its end; undefined if it did, or ended at a limit. */
  readonly problem: string | undefined;
  readonly survey: SurveyReport;
}

export interface BlindSpotWatchOptions {
  /** Asked at the beginning of each survey. */
  readonly readers: () => readonly LogReader[];
  readonly source: Pick<LogSource, 'read'>;
  readonly metrics: Pick<Metrics, 'unknownMessages'>;
  /** Time of the analysis. */
  readonly nowMs: () => number;
  readonly limits?: typeof LOOK_LIMITS;
}

export class BlindSpotWatch {
  readonly #options: BlindSpotWatchOptions;
  readonly #limits: typeof LOOK_LIMITS;
  /** What was logged before is not counted in the metrics: a service before this one did. */
  readonly #startedMs: number;
  /** The older first. */
  #surveys: readonly { readonly fromMs: number; readonly survey: LogSurvey }[] = [];
  #readUntilMs = Number.NEGATIVE_INFINITY;
  #lookedAtMs: number | undefined;
  #problem: string | undefined;
  #look: Promise<void> | undefined;

  constructor(options: BlindSpotWatchOptions) {
    this.#options = options;
    this.#limits = options.limits ?? LOOK_LIMITS;
    this.#startedMs = options.nowMs();
  }

  /** As of the last look; looks if there was none. */
  async report(): Promise<BlindSpotReport> {
    if (this.#lookedAtMs === undefined) await this.look(new AbortController().signal);
    const { fromMs, survey } = this.#surveys[0] ?? this.#newSurvey(this.#readUntilMs);
    const toMs = Math.max(fromMs, this.#readUntilMs);
    return { atMs: this.#lookedAtMs ?? toMs, fromMs, toMs, problem: this.#problem, survey: survey.report() };
  }

  /**
   * Reads on, a day at most; of those who ask meanwhile, all get the same look. A source that fails is told in the report.
   *
   * @param signal ends it.
   */
  look(signal: AbortSignal): Promise<void> {
    this.#look ??= this.#readOn(signal).finally(() => {
      this.#look = undefined;
    });
    return this.#look;
  }

  async #readOn(signal: AbortSignal): Promise<void> {
    const toMs = this.#options.nowMs();
    // A clock that was ahead may have been set back.
    const fromMs = Math.min(toMs, Math.max(this.#readUntilMs, toMs - DAY_MS));
    this.#readUntilMs = fromMs;
    this.#beginSurvey(fromMs);
    this.#problem = undefined;
    const newest = this.#surveys.at(-1)?.survey;
    const before = newest?.unknownCounts();
    try {
      await this.#read(fromMs, toMs, signal);
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      if (!signal.aborted) this.#problem = error.message;
    } finally {
      this.#lookedAtMs = toMs;
    }
    for (const [agent, count] of newest?.unknownCounts() ?? []) {
      const isNew = fromMs >= this.#startedMs;
      this.#options.metrics.unknownMessages(agent, isNew ? count - (before?.get(agent) ?? 0) : 0);
    }
  }

  #beginSurvey(fromMs: number): void {
    const newest = this.#surveys.at(-1);
    if (newest !== undefined && Math.abs(fromMs - newest.fromMs) < DAY_MS) return;
    this.#surveys = [...this.#surveys.slice(-1), this.#newSurvey(fromMs)];
  }

  #newSurvey(fromMs: number) {
    return { fromMs, survey: new LogSurvey(this.#options.readers()) };
  }

  async #read(fromMs: number, toMs: number, stop: AbortSignal): Promise<void> {
    const limit = AbortSignal.timeout(this.#limits.readMs);
    let count = 0;
    try {
      const query = { span: { fromMs, toMs }, programs: 'all' as const };
      for await (const chunk of this.#options.source.read(query, AbortSignal.any([stop, limit]))) {
        this.#take(chunk);
        count += chunk.length;
        if (count >= this.#limits.entries) return;
        await setImmediate(); // others want to be answered
      }
      this.#readUntilMs = toMs;
    } catch (error) {
      if (!limit.aborted || stop.aborted) throw error;
    }
  }

  #take(entries: readonly LogEntry[]): void {
    for (const { survey } of this.#surveys) survey.add(entries);
    this.#readUntilMs = (entries.at(-1)?.timeMs ?? this.#readUntilMs) + 1;
  }
}
