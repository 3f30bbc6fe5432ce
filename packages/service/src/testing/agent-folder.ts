import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Agent } from '../agents/agent.ts';
import type { AgentLimits } from '../agents/agent-limits.ts';
import { loadAgent } from '../agents/load-agent.ts';
import type { OutsideAgentConfig } from '../agents/outside-agent.ts';
import { RecordingLog } from './recording-log.ts';

/** A folder with these files in it, for as long as a test runs. */
export function folderWith(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'edgewood-agent-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

export interface AgentAtHand {
  readonly agent: Agent;
  readonly log: RecordingLog;
  readonly folder: string;
}

/** The agent `test` of a folder, until the test ends; `./agent.js` unless the configuration says otherwise. */
export function agentIn(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  given: Partial<OutsideAgentConfig> & { readonly limits?: Partial<AgentLimits> } = {},
): AgentAtHand {
  const folder = folderWith(t, files);
  const log = new RecordingLog();
  const { limits = {}, ...config } = given;
  const agent = loadAgent({ ...DEFAULTS, ...config }, { baseDirectory: folder, log, limits });
  t.after(() => agent.stop());
  return { agent, log, folder };
}

/** The same, and it has tried to load. */
export async function openAgent(...given: Parameters<typeof agentIn>): Promise<AgentAtHand> {
  const opened = agentIn(...given);
  await opened.agent.open?.();
  return opened;
}

const DEFAULTS: OutsideAgentConfig = {
  name: 'test',
  use: './agent.js',
  programs: undefined,
  windowMs: undefined,
  groupBy: undefined,
  options: {},
  severity: { medium: 0.2, high: 0.5, rules: [] },
  timeLimitMs: 600_000,
};

/** The text of an agent whose `inspect` has this body; it sees `window` and `context`. */
export function agentText(body: string, more = ''): string {
  return `export default {
    name: 'test', programs: ['sshd'], window: '5m', ${more}
    async inspect(window, context) { ${body} },
  };`;
}
