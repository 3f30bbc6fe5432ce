/** A machine at the edge: a running service whose model directory lies behind an sshd, and somebody who asks it all the time. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatTargetAddress } from '@edgewood/deployer';
import { activeVersion, LocalModelFiles } from '@edgewood/models';
import { ServiceProcess } from '../../packages/service/src/testing/service-process.ts';
import { isUnderWay, WIFI } from './deploy-bench.ts';
import type { SshdDirectory } from './sshd-server.ts';

const SERVE = join(import.meta.dirname, 'serve-privately.ts');
const ASK_EVERY_MS = 100;
/** It must be as it should within so long, in milliseconds, also on a machine that is busy. */
const LIMIT_MS = 60_000;

export interface EdgeDeviceSetting {
  /** Of its own; it is made. */
  readonly folder: string;
  readonly directory: SshdDirectory;
  /** Of the log entries. */
  readonly databaseUrl: string;
  /** Public key that models must be signed by. */
  readonly trustedKey: string;
  /** Whether the deployer is told where the service answers over HTTP. */
  readonly hasApi: boolean;
}

/** What somebody found who asks for the models again and again. */
export interface Watching {
  readonly answers: number;
  /** Answers without a model in use, and requests that failed. */
  readonly without: readonly string[];
  /** Versions in use, one after the other. */
  readonly versions: readonly string[];
}

interface ModelsAnswer {
  readonly agents: readonly { readonly agent: string; readonly in_use: { readonly version: string } | null }[];
}

export class EdgeDevice {
  /** For `--config`: it names the target `edge-7`. */
  readonly config: string;
  readonly path: string;
  readonly #service: ServiceProcess;
  readonly #address: string;

  private constructor(config: string, path: string, service: ServiceProcess, address: string) {
    this.config = config;
    this.path = path;
    this.#service = service;
    this.#address = address;
  }

  /** Starts the service by the public command. Whoever starts it stops it. */
  static async start(setting: EdgeDeviceSetting): Promise<EdgeDevice> {
    const { folder, directory, databaseUrl, hasApi } = setting;
    mkdirSync(folder);
    const own = join(folder, 'service.yaml');
    writeFileSync(own, serviceConfig(setting));
    const env = { ...process.env, DATABASE_URL: databaseUrl };
    const service = ServiceProcess.start(['serve', '--config', own], env, SERVE);
    const address = String((await service.line(/^listening on/)).address);
    const config = join(folder, 'edgewood.yaml');
    const target = { name: 'edge-7', to: formatTargetAddress(directory.address), ...(hasApi ? { api: address } : {}) };
    writeFileSync(config, JSON.stringify({ deploy: { targets: [target] } }));
    return new EdgeDevice(config, directory.path, service, address);
  }

  async stop(): Promise<void> {
    await this.#service.kill();
  }

  /** The version that the active link names. */
  live(): Promise<string> {
    return activeVersion(new LocalModelFiles(this.path), WIFI);
  }

  /** What the service judges by now; null without a model. */
  async inUse(): Promise<string | null> {
    const answer = await fetch(new URL('/api/models', this.#address), { headers: { connection: 'close' } });
    if (!answer.ok) throw new Error(`/api/models answers ${answer.status}`);
    const { agents } = (await answer.json()) as ModelsAnswer;
    return agents.find(({ agent }) => agent === 'wifi')?.in_use?.version ?? null;
  }

  /** Waits until the service judges by a version. */
  untilInUse(version: string): Promise<void> {
    return until(`the service uses ${version}`, async () => (await this.inUse()) === version);
  }

  /** Waits until no deployment is written down as under way. */
  untilIdle(): Promise<void> {
    return until('no deployment is under way', async () => !isUnderWay(this));
  }

  /** Waits for a line of the service's log. */
  async untilSaid(pattern: RegExp): Promise<void> {
    await this.#service.line(pattern);
  }

  /** Asks for the models again and again until it is stopped, and then once more: what is last is as of now. */
  startAsking(): { stop(): Promise<Watching> } {
    const found = { answers: 0, without: [] as string[], versions: [] as string[] };
    let isOver = false;
    const asking = (async () => {
      for (let isLast = false; !isLast; ) {
        isLast = isOver;
        const version = await this.inUse().catch((error: Error) => error);
        found.answers += 1;
        if (typeof version !== 'string') found.without.push(version === null ? 'no model' : version.message);
        else if (found.versions.at(-1) !== version) found.versions.push(version);
        await sleep(ASK_EVERY_MS);
      }
    })();
    return {
      stop: async () => {
        isOver = true;
        await asking;
        return found;
      },
    };
  }
}

async function until(words: string, isSo: () => Promise<boolean>): Promise<void> {
  const giveUpMs = performance.now() + LIMIT_MS;
  while (!(await isSo())) {
    if (performance.now() > giveUpMs) throw new Error(`after ${LIMIT_MS / 1000} s it is still not so that ${words}`);
    await sleep(ASK_EVERY_MS);
  }
}

/** JSON is YAML. */
function serviceConfig({ folder, directory, trustedKey }: EdgeDeviceSetting): string {
  return JSON.stringify({
    models: { directory: directory.path, poll_interval: 0.1, trusted_keys: [trustedKey] },
    store: { file: join(folder, 'found.sqlite') },
    http: { port: 0, requests_per_minute: 1_000_000 },
    resources: { max_cpu: '100%', max_memory: '100%' },
    agents: [{ name: 'wifi', grace: 1, quiet: 2, time_limit: '10m', late_horizon: '10m' }],
  });
}
