import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A real ssh-agent with one Ed25519 key. */
export interface SshAgentProcess {
  readonly socketPath: string;
  /** In OpenSSH's form. */
  readonly publicKeyFile: string;
  /** Likewise, without a password. */
  readonly privateKeyFile: string;
  /** Runs ssh-add against it. */
  add(...args: string[]): void;
}

/** Whether OpenSSH's client programs are installed; without them a test has nothing to compare with. */
export function hasOpenssh(): boolean {
  return ['ssh-agent', 'ssh-keygen', 'ssh-add'].every((program) => spawnSync(program, ['-?']).error === undefined);
}

/** Starts an ssh-agent with a new key of `ssh-keygen -t ed25519`; it ends with the test. */
export function startSshAgent(t: TestContext): SshAgentProcess {
  const folder = mkdtempSync(join(tmpdir(), 'edgewood-agent-'));
  const [socketPath, key] = [join(folder, 'socket'), join(folder, 'key')];
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'admin@desk', '-f', key]);
  const started = execFileSync('ssh-agent', ['-s', '-a', socketPath], { encoding: 'utf8' });
  const [, pid = ''] = /SSH_AGENT_PID=(\d+)/.exec(started) ?? [];
  const env = { ...process.env, SSH_AUTH_SOCK: socketPath, SSH_AGENT_PID: pid };
  t.after(() => {
    execFileSync('ssh-agent', ['-k'], { env });
    rmSync(folder, { recursive: true });
  });
  const add = (...args: string[]) => void execFileSync('ssh-add', ['-q', ...args], { env, stdio: 'pipe' });
  add(key);
  return { socketPath, publicKeyFile: `${key}.pub`, privateKeyFile: key, add };
}
