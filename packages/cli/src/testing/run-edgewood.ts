import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** What a command said, and the exit code it ended with. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the edgewood command from the sources, as a process of its own, not on a terminal. */
export function runEdgewood(
  args: readonly string[],
  { env = {}, input = '' }: { readonly env?: NodeJS.ProcessEnv; readonly input?: string } = {},
): Promise<Outcome> {
  const command = ['--conditions=source', join(import.meta.dirname, 'edgewood.ts'), ...args];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, command, { env }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}
