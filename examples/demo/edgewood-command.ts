import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { styleText } from 'node:util';

export const cloneRoot = join(import.meta.dirname, '../..');

/** The public command, as `npx edgewood` finds it. */
const COMMAND = join(cloneRoot, 'node_modules/.bin/edgewood');

function announce(args: readonly string[]): void {
  console.log(`\n${styleText('cyan', `$ npx edgewood ${args.join(' ')}`)}`);
}

/** Prints a command, runs it in the clone's root, shows what it says, and fails if it fails. */
export async function runEdgewood(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  announce(args);
  const child = spawn(COMMAND, args, { cwd: cloneRoot, env, stdio: 'inherit' });
  const code = await exitCodeOf(child);
  if (code !== 0) throw new Error(`edgewood ${args[0]} ended with exit code ${code}`);
}

/** A service that runs until it is stopped; `lines` are its log, a JSON object a line. */
export interface RunningService {
  readonly process: ChildProcess;
  readonly lines: AsyncIterable<string>;
  readonly ended: Promise<number | null>;
}

/** Prints a command and leaves it running; its log is for the caller. */
export function startEdgewood(args: readonly string[], env: NodeJS.ProcessEnv): RunningService {
  announce(args);
  const child = spawn(COMMAND, args, { cwd: cloneRoot, env, stdio: ['ignore', 'pipe', 'inherit'] });
  return { process: child, lines: createInterface({ input: child.stdout }), ended: exitCodeOf(child) };
}

function exitCodeOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
}
