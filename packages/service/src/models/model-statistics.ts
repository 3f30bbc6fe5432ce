/**
 * What a model version has done since it was loaded, in bounded memory. It is counted from what is told anyway, so that
 * neither the runner nor the model manager knows of it.
 */
import type { ModelReport } from '@edgewood/models';
import type { ServiceEventMap, ServiceEvents } from '../events.ts';
import { ScoreHistogram } from './score-histogram.ts';

/** As it stands in a service's report. */
export type SinceLoaded = ModelReport['since_loaded'];

interface Counts {
  cycles: number;
  failedCycles: number;
  anomalies: number;
  lastError: string | null;
  readonly scores: ScoreHistogram;
}

function noCounts(): Counts {
  return { cycles: 0, failedCycles: 0, anomalies: 0, lastError: null, scores: new ScoreHistogram() };
}

/** The statistics of one agent's model in use. */
export class ModelStatistics {
  #version: string | undefined;
  #counts = noCounts();
  /** Windows that end until then were counted, or another version judged them first; Unix milliseconds. */
  #countedUntilMs = Number.NEGATIVE_INFINITY;
  /** Which version judged the newest slot of the cycle under way; undefined if nothing says. */
  #judgedBy: string | undefined;

  /** A version is in use from now on; if it is another one, everything is counted anew. */
  loaded(version: string): void {
    if (version !== this.#version) this.#counts = noCounts();
    this.#version = version;
  }

  /** A slot was stored. Windows that were judged before, because entries came late, say, are not counted again. */
  analysed({ toMs, judged }: Pick<ServiceEventMap['slot:analysed'], 'toMs' | 'judged'>): void {
    this.#judgedBy = judged.find(({ modelVersion }) => modelVersion !== null)?.modelVersion ?? undefined;
    if (toMs <= this.#countedUntilMs) return;
    this.#countedUntilMs = toMs;
    for (const { score, decision, modelVersion } of judged) {
      if (score === null || modelVersion !== this.#version) continue; // a model that was taken up before judged it
      this.#counts.scores.add(score);
      if (decision !== null && decision < 0) this.#counts.anomalies += 1;
    }
  }

  /** One that another version judged is not this version's. */
  cycleFinished(): void {
    const isOurs = this.#judgedBy === undefined || this.#judgedBy === this.#version;
    this.#judgedBy = undefined;
    if (!isOurs) return;
    this.#counts.cycles += 1;
    this.#counts.lastError = null;
  }

  cycleFailed({ message }: Error): void {
    this.#judgedBy = undefined;
    this.#counts.failedCycles += 1;
    this.#counts.lastError = message;
  }

  /**
   * The clock had been ahead: windows were judged before their time and come again, so all is counted anew.
   *
   * @param toMs where the analysis goes on, Unix milliseconds.
   */
  rewound(toMs: number): void {
    this.#counts = noCounts();
    this.#countedUntilMs = toMs;
  }

  get sinceLoaded(): SinceLoaded {
    const { cycles, failedCycles, anomalies, lastError, scores } = this.#counts;
    return {
      cycles,
      failed_cycles: failedCycles,
      last_error: lastError,
      windows: scores.total,
      anomalies,
      scores: quantilesOf(scores),
    };
  }
}

function quantilesOf(scores: ScoreHistogram): SinceLoaded['scores'] {
  const at = (share: number) => scores.quantile(share) ?? Number.NaN;
  if (scores.total === 0) return null;
  return { p05: at(0.05), p25: at(0.25), p50: at(0.5), p75: at(0.75), p95: at(0.95) };
}

/**
 * Counts what is told of agents.
 *
 * @param statistics by the agent's name; others are not heeded.
 * @returns what ends it.
 */
export function countForReport(events: ServiceEvents, statistics: ReadonlyMap<string, ModelStatistics>): () => void {
  const endings = [
    events.on('model:loaded', ({ agent, version }) => statistics.get(agent)?.loaded(version)),
    events.on('slot:analysed', (slot) => statistics.get(slot.agent)?.analysed(slot)),
    events.on('cycle:finished', ({ agent }) => statistics.get(agent)?.cycleFinished()),
    events.on('cycle:failed', ({ agent, error }) => statistics.get(agent)?.cycleFailed(error)),
    events.on('cursor:rewound', ({ agent, toMs }) => statistics.get(agent)?.rewound(toMs)),
  ];
  return () => {
    for (const end of endings) end();
  };
}
