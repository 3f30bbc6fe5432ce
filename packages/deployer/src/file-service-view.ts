import {
  hasFile,
  MAX_REPORT_BYTES,
  ModelError,
  type ModelFiles,
  parseServiceReport,
  SERVICE_REPORT_FILE,
} from '@edgewood/models';
import type { CheckAnswer, SeenReport, ServiceView } from './service-view.ts';

/**
 * The report that the service leaves in the model directory. A service that is gone leaves its last one there: only one
 * that has changed since it was first read is fresh.
 */
export class FileServiceView implements ServiceView {
  readonly #files: ModelFiles;
  #first: string | undefined;

  constructor(files: ModelFiles) {
    this.#files = files;
  }

  async report(): Promise<SeenReport | string> {
    const where = `${SERVICE_REPORT_FILE} in ${this.#files.location}`;
    try {
      if (!(await hasFile(this.#files, SERVICE_REPORT_FILE))) {
        this.#first ??= '';
        return `there is no ${where}`;
      }
      const bytes = await this.#files.read(SERVICE_REPORT_FILE, MAX_REPORT_BYTES);
      const report = parseServiceReport(new TextDecoder().decode(bytes), where);
      const key = JSON.stringify([report.started_at, report.sequence, report.written_at]);
      this.#first ??= key;
      return { report, isFresh: key !== this.#first, by: SERVICE_REPORT_FILE };
    } catch (error) {
      if (error instanceof ModelError) return error.message;
      throw error;
    }
  }

  async check(): Promise<CheckAnswer | string> {
    return 'a file cannot be asked';
  }
}
