import { isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where a third party's agent is. */
export interface AgentPlace {
  /** What is imported: a file's URL, or the name of a package. */
  readonly specifier: string;
  /** URL of a file beside which packages are looked for. */
  readonly parentUrl: string;
  /** For people. */
  readonly description: string;
  readonly isPackage: boolean;
}

/**
 * @param use `./my-agent.ts`, `/etc/edgewood/my-agent.ts`, or the name of an npm package.
 * @param directory an absolute path, that of the configuration.
 */
export function placeOf(use: string, directory: string): AgentPlace {
  const parentUrl = pathToFileURL(join(directory, 'edgewood.yaml')).href;
  if (!/^\.{1,2}[/\\]/.test(use) && !isAbsolute(use)) {
    return { specifier: use, parentUrl, description: `the package ${use}, from ${directory}`, isPackage: true };
  }
  const path = isAbsolute(use) ? use : join(directory, use);
  return { specifier: pathToFileURL(path).href, parentUrl, description: path, isPackage: false };
}
