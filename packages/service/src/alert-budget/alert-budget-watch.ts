/**
 * The alert budget watch compares once in a while the incidents of the last days with what the versions in use promised
 * when they were trained.
 */
import type { LoadedModel } from '@edgewood/models';
import { z } from 'zod';
import { type AnomalyStore, QUERY_LIMIT } from '../anomalies/anomaly-store.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { ServiceLog } from '../tell-events.ts';
import { BUDGET_SPAN_MS, type BudgetUse, budgetUse } from './budget-ratio.ts';

/** Above it the log is told. */
const WARNED_RATIO = 2;

/** An agent and the model that it judges by; undefined while there is none. */
export interface BudgetUser {
  readonly name: string;
  readonly model: () => Pick<LoadedModel, 'version' | 'metadata'> | undefined;
}

export interface AlertBudgetWatchOptions {
  readonly users: readonly BudgetUser[];
  readonly store: Pick<AnomalyStore, 'incidents' | 'progress' | 'setting' | 'setSetting'>;
  readonly metrics: Pick<Metrics, 'alertBudgetRatio'>;
  readonly log: ServiceLog;
}

/** Since when a version is in use, of event time; outlives a restart. */
const useSchema = z.object({ version: z.string(), sinceMs: z.number() });

export class AlertBudgetWatch {
  readonly #options: AlertBudgetWatchOptions;
  readonly #uses = new Map<string, BudgetUse>();
  readonly #warned = new Set<string>();

  constructor(options: AlertBudgetWatchOptions) {
    this.#options = options;
  }

  /** As of the last look; undefined of an agent whose version has no budget, or that has judged nothing yet. */
  useOf(agent: string): BudgetUse | undefined {
    return this.#uses.get(agent);
  }

  /**
   * Looks at all agents, by the time up to which each has come.
   *
   * @throws {ServiceError} `STORE_FAILED`.
   */
  async look(): Promise<void> {
    for (const user of this.#options.users) {
      const use = await this.#lookAt(user);
      if (use === undefined) this.#uses.delete(user.name);
      else this.#uses.set(user.name, use);
      this.#options.metrics.alertBudgetRatio(user.name, use?.ratio);
      this.#warn(user, use);
    }
  }

  async #lookAt({ name, model }: BudgetUser): Promise<BudgetUse | undefined> {
    const { store } = this.#options;
    const inUse = model();
    const budget = inUse?.metadata.alert_budget;
    const progress = await store.progress(name);
    if (inUse === undefined || budget === undefined || progress === undefined) return undefined;
    const untilMs = progress.cursorMs;
    const startMs = await this.#inUseSince(name, inUse.version, untilMs);
    const sinceMs = Math.max(startMs, untilMs - BUDGET_SPAN_MS);
    const opened = await store.incidents({ agent: name, sinceMs, untilMs, limit: QUERY_LIMIT.most });
    return budgetUse({
      incidents: opened.length,
      spanMs: untilMs - sinceMs,
      devices: progress.devices.length,
      perDeviceAndWeek: budget.per_device_and_week,
    });
  }

  /** Where the agent had come when this version was first seen, Unix milliseconds; never ahead of where it is. */
  async #inUseSince(agent: string, version: string, untilMs: number): Promise<number> {
    const { store } = this.#options;
    const setting = `agent ${agent} alert budget`;
    const before = useSchema.safeParse(await store.setting(setting)).data;
    if (before?.version === version && before.sinceMs <= untilMs) return before.sinceMs;
    await store.setSetting(setting, { version, sinceMs: untilMs });
    return untilMs;
  }

  /** Once, while it lasts. */
  #warn({ name, model }: BudgetUser, use: BudgetUse | undefined): void {
    if (use === undefined || use.ratio <= WARNED_RATIO) {
      this.#warned.delete(name);
      return;
    }
    if (this.#warned.has(name)) return;
    this.#warned.add(name);
    const version = model()?.version;
    this.#options.log.warn({ agent: name, version }, warningText(name, use));
  }
}

function warningText(agent: string, { incidents, allowed, ratio }: BudgetUse): string {
  const [most, times] = [allowed, ratio].map((value) => String(Number(value.toPrecision(2))));
  const found = `${agent}: ${incidents} incidents in a week or less, where its alert budget allows ${most}: ${times} times as many`;
  return `${found}; look at them, or train anew if they are no incidents`;
}
