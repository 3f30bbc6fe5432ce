/** What every command that works on targets is made of: its options, and how a target is opened and its service seen. */
import { readFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import {
  FileServiceView,
  FirstServiceView,
  HttpServiceView,
  openTargetFiles,
  type ServiceView,
  type TargetFiles,
} from '@edgewood/deployer';
import { loadConfig, parseConfig, type ServiceConfig } from '@edgewood/service';
import { type NamedTarget, targetsNamed } from './deploy-targets.ts';
import { UsageError } from './failure.ts';

/** Where targets are, and how they are reached. */
export interface TargetOptions {
  readonly to?: readonly string[];
  readonly config?: string;
  readonly sshConfig?: string;
  readonly identity?: string;
  readonly json?: boolean;
}

/** The configuration that is named, or all defaults. @throws {ServiceError} `BAD_CONFIG`. */
export async function configOf({ config }: TargetOptions): Promise<ServiceConfig> {
  return config === undefined ? parseConfig('', 'the defaults', {}) : loadConfig(config, process.env);
}

/** @throws {UsageError} without a target; as `targetsNamed`. */
export function targetsOf(options: TargetOptions, config: ServiceConfig): readonly NamedTarget[] {
  const targets = targetsNamed(options.to ?? [], config.deploy);
  if (targets.length > 0) return targets;
  throw new UsageError('where? --to pi@edge-7:/var/lib/edgewood/models, or a target or group of the configuration');
}

/** Opens a target; whoever does closes it. @throws {DeployError} {@link ModelError} */
export function openTarget({ address }: NamedTarget, { sshConfig, identity }: TargetOptions): Promise<TargetFiles> {
  return openTargetFiles(address, {
    ...(sshConfig === undefined ? {} : { configFile: sshConfig }),
    ...(identity === undefined ? {} : { identityFile: identity }),
  });
}

/** Opens a target for some work, and closes it whatever becomes of that. */
export async function withTarget<Result>(
  target: NamedTarget,
  options: TargetOptions,
  work: (files: TargetFiles) => Promise<Result>,
): Promise<Result> {
  const files = await openTarget(target, options);
  return work(files).finally(() => files.close());
}

/** The service's own API; undefined if it is not reached from here. @throws {UsageError} for a token that cannot be read. */
export async function apiOf({ name, api, tokenFile }: NamedTarget): Promise<ServiceView | undefined> {
  if (api === undefined) return undefined;
  if (tokenFile === undefined) return new HttpServiceView({ api });
  const token = await readFile(tokenFile, 'utf8').catch((error: Error) => {
    throw new UsageError(`the token of ${name} cannot be read: ${error.message}`);
  });
  return new HttpServiceView({ api, token: token.trim() });
}

/** The service as it is seen from here, in the best way that there is. */
export async function viewOf(target: NamedTarget, files: TargetFiles): Promise<ServiceView> {
  const api = await apiOf(target);
  const file = new FileServiceView(files);
  return new FirstServiceView(api === undefined ? [file] : [api, file]);
}

/** Who deploys, for people: `anna@laptop`. */
export function deployerName(): string {
  return `${userInfo().username}@${hostname()}`;
}
