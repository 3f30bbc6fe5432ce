import {
  type DeploymentUnderWay,
  deploymentFile,
  formatDeployment,
  type ModelFiles,
  parseAgentName,
} from '@edgewood/models';
import { START_MS } from './wifi-models.ts';

/** Lease of the deployments here, in seconds. */
export const LEASE_SECONDS = 60;

/** A deployment of a version of `wifi` that is on trial. */
export function deploymentOf(
  version: string,
  previous: string | null,
  overrides: Partial<DeploymentUnderWay> = {},
): DeploymentUnderWay {
  return {
    schema_version: 1,
    id: 'a-1',
    by: 'anna@laptop',
    version,
    previous,
    started_at: new Date(START_MS).toISOString(),
    steps: [],
    stage: 'trial',
    lease_seconds: LEASE_SECONDS,
    renewal: 1,
    ...overrides,
  };
}

/** Writes it as its owner does, now and at each renewal. */
export async function writeDeployment(files: ModelFiles, deployment: DeploymentUnderWay): Promise<void> {
  await files.replaceFile(deploymentFile(parseAgentName('wifi')), formatDeployment(deployment));
}
