/** One version for several targets: some at a time, canaries first; one that fails keeps no other from going on. */
import type { DeploymentOutcome, DeploymentResult } from './deployment-task.ts';

/** In what order, and how many at a time. */
export interface FleetPlan<Target> {
  /** They must all go well before the others begin; may be none. */
  readonly canaries: readonly Target[];
  readonly others: readonly Target[];
  /** At least 1. */
  readonly parallel: number;
  readonly signal?: AbortSignal | undefined;
}

/** How it ended for one target. */
export interface FleetResult<Target> {
  readonly target: Target;
  readonly outcome: DeploymentOutcome | 'not begun';
  /** For people; empty if there is nothing to say. */
  readonly reason: string;
  readonly result?: DeploymentResult;
}

/** Outcomes after which there is nothing left to do. */
const GOOD: ReadonlySet<string> = new Set<DeploymentOutcome>(['committed', 'copied', 'already live', 'possible']);

/** Whether it went well. */
export function isGood({ outcome }: Pick<FleetResult<unknown>, 'outcome'>): boolean {
  return GOOD.has(outcome);
}

/**
 * Deploys to all, or to the canaries only if one of them fails.
 *
 * @param deployTo one target; what the world does is its result. What it throws ends everything.
 * @returns a result for each target, in the order of the plan.
 */
export async function deployToFleet<Target>(
  plan: FleetPlan<Target>,
  deployTo: (target: Target) => Promise<DeploymentResult>,
): Promise<readonly FleetResult<Target>[]> {
  const canaries = await deployToAll(plan, plan.canaries, deployTo);
  const failed = canaries.filter((result) => !isGood(result)).length;
  if (failed === 0) return [...canaries, ...(await deployToAll(plan, plan.others, deployTo))];
  const reason = failed === 1 ? 'a canary failed' : `${failed} canaries failed`;
  return [...canaries, ...plan.others.map((target) => ({ target, outcome: 'not begun', reason }) as const)];
}

async function deployToAll<Target>(
  { parallel, signal }: FleetPlan<Target>,
  targets: readonly Target[],
  deployTo: (target: Target) => Promise<DeploymentResult>,
): Promise<readonly FleetResult<Target>[]> {
  const results = targets.map(
    (target): FleetResult<Target> => ({ target, outcome: 'not begun', reason: 'interrupted' }),
  );
  const waiting = targets.entries(); // shared: each worker takes the next
  const work = async () => {
    for (const [at, target] of waiting) {
      if (signal?.aborted) return;
      const result = await deployTo(target);
      results[at] = { target, outcome: result.outcome, reason: result.reason, result };
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, targets.length) }, work));
  return results;
}
