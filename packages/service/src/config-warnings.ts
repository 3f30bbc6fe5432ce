import { isIP } from 'node:net';
import type { ServiceConfig } from './config.ts';

/** What is allowed but probably not meant, a sentence each; none if all is well. */
export function configWarnings({ http, agents }: ServiceConfig): string[] {
  const warnings: string[] = [];
  const { host, port, tokens, readWithoutToken } = http;
  if (!isLoopback(host) && readWithoutToken) {
    warnings.push(
      `http: whoever reaches ${host}:${port} can read what was found and the log lines behind it; ` +
        'set read_without_token to false and give out tokens, or listen on 127.0.0.1',
    );
  }
  if (!readWithoutToken && tokens.length === 0) {
    warnings.push(
      'http: read_without_token is false and there are no tokens, so that nobody can read anything but health',
    );
  }
  if (!agents.some(({ enabled }) => enabled)) warnings.push('agents: none is enabled, so that nothing is analysed');
  return warnings;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
