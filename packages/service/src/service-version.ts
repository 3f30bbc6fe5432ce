import { readFileSync } from 'node:fs';

/** The release of this service, from its package. */
export const SERVICE_VERSION: string = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
).version;
