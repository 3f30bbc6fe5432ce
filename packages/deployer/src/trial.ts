import type { AgentName, ModelMetadata, ModelReport, ModelVersion, ServiceReport } from '@edgewood/models';
import type { DeployClock } from './clock.ts';
import { DeployError } from './errors.ts';
import { judgeTrial, type TrialJudgement } from './judge-trial.ts';
import type { ServiceView } from './service-view.ts';

/** How often the service is looked at, in milliseconds. */
const POLL_MS = 2_000;
/** Window length where the metadata tells none, in milliseconds. */
const USUAL_WINDOW_MS = 300_000;

/** How long a version is on trial. */
export interface TrialSettings {
  /** So many cycles are watched; 0: none, and that the service takes the version up is no condition. */
  readonly watchCycles: number;
  /** So long the service may need to take the version up, and so much longer than two windows a cycle may take. */
  readonly waitMs: number;
}

/** A version that is live, and who looks at it. */
export interface Trial {
  readonly agent: AgentName;
  readonly version: ModelVersion;
  readonly metadata: ModelMetadata;
  readonly view: ServiceView;
  /** What was told of the agents that use this model, before it was live. */
  readonly before: readonly ModelReport[];
  readonly settings: TrialSettings;
  readonly clock: DeployClock;
  /** Called at every look; what it throws ends the trial. */
  readonly checkpoint: () => void;
  readonly signal: AbortSignal | undefined;
  /** Is told when the version is in use, and of what is still waited for. */
  readonly onChange: (isTakenUp: boolean, note: string) => void;
}

/**
 * Watches a version on trial to its end.
 *
 * @returns why it is well, in a sentence with the numbers.
 * @throws {DeployError} `VERSION_REFUSED`, `TRIAL_FAILED` with the reason; `NOT_TAKEN_UP` if the service tells too little
 *   for too long.
 */
export async function watchTrial(trial: Trial): Promise<string> {
  const { clock, settings, view, metadata } = trial;
  const patience = new Patience(clock, settings.waitMs);
  const cycleMs = 2 * (metadata.window_seconds === undefined ? USUAL_WINDOW_MS : metadata.window_seconds * 1000);
  const taken = new Set<string>();
  for (let told = ''; ; ) {
    trial.checkpoint();
    const seen = await view.report();
    const judged = judgeSeen(trial, seen, taken);
    if (judged.kind === 'commit') return judged.note;
    if (judged.kind === 'roll-back') throw new DeployError(judged.code, judged.reason);
    if (judged.note !== told) {
      trial.onChange(judged.isTakenUp, judged.note);
      if (judged.isTakenUp) patience.renew(cycleMs + settings.waitMs); // a cycle more
    }
    told = judged.note;
    if (patience.isOver()) return endOfPatience(trial, patience, judged);
    await clock.sleep(POLL_MS, trial.signal);
  }
}

/** Without watching, what cannot be seen is no reason against a version. */
function endOfPatience(
  { settings, version }: Trial,
  { limitMs }: Patience,
  { note }: TrialJudgement & { note: string },
) {
  const waited = `${Math.round(limitMs / 1000)} s`;
  if (settings.watchCycles === 0) return `not seen in use within ${waited}: ${note}`;
  throw new DeployError(
    'NOT_TAKEN_UP',
    `the service told too little of ${version} within ${waited}: ${note}; without watching (--no-watch) this is no condition`,
  );
}

/** Of all agents that use the model: one against it is enough, and all must be well. */
function judgeSeen(trial: Trial, seen: Awaited<ReturnType<ServiceView['report']>>, taken: Set<string>): TrialJudgement {
  if (typeof seen === 'string') return { kind: 'wait', isTakenUp: false, note: seen };
  if (!seen.isFresh) return { kind: 'wait', isTakenUp: taken.size > 0, note: `${seen.by} is as it was before` };
  const reports = reportsOf(seen.report, trial.agent);
  if (reports.length === 0) return { kind: 'wait', isTakenUp: false, note: unusedText(seen.report, trial.agent) };
  const { version, metadata, settings } = trial;
  const judged = reports.map((now) => {
    const before = trial.before.find(({ agent }) => agent === now.agent);
    const wasTakenUp = taken.has(now.agent);
    if (now.version === version && now.problem === null) taken.add(now.agent);
    return judgeTrial({ version, metadata, before, now, wasTakenUp, watchCycles: settings.watchCycles });
  });
  return worstOf(judged);
}

function worstOf(judged: readonly TrialJudgement[]): TrialJudgement {
  const against = judged.find(({ kind }) => kind === 'roll-back');
  if (against !== undefined) return against;
  const waits = judged.filter((one) => one.kind === 'wait');
  if (waits.length > 0) {
    const isTakenUp = waits.every((one) => one.isTakenUp);
    return { kind: 'wait', isTakenUp, note: waits.map(({ note }) => note).join('; ') };
  }
  return { kind: 'commit', note: judged.flatMap((one) => (one.kind === 'commit' ? [one.note] : [])).join('; ') };
}

/** What a service tells of the agents that use a model. */
export function reportsOf({ models }: ServiceReport, model: AgentName): readonly ModelReport[] {
  return models.filter((report) => report.model === model);
}

function unusedText({ models }: ServiceReport, model: AgentName): string {
  const used = [...new Set(models.map((report) => report.model))].join(', ') || 'none';
  return `no agent of the service uses models of ${model}; they use: ${used}`;
}

/** How long nothing new may be told. */
class Patience {
  readonly #clock: DeployClock;
  #sinceMs: number;
  #limitMs: number;

  constructor(clock: DeployClock, limitMs: number) {
    this.#clock = clock;
    this.#sinceMs = clock.countedMs();
    this.#limitMs = limitMs;
  }

  get limitMs(): number {
    return this.#limitMs;
  }

  renew(limitMs: number): void {
    this.#sinceMs = this.#clock.countedMs();
    this.#limitMs = limitMs;
  }

  isOver(): boolean {
    return this.#clock.countedMs() - this.#sinceMs >= this.#limitMs;
  }
}
