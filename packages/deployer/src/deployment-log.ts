import {
  type AgentName,
  deploymentLogFile,
  type EndedDeployment,
  formatDeploymentLog,
  hasFile,
  MAX_DEPLOYMENT_FILE_BYTES,
  type ModelFiles,
  parseDeploymentLog,
} from '@edgewood/models';
import { idOf } from './deployment-lease.ts';

/** The agent's last deployments, the newest last; empty without a log. @throws {ModelError} `BAD_DEPLOYMENT_FILE`, … */
export async function readDeploymentLog(files: ModelFiles, agent: AgentName): Promise<readonly EndedDeployment[]> {
  const name = deploymentLogFile(agent);
  if (!(await hasFile(files, name))) return [];
  return parseDeploymentLog(await files.read(name, MAX_DEPLOYMENT_FILE_BYTES), name);
}

/**
 * Adds a deployment to the log, or replaces what the log already says of it. Only for whoever holds the deployment.
 *
 * @throws {ModelError} as {@link readDeploymentLog}; `FILE_UNWRITABLE`.
 */
export async function logDeployment(files: ModelFiles, agent: AgentName, ended: EndedDeployment): Promise<void> {
  const before = (await readDeploymentLog(files, agent)).filter((other) => idOf(other) !== idOf(ended));
  await files.replaceFile(deploymentLogFile(agent), formatDeploymentLog([...before, ended]));
}
