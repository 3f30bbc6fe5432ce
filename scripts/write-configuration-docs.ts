/**
 * Writes docs/configuration.md and docs/edgewood.schema.json from the configuration's schema: `npm run docs`. A test
 * compares both.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { silenceOptions } from '../packages/service/src/agents/silence-agent.ts';
import { type JsonSchema, jsonSchemaOf } from '../packages/service/src/config-json-schema.ts';
import { configSchema } from '../packages/service/src/config-schema.ts';
import { editorSchema } from '../packages/service/src/editor-schema.ts';

const root = new URL('../', import.meta.url);

function example(name: string): string {
  return `\`\`\`yaml\n${readFileSync(new URL(`examples/configuration/${name}.yaml`, root), 'utf8')}\`\`\``;
}

const introduction = () => `# Configuration

One YAML file, named by \`--config\`. Every key has a default, so that no file at all is a configuration too. This page is made
from the schema (\`npm run docs\`).

\`\`\`
edgewood config check --config edgewood.yaml    # everything that is wrong, with line and column; or what it means
edgewood config show --config edgewood.yaml     # with every default filled in, secrets masked
edgewood config schema > edgewood.schema.json   # completion and checks in an editor, by the first line below
edgewood config token                           # a new access token, and the hash of it for http.tokens
\`\`\`

## Examples

At home, [home-lab.yaml](../examples/configuration/home-lab.yaml):

${example('home-lab')}

Many sites, [provider.yaml](../examples/configuration/provider.yaml):

${example('provider')}

## Values

* **Durations** are \`300s\`, \`5m\`, \`2h\`, \`1d\`, \`100ms\` or a number of seconds; **sizes** \`500kB\`, \`200MB\`, \`2GB\` or a number of bytes;
  **shares** \`80%\` or \`0.8\`. A key without a value is as good as left out.
* **Variables**: \`\${NAME}\` in a text is replaced from the environment, \`\${NAME:-default}\` falls back if it is not set or empty.
  \`$\${\` is a plain \`\${\`. What is replaced is not looked at again.
* **Secrets in files**: where \`NAME\` is not set or empty, \`NAME_FILE\` may name a file that holds it, as container runtimes and
  systemd hand over secrets; a line break at its end does not count. This goes for \`DATABASE_URL\` and \`PGPASSWORD\` too, which
  the connection to the log entries takes up by itself.
* **Database URLs** are \`postgresql://user:password@host:5432/database?sslmode=verify-full\`. In a password \`@\` is written
  \`%40\`, \`/\` \`%2F\`, \`?\` \`%3F\`, \`#\` \`%23\`, \`%\` \`%25\`.
* **Paths** are taken from where the service runs, but those of agents (\`use: ./my-agent.ts\`) and agents in npm packages from
  where the configuration lies.
* Secrets are never shown, neither in complaints nor in logs; keys that may hold one are marked below.

## A change while the service runs

\`SIGHUP\` (\`systemctl reload\`, \`docker kill --signal HUP\`) reads the file and the secrets again.

* Nothing changed: the service looks at the model directory at once, and that is all.
* A change that is right: the service stops as it does for \`SIGTERM\`, and starts with the new configuration in the same process.
  How far each agent has come is in the store, so that no window is lost or looked at twice.
* A change that is wrong: it is refused, everything that is wrong is in the log, and the old configuration stays.
* A change that is right but cannot be lived by, since the port is taken, say: the old configuration is started again, and the log
  says why.

Refusals are counted (\`edgewood_config_reload_failures_total\`). That the code of an agent changed is not noticed: restart the service.

## Keys

| key | default | meaning |
| --- | --- | --- |
`;

/** The keys below a schema, each with its path: `agents[].grace`. */
function rowsOf(schema: JsonSchema, path: string): string[] {
  if (schema.properties !== undefined) {
    return Object.entries(schema.properties).flatMap(([key, of]) => rowsOf(of, path === '' ? key : `${path}.${key}`));
  }
  if (schema.items?.properties !== undefined) return rowsOf(schema.items, `${path}[]`);
  const value = schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``;
  const words = schema.enum?.map((word) => `\`${word}\``).join(', ');
  const isSecret = schema.writeOnly === true || schema.items?.writeOnly === true;
  const meaning = [schema.description, words, isSecret ? 'secret' : undefined].filter(Boolean).join('; ');
  return [`| \`${path}\` | ${value} | ${meaning} |`];
}

/** The whole page. */
export function configurationPage(): string {
  const keys = rowsOf(jsonSchemaOf(configSchema), '');
  const options = rowsOf(jsonSchemaOf(silenceOptions), 'agents[].options');
  const silence = '\n## Options of the silence agent\n\n| key | default | meaning |\n| --- | --- | --- |\n';
  return `${introduction()}${keys.join('\n')}\n${silence}${options.join('\n')}\n`;
}

/** The JSON Schema as `edgewood config schema` writes it. */
export function schemaFile(): string {
  return `${JSON.stringify(editorSchema(), null, 2)}\n`;
}

if (import.meta.main) {
  writeFileSync(new URL('docs/configuration.md', root), configurationPage());
  writeFileSync(new URL('docs/edgewood.schema.json', root), schemaFile());
}
