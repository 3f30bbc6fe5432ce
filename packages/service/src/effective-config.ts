/**
 * What a configuration comes to, in the words of the file: every default filled in, variables replaced, secrets masked. It
 * is a configuration itself, though one that cannot get in anywhere.
 */
import { AGENT_PROFILES } from '@edgewood/features';
import { stringify } from 'yaml';
import { SILENCE, silenceOptions } from './agents/silence-agent.ts';
import type { AgentConfig, ReadConfig } from './config.ts';
import { type JsonSchema, jsonSchemaOf } from './config-json-schema.ts';
import { configSchema } from './config-schema.ts';
import { withoutVariables } from './config-variables.ts';

const MASK = '***';
/** So many digits of a hash are enough to tell it from others. */
const SHOWN_DIGITS = 8;
/** Keys of an agent's own settings whose values are not shown. */
const SECRET_KEY = /pass|secret|token|credential|api_?key|private/i;

/** YAML; it holds no secret. */
export function formatEffectiveConfig({ written, config }: ReadConfig): string {
  const effective = filled(jsonSchemaOf(configSchema), written) as { agents: Record<string, unknown>[] };
  const agents = effective.agents.map((agent, index) => agentOf(agent, config.agents[index]));
  const text = stringify({ ...effective, agents }, { lineWidth: 0, aliasDuplicateObjects: false });
  return text.replace(/\n(?=\w)/g, '\n\n'); // sections apart
}

/** What an agent has in mind if it is not told, as far as this is known without its model. */
function agentOf({ name, options, ...of }: Record<string, unknown>, config: AgentConfig | undefined): unknown {
  const { use = name, ...rest } = of;
  if (use === SILENCE) return { name, use, ...rest, options: filled(jsonSchemaOf(silenceOptions), options) };
  const { model, detectors } = config ?? {};
  const judging = AGENT_PROFILES.some((profile) => profile.name === use) ? { model, detectors } : { model };
  return { name, use, ...judging, ...rest, options: withoutSecrets(options) };
}

/** A value, or its default, in the order of the schema's keys. */
function filled(schema: JsonSchema, given: unknown): unknown {
  const value = given ?? schema.default;
  if (schema.properties !== undefined) {
    const of = value as Readonly<Record<string, unknown>>;
    const entries = Object.entries(schema.properties).map(([key, inner]) => [key, filled(inner, of[key])] as const);
    return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined));
  }
  const { items } = schema;
  if (items !== undefined && Array.isArray(value)) return value.map((item) => filled(items, item));
  if (typeof value !== 'string') return value;
  if (schema.writeOnly) return withoutVariables(masked(value));
  if (schema.type === 'integer' || schema.type === 'number') return Number(value); // variables are text
  return schema.type === 'boolean' ? value === 'true' : withoutVariables(value);
}

/** @param secret that is what the configuration allows there. */
function masked(secret: string): string {
  const [, digits] = /^sha256:([0-9a-f]+)$/.exec(secret) ?? [];
  if (digits !== undefined) return `sha256:${digits.slice(0, SHOWN_DIGITS).padEnd(digits.length, '0')}`;
  const url = new URL(secret);
  if (url.password !== '') url.password = MASK;
  if (url.searchParams.has('password')) url.searchParams.set('password', MASK);
  return url.href;
}

/** Settings that only the agent itself understands. */
function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') return withoutVariables(value.replace(/(:\/\/[^:@/\s]*:)[^\s]*@/g, `$1${MASK}@`));
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, of]) => [key, SECRET_KEY.test(key) ? MASK : withoutSecrets(of)]));
}
