import { durationText, type ServiceConfig, sizeText } from '@edgewood/service';
import { formatTable } from './terminal.ts';

/**
 * What a configuration means, for people: a line a section, a row an agent.
 *
 * @param location of the log entries' database, without a password.
 */
export function configSummary(config: ServiceConfig, location: string): string {
  const { database, models, resources } = config;
  const sections: [string, string][] = [
    ['log entries', `${location}, table ${database.table}`],
    ['models', `${models.directory}, looked at every ${durationText(models.pollIntervalMs)}, ${trustText(models)}`],
    ['findings', storeText(config.store)],
    ['http', httpText(config.http)],
    [
      'resources',
      `above ${percent(resources.maxCpuShare)} CPU or ${percent(resources.maxMemoryShare)} memory, analysis waits`,
    ],
  ];
  const width = Math.max(...sections.map(([title]) => title.length));
  const lines = sections.map(([title, text]) => `${title.padEnd(width)}  ${text}`);
  const columns = ['agent', 'is', 'model', 'window', 'grace', 'late until', 'catches up'].map((title) => ({ title }));
  return `${lines.join('\n')}\n\n${formatTable(columns, config.agents.map(agentRow))}`;
}

function trustText({ trustedKeys }: ServiceConfig['models']): string {
  if (trustedKeys.length === 0) return 'signed or not';
  return `signed by ${trustedKeys.length === 1 ? 'the key' : 'one of the keys'} in ${trustedKeys.join(', ')}`;
}

function storeText({ file, url, schema, limits }: ServiceConfig['store']): string {
  const place = url === undefined ? file : `PostgreSQL, schema ${schema}`;
  return `${place}, for ${durationText(limits.maxAgeMs)}, at most ${sizeText(limits.maxBytes)}`;
}

function httpText({ host, port, tokens, readWithoutToken, requestsPerMinute }: ServiceConfig['http']): string {
  const where = `http://${host.includes(':') ? `[${host}]` : host}:${port === 0 ? '<any free port>' : port}`;
  const readers = readWithoutToken ? 'everybody' : 'nobody without a token';
  const writers = tokens.length === 0 ? 'nobody' : `${tokens.length === 1 ? 'one token' : `${tokens.length} tokens`}`;
  return `${where}, read by ${readers}, changed by ${writers}, ${requestsPerMinute} requests a minute`;
}

function agentRow(agent: ServiceConfig['agents'][number]): string[] {
  const { name, use, enabled, model, windowMs, graceMs, lateHorizonMs, catchUpMaxMs } = agent;
  return [
    name,
    enabled ? use : `${use}, off`,
    use === 'silence' ? '–' : model,
    windowMs === undefined ? 'its own' : durationText(windowMs),
    durationText(graceMs),
    lateHorizonMs === 0 ? 'never' : durationText(lateHorizonMs),
    durationText(catchUpMaxMs),
  ];
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(6))}%`;
}
