/**
 * Writes docs/features.md from the agents' feature and event tables: `npm run docs`. A test compares the file with what
 * this makes of the tables.
 */
import { writeFileSync } from 'node:fs';
import { AGENT_PROFILES, type AgentProfile, type EventPattern } from '@edgewood/features';

const INTRODUCTION = `# Features

A feature is one number of a window. Training and the service compute it by the same code, from the tables below; this page
is made from them (\`npm run docs\`). A model's metadata lists its features in \`features_used\`, in the order of its columns.

The first three of every agent are the specification's: \`log_count\`, \`error_log_ratio\`, \`unique_program_count\`. Its fourth,
\`disassociation_events\`, is a notion of WiFi and the wifi agent's alone; the four together are what the file format began
with. \`edgewood train --features\` chooses others; without it a model uses all of its agent's.

A window without entries has 0 everywhere. Severity "error or worse" is syslog's 0 to 3, as a number or as a word in its
short or long form. It is not always an error: OpenWrt's cron logs its jobs, and LuCI its logins, at that level.

Every row of a table of events names its source: the program's source file or manual, or the public issues and logs in which
users posted such lines. Its example is a line of that form with addresses and names of no one; a test matches every one.
`;

function agentSection(agent: AgentProfile): string {
  const features = agent.features.map(({ name, unit, doc }) => `| \`${name}\` | ${unit} | ${doc} |`);
  return `
## ${agent.name}

${programs(agent)}

| feature | unit | meaning |
| --- | --- | --- |
${features.join('\n')}

### Events of ${agent.name}

A message is the event of the first row whose text it contains.

${eventTable(agent.events)}
${details(agent)}`;
}

function details({ name, details = [] }: AgentProfile): string {
  if (details.length === 0) return '';
  return `
### Details of ${name}

Messages that are known and are no event, because they are details of one, most of them at level debug. Nothing is counted by
them; \`edgewood blind-spots\` does not list them as unknown.

${eventTable(details)}
`;
}

function eventTable(rows: readonly EventPattern[]): string {
  return `| event | program | text | example | source |
| --- | --- | --- | --- | --- |
${rows.map(eventRow).join('\n')}`;
}

function programs({ programs, defaultWindowMs, foreignEvents = [] }: AgentProfile): string {
  const names = new Intl.ListFormat('en-GB').format(programs.map(code));
  const read = `Reads the entries of ${names} in windows of ${defaultWindowMs / 1000} s.`;
  return foreignEvents.length === 0
    ? read
    : `${read} Those of ${foreignEvents.map((event) => `event ${event}`).join(', ')} are another agent's and are passed over.`;
}

function eventRow({ event, program, text, also = [], example, source }: EventPattern): string {
  const texts = text === '' ? 'anything else' : [text, ...also].map(code).join(' and ');
  return `| ${event} | ${program} | ${texts} | ${code(example.trim())} | ${source} |`;
}

function code(text: string): string {
  const cell = text.replaceAll('|', '\\|');
  return cell.includes('`') ? `\`\` ${cell} \`\`` : `\`${cell}\``;
}

/** The whole page. */
export function featuresPage(agents: readonly AgentProfile[]): string {
  return INTRODUCTION + agents.map(agentSection).join('');
}

if (import.meta.main) writeFileSync(new URL('../docs/features.md', import.meta.url), featuresPage(AGENT_PROFILES));
