/**
 * Writes docs/features.md from the agents' feature and event tables: `npm run docs`. A test compares the file with what
 * this makes of the tables.
 */
import { writeFileSync } from 'node:fs';
import { AGENT_PROFILES, type AgentProfile } from '@edgewood/features';

const INTRODUCTION = `# Features

A feature is one number of a window. Training and the service compute it by the same code, from the tables below; this page
is made from them (\`npm run docs\`). A model's metadata lists its features in \`features_used\`, in the order of its columns.

The first four of every agent are the specification's: \`log_count\`, \`error_log_ratio\`, \`unique_program_count\`,
\`disassociation_events\`. \`edgewood train --features\` chooses others; without it a model uses all of its agent's.

A window without entries has 0 everywhere. Severity "error or worse" is syslog's 0 to 3, as a number or as a word in its
short or long form.
`;

function agentSection(agent: AgentProfile): string {
  const features = agent.features.map(({ name, unit, doc }) => `| \`${name}\` | ${unit} | ${doc} |`);
  const events = agent.events.map(
    ({ event, program, text, example }) => `| ${event} | ${program} | \`${text}\` | \`${example.trim()}\` |`,
  );
  return `
## ${agent.name}

Reads the entries of ${agent.programs.map((program) => `\`${program}\``).join(' and ')} in windows of ${agent.defaultWindowMs / 1000} s.

| feature | unit | meaning |
| --- | --- | --- |
${features.join('\n')}

### Its events

A message is the event of the first row whose text it contains.

| event | program | text | example |
| --- | --- | --- | --- |
${events.join('\n')}
`;
}

/** The whole page. */
export function featuresPage(agents: readonly AgentProfile[]): string {
  return INTRODUCTION + agents.map(agentSection).join('');
}

if (import.meta.main) writeFileSync(new URL('../docs/features.md', import.meta.url), featuresPage(AGENT_PROFILES));
