import { extname } from 'node:path';

/** URL of the program in whose process a third party's agent lives. A bundle puts the program itself here, as a `data:` URL. */
export const AGENT_HOST: string = new URL(`./agent-host${extname(import.meta.url)}`, import.meta.url).href;
