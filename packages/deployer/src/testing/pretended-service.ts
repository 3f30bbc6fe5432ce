import type { ModelFiles, ModelReport, ServiceReport } from '@edgewood/models';
import { activeModelLink, parseAgentName, parseFileName } from '@edgewood/models';
import type { CheckAnswer, SeenReport, ServiceView } from '../service-view.ts';

const WIFI = parseAgentName('wifi');

/** A service beside a directory, seen at the port: it uses what is live at once, and ends a cycle between two looks. */
export class PretendedService implements ServiceView {
  readonly #files: ModelFiles;
  /** What differs from a service that is well, once it uses the version of that name. */
  behaviour: (version: string | null, report: ModelReport) => ModelReport | string = (_, report) => report;
  trustedKeys: readonly string[] = [];
  answer: CheckAnswer | string = { accepted: true, problem: null };
  #used: string | null = null;
  #cycles = 0;

  constructor(files: ModelFiles) {
    this.#files = files;
  }

  async report(): Promise<SeenReport | string> {
    const target = (await this.#files.identify(activeModelLink(WIFI)))?.target ?? '';
    const version = parseFileName(target)?.version ?? null;
    this.#cycles = version === this.#used ? this.#cycles + 1 : 0;
    this.#used = version;
    const model = this.behaviour(version, reportOf({ version, cycles: this.#cycles, windows: this.#cycles * 3 }));
    if (typeof model === 'string') return model;
    return { report: serviceReport([model], this.trustedKeys), isFresh: true, by: 'the service' };
  }

  async check(): Promise<CheckAnswer | string> {
    return this.answer;
  }
}

/** What the agent wifi tells of a version that is well. */
export function reportOf(
  of: { readonly version: string | null; readonly problem?: string | null } & Partial<ModelReport['since_loaded']>,
): ModelReport {
  const { version, problem = null, ...since } = of;
  const scores = { p05: -0.6, p25: -0.5, p50: -0.45, p75: -0.42, p95: -0.4 };
  return {
    agent: 'wifi',
    model: 'wifi',
    version,
    problem,
    since_loaded: { cycles: 0, failed_cycles: 0, last_error: null, windows: 0, anomalies: 0, scores, ...since },
  };
}

/** A service's whole report. */
export function serviceReport(models: readonly ModelReport[], trustedKeys: readonly string[] = []): ServiceReport {
  return {
    schema_version: 1,
    service_version: '0.1.0',
    started_at: '2025-06-08T00:00:00.000Z',
    written_at: '2025-06-08T00:00:00.000Z',
    sequence: 1,
    trusted_keys: [...trustedKeys],
    models: [...models],
  };
}
