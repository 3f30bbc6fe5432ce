import { formatTargetAddress, parseTargetAddress, type TargetAddress } from '@edgewood/deployer';
import type { ServiceConfig } from '@edgewood/service';
import { UsageError } from './failure.ts';

/** A machine that a command line means. */
export interface NamedTarget {
  /** As the configuration calls it, or its address. */
  readonly name: string;
  readonly address: TargetAddress;
  /** Where its service answers over HTTP; undefined: it is not reached from here. */
  readonly api: string | undefined;
  readonly tokenFile: string | undefined;
}

type DeployConfig = ServiceConfig['deploy'];

/**
 * The targets that names mean: those of the configuration, its groups, `all`, or addresses. Each once, in the order in which
 * they are first meant. Pure.
 *
 * @throws {UsageError} for a name that nothing is called by. {@link DeployError} `BAD_TARGET`.
 */
export function targetsNamed(names: readonly string[], config: DeployConfig): readonly NamedTarget[] {
  const found = new Map<string, NamedTarget>();
  for (const name of names) {
    for (const target of targetsOf(name, config)) {
      const key = formatTargetAddress(target.address);
      if (!found.has(key)) found.set(key, target);
    }
  }
  return [...found.values()];
}

function targetsOf(name: string, config: DeployConfig): readonly NamedTarget[] {
  const { targets, groups } = config;
  if (name === 'all') {
    if (targets.length > 0) return targets.map(configured);
    throw new UsageError('all are the targets of the configuration (--config), and it has none');
  }
  const group = groups.find((candidate) => candidate.name === name);
  if (group !== undefined) return group.targets.flatMap((member) => targetsOf(member, config));
  const target = targets.find((candidate) => candidate.name === name);
  if (target !== undefined) return [configured(target)];
  if (!/[/:]/.test(name)) throw new UsageError(`${name} is no address, and no target or group: ${knownText(config)}`);
  return [{ name, address: parseTargetAddress(name), api: undefined, tokenFile: undefined }];
}

function configured({ name, to, api, tokenFile }: DeployConfig['targets'][number]): NamedTarget {
  return { name, address: parseTargetAddress(to), api, tokenFile };
}

function knownText({ targets, groups }: DeployConfig): string {
  const known = [...targets, ...groups].map(({ name }) => name);
  return known.length === 0 ? 'name a configuration that has some by --config' : `there are ${known.join(', ')}`;
}
