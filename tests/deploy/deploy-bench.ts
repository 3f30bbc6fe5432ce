/** Where deployments are tried: a real sshd, versions here, and directories there that its accounts own. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  copyFileSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import { formatTargetAddress, type TargetAddress } from '@edgewood/deployer';
import {
  activeMetadataLink,
  activeModelLink,
  activeVersion,
  checkActiveLinks,
  deploymentFile,
  deploymentLogFile,
  LocalModelFiles,
  loadModel,
  type ModelVersion,
  metadataFile,
  modelFile,
  parseAgentName,
  SERVICE_REPORT_FILE,
  saveModel,
} from '@edgewood/models';
import { type Outcome, runEdgewood } from '../../packages/cli/src/testing/run-edgewood.ts';
import { forestToSave } from '../../packages/models/src/testing/forest-to-save.ts';
import { type SshdAccount, type SshdServer, startSshd } from './sshd-server.ts';

export const WIFI = parseAgentName('wifi');
const COMMAND = join(import.meta.dirname, '../../packages/cli/src/testing/edgewood.ts');
/** What deployments without a service are asked not to wait for. */
export const UNWATCHED: readonly string[] = ['--no-watch'];

/** A directory there. */
export interface BenchTarget {
  readonly account: SshdAccount;
  /** On this machine. */
  readonly path: string;
  readonly address: TargetAddress;
  /** For `--to`. */
  readonly to: string;
}

/** An sshd, a folder with three versions of `wifi`, and what a command finds in its environment. */
export class DeployBench {
  readonly server: SshdServer;
  readonly folder: string;
  /** The model directory here. */
  readonly models: string;
  readonly old: ModelVersion;
  readonly new: ModelVersion;
  readonly newer: ModelVersion;
  readonly #contents: ReadonlyMap<string, string>;
  #targets = 0;

  private constructor(server: SshdServer, folder: string, saved: ReadonlyMap<ModelVersion, string>) {
    const [first, second, third] = [...saved.keys()] as [ModelVersion, ModelVersion, ModelVersion];
    this.server = server;
    this.folder = folder;
    this.models = join(folder, 'models');
    this.old = first;
    this.new = second;
    this.newer = third;
    this.#contents = saved;
  }

  /** Whoever starts it ends it. */
  static async start(): Promise<DeployBench> {
    const folder = mkdtempSync(join(tmpdir(), 'edgewood-deploy-'));
    const models = join(folder, 'models');
    mkdirSync(models);
    return new DeployBench(await startSshd(), folder, await saveVersions(models));
  }

