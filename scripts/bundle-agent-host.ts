import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Plugin, transformSync } from 'esbuild';

/** The program in whose process a third party's agent lives: a bundle is one file, and carries it as a `data:` URL. */
export const agentHost: Plugin = {
  name: 'agent-host',
  setup({ onLoad }) {
    onLoad({ filter: /agents\/agent-host-location\.ts$/ }, ({ path }) => {
      const source = readFileSync(join(path, '..', 'agent-host.ts'), 'utf8');
      const { code } = transformSync(source, { loader: 'ts', format: 'esm', target: 'node22.18' });
      const url = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`;
      return { contents: `export const AGENT_HOST = ${JSON.stringify(url)};` };
    });
  },
};
