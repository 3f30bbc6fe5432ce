import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalModelFiles } from '@edgewood/models';
import type { ServiceProcess } from '../../packages/service/src/testing/service-process.ts';
import { addVersions, WINDOW_MS } from './access-points.ts';
import { type Findings, findingsIn } from './findings.ts';
import type { StreamReport } from './row-stream.ts';
import { AGENTS, hasAnalysed, type ServiceSetting, untilHealth, WatchedService } from './watched-service.ts';

/** A backlog is caught up within so long, in milliseconds, also on a machine that is busy. */
const FINISH_LIMIT_MS = 600_000;

/** Where faults are tried: a folder with models, and the services in it. `end` removes all of it. */
export class FaultBench {
  readonly folder = mkdtempSync(join(tmpdir(), 'edgewood-faults-'));
  readonly models = join(this.folder, 'models');
  readonly files = new LocalModelFiles(this.models);
  readonly #databaseUrl: string;
  readonly #services: WatchedService[] = [];

  /** @param databaseUrl of the log entries. */
  constructor(databaseUrl: string) {
    this.#databaseUrl = databaseUrl;
    mkdirSync(this.models);
  }

  /** Saves models that all find the same; see {@link addVersions}. */
  addVersions(versions: number) {
    return addVersions(this.files, versions);
  }

  service(name: string, setting: Partial<ServiceSetting> = {}): WatchedService {
    const folder = join(this.folder, name);
    const compiled = join(this.folder, 'compiled');
    const places = { folder, compiled, models: this.models, databaseUrl: this.#databaseUrl };
    const service = new WatchedService({ ...places, ...setting });
    this.#services.push(service);
    return service;
  }

  /** What a service finds that nothing disturbs: a replay of the span in one go. */
  async undisturbed(fromMs: number, toMs: number, name = 'undisturbed'): Promise<Findings> {
    const service = this.service(name);
    const replay = service.start(String(fromMs), String(toMs), 'exit');
    await replay.line(/^replay finished/);
    await replay.ended;
    return service.withStore((store) => findingsIn(store, AGENTS, toMs));
  }

  async end(): Promise<void> {
    await Promise.all(this.#services.map((service) => service.end()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The beginning of a window that is not over yet. */
export function nextWindowMs(): number {
  return Math.ceil(Date.now() / WINDOW_MS) * WINDOW_MS;
}

/** Lets a process work until it has seen all that a stream has written, the late rows too, and stops it. */
export async function finish(last: ServiceProcess, { toMs, writtenAtMs }: StreamReport): Promise<void> {
  // The cycle that looked for late rows after the last of them began two windows later at the latest.
  await untilHealth(last, hasAnalysed(Math.max(toMs, writtenAtMs) + 3 * WINDOW_MS), FINISH_LIMIT_MS);
  last.signal('SIGTERM');
  await last.ended;
}