  async end(): Promise<void> {
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** @param live is there and live, with its links; `none`: the directory is empty. */
  async newTarget(
    account: SshdAccount,
    live: ModelVersion | 'none' = this.old,
    name = `target-${this.#targets++}`,
  ): Promise<BenchTarget> {
    const { path, address } = await this.server.makeDirectory(account, name);
    if (live !== 'none') this.#fill(path, account, live);
    return { account, path, address, to: formatTargetAddress(address) };
  }

  /**
   * Puts a target with all that is in it on a disk of its own.
   *
   * @param options of a tmpfs: `size=8m`, `nr_inodes=8`.
   */
  putOnDisk(t: TestContext, { account, path }: BenchTarget, options: readonly string[]): void {
    const { uid, gid } = this.server.ids[account];
    const kept = join(this.folder, `kept-${basename(path)}`);
    execFileSync('cp', ['-a', path, kept]);
    const owned = [...options, `uid=${uid}`, `gid=${gid}`];
    execFileSync('mount', ['-t', 'tmpfs', '-o', owned.join(), 'tmpfs', path]);
    t.after(() => execFileSync('umount', ['-l', path]));
    execFileSync('cp', ['-a', `${kept}/.`, path]);
  }

  /** Runs the public command, with the environment of this process and the ssh configuration of the server. */
  edgewood(args: readonly string[], configFile = this.server.configFile): Promise<Outcome> {
    return runEdgewood([...args, '--ssh-config', configFile], { env: this.env });
  }

  /** `edgewood deploy wifi <version> --to <target>`, with more arguments. */
  deploy(version: ModelVersion, { to }: Pick<BenchTarget, 'to'>, ...args: readonly string[]): Promise<Outcome> {
    return this.edgewood(['deploy', 'wifi', version, '--dir', this.models, '--to', to, ...args]);
  }

  /** The same as a process that is under way; what it says on standard error is all that is kept. */
  spawnDeploy(version: ModelVersion, { to }: Pick<BenchTarget, 'to'>, ...args: readonly string[]) {
    const place = ['--dir', this.models, '--to', to, '--ssh-config', this.server.configFile];
    const command = ['--conditions=source', COMMAND, 'deploy', 'wifi', version, ...place, ...args];
    return spawn(process.execPath, command, { stdio: ['ignore', 'ignore', 'pipe'], env: this.env });
  }

  /** Processes that start sooner, as what others have compiled is kept. */
  get env(): NodeJS.ProcessEnv {
    return { ...process.env, NODE_COMPILE_CACHE: join(this.folder, 'compiled') };
  }

  /**
   * The version that is live, which must be whole: it loads, as a service would load it, and is byte for byte what it is
   * here.
   */
  async liveAndWhole({ path }: Pick<BenchTarget, 'path'>): Promise<ModelVersion> {
    const files = new LocalModelFiles(path);
    const live = await activeVersion(files, WIFI);
    assert.equal((await loadModel(files, WIFI, live)).content, this.#contents.get(live), `${live} is torn in ${path}`);
    return live;
  }

  /**
   * Asserts that a version is live and whole, that both links lead to it, and that nothing else is there than these versions,
   * their links and the log of deployments: no temporary file, no lock.
   */
  async assertClean(target: Pick<BenchTarget, 'path'>, live: ModelVersion, ...others: readonly ModelVersion[]) {
    assert.equal(await this.liveAndWhole(target), live);
    assert.equal(await checkActiveLinks(new LocalModelFiles(target.path), WIFI), undefined);
    const names = new Set([deploymentLogFile(WIFI), ...readdirSync(target.path)]);
    const expected = [live, ...others].flatMap(filesOf);
    const links = [activeMetadataLink(WIFI), activeModelLink(WIFI), deploymentLogFile(WIFI)];
    assert.deepEqual([...names].sort(), [...expected, ...links].sort(), target.path);
  }

  #fill(path: string, account: SshdAccount, version: ModelVersion): void {
    for (const name of filesOf(version)) copyFileSync(join(this.models, name), join(path, name));
    symlinkSync(metadataFile(WIFI, version), join(path, activeMetadataLink(WIFI)));
    symlinkSync(modelFile(WIFI, version), join(path, activeModelLink(WIFI)));
    const { uid, gid } = this.server.ids[account];
    for (const name of readdirSync(path)) lchownSync(join(path, name), uid, gid);
  }
}

/** Leaves a report in a directory as a service does that uses a version and has judged by it in so many cycles. */
export function writeReport({ path }: Pick<BenchTarget, 'path'>, sequence: number, version: string, cycles: number) {
  const since = { cycles, failed_cycles: 0, last_error: null, windows: cycles, anomalies: 0, scores: null };
  const now = new Date().toISOString();
  const report = {
    schema_version: 1,
    service_version: '0.1.0',
    started_at: now,
    written_at: now,
    sequence,
    trusted_keys: [],
    models: [{ agent: 'wifi', model: 'wifi', version, problem: null, since_loaded: since }],
  };
  const at = join(path, SERVICE_REPORT_FILE);
  writeFileSync(`${at}.new`, JSON.stringify(report));
  renameSync(`${at}.new`, at);
}

/** Whether a deployment is still written down as under way. */
export function isUnderWay({ path }: Pick<BenchTarget, 'path'>): boolean {
  return readdirSync(path).includes(deploymentFile(WIFI));
}

/** All that is in a directory, also what is hidden: kind, owner, times, content or where a link leads to. */
export function snapshotOf({ path }: Pick<BenchTarget, 'path'>): readonly string[] {
  return readdirSync(path)
    .sort()
    .map((name) => {
      const at = join(path, name);
      const { mode, ino, uid, gid, size, mtimeNs } = lstatSync(at, { bigint: true });
      const isLink = lstatSync(at).isSymbolicLink();
      const content = isLink ? readlinkSync(at) : readFileSync(at).toString('base64');
      return [name, mode, ino, uid, gid, size, mtimeNs, content].join(' ');
    });
}

function filesOf(version: string): string[] {
  return [`wifi_baseline_${version}.json`, `wifi_metadata_${version}.json`, `wifi_model_${version}.joblib`];
}

/** Three of them with a further file each, the oldest first, and what `loadModel` calls their content. */
async function saveVersions(directory: string): Promise<ReadonlyMap<ModelVersion, string>> {
  const files = new LocalModelFiles(directory);
  const extraFiles = [{ what: 'baseline', extension: 'json', bytes: new TextEncoder().encode('{}') }];
  const saved = new Map<ModelVersion, string>();
  for (const day of ['2025-06-05', '2025-06-06', '2025-06-07']) {
    const trainedAtMs = Date.parse(`${day}T23:00:00Z`);
    const version = await saveModel(files, WIFI, forestToSave({ trainedAtMs, extraFiles }));
    saved.set(version, (await loadModel(files, WIFI, version)).content);
  }
  return saved;
}
