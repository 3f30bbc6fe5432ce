import { randomUUID } from 'node:crypto';
import { type DeploymentResult, deploy, openTargetFiles } from '@edgewood/deployer';
import { LocalModelFiles } from '@edgewood/models';
import { type BenchTarget, type DeployBench, WIFI } from './deploy-bench.ts';
import { hurriedClock } from './hurried-clock.ts';

export interface UnwatchedOptions {
  /** How many times as fast as this machine's the clock goes: of the lease, the waiting for it, and the reconnecting. */
  readonly times: number;
  /** By that clock. */
  readonly leaseSeconds: number;
  /** So long a cut connection is tried again, by that clock; default: once. */
  readonly reconnectMs?: number;
  /** For ssh; default: the server's. */
  readonly configFile?: string;
  /** Is told of each step, whenever there is something new of it. */
  readonly onStep?: (step: string) => void;
}

/** Deploys the new version within this process, in a hurry and without waiting for a service. */
export function deployUnwatched(
  bench: DeployBench,
  { address }: BenchTarget,
  { times, leaseSeconds, reconnectMs = 0, configFile = bench.server.configFile, onStep }: UnwatchedOptions,
): Promise<DeploymentResult> {
  const settings = { watchCycles: 0, waitMs: 1_000, trustedKeys: [], by: 'anna@laptop', extent: 'activate' } as const;
  return deploy({
    agent: WIFI,
    version: bench.new,
    source: new LocalModelFiles(bench.models),
    open: () => openTargetFiles(address, { configFile }),
    api: undefined,
    settings: { ...settings, leaseSeconds, reconnectMs },
    clock: hurriedClock(times),
    randomId: randomUUID,
    onProgress: ({ step }) => onStep?.(step),
  });
}
