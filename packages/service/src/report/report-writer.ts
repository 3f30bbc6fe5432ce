/**
 * The report writer keeps the report in the model directory, for deployers that reach nothing else. It writes one after the
 * other; what happens meanwhile is in the next.
 */
import { ModelError, type ModelFiles, SERVICE_REPORT_FILE, type ServiceReport } from '@edgewood/models';
import type { Clock } from '../clock.ts';
import type { ServiceEvents } from '../events.ts';
import type { ServiceLog } from '../tell-events.ts';
import { isReportDue, type ReportOccasion } from './report-policy.ts';

export interface ReportWriterOptions {
  readonly files: ModelFiles;
  readonly events: ServiceEvents;
  readonly log: ServiceLog;
  /** One that is not set meanwhile. */
  readonly clock: Clock;
  readonly make: () => Promise<ServiceReport>;
  /** Whether somebody deploys a version of any of the models. */
  readonly isDeploying: () => boolean;
}

export class ReportWriter {
  readonly #options: ReportWriterOptions;
  readonly #endings: (() => void)[] = [];
  #lastMs: number | undefined;
  #writing: Promise<void> | undefined;
  #isDue = false;
  /** Why it could not be written, as it was said. */
  #said: string | undefined;

  constructor(options: ReportWriterOptions) {
    this.#options = options;
  }

  /** Writes the first report and then whenever one is due; nobody waits for it, and no failure does any harm. */
  start(): void {
    const { events } = this.#options;
    this.#endings.push(
      events.on('model:loaded', () => this.#heed('change')),
      events.on('model:rejected', ({ again }) => this.#heed(again ? 'routine' : 'change')),
      events.on('deployment:seen', () => this.#heed('change')),
      events.on('cycle:finished', () => this.#heed('routine')),
      events.on('cycle:failed', () => this.#heed('routine')),
    );
    this.#heed('change');
  }

  /** Ends when what is being written has been; writes no last one. May be called twice, and before `start`. */
  async stop(): Promise<void> {
    for (const end of this.#endings.splice(0)) end();
    this.#isDue = false;
    await this.#writing;
  }

  #heed(occasion: ReportOccasion): void {
    const { clock, isDeploying } = this.#options;
    const sinceLastMs = this.#lastMs === undefined ? undefined : clock.nowMs() - this.#lastMs;
    if (!isReportDue(occasion, { isDeploying: isDeploying(), sinceLastMs })) return;
    this.#lastMs = clock.nowMs();
    this.#isDue = true;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#isDue) {
      this.#isDue = false;
      await this.#write();
    }
  }

  async #write(): Promise<void> {
    const { files, make, log } = this.#options;
    try {
      const report = `${JSON.stringify(await make(), null, 2)}\n`;
      await files.replaceFile(SERVICE_REPORT_FILE, new TextEncoder().encode(report), false);
      this.#said = undefined;
    } catch (error) {
      if (!(error instanceof ModelError)) log.error({ err: error }, 'cannot make the report: a mistake of ours');
      else if (this.#said !== error.message) log.info({}, `the report for deployers is not there: ${error.message}`);
      this.#said = (error as Error).message;
    }
  }
}
