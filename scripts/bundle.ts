/**
 * Makes one file of the whole `edgewood` command, service and trainer included, that needs nothing but Node: to be copied to
 * an edge machine or into an image.
 *
 *   npm run bundle        writes bundle/edgewood.mjs and its source map
 *
 * Names of functions are kept, so that a stack trace can be read; `node --enable-source-maps` shows lines of the sources if
 * the map lies beside the file.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { agentHost } from './bundle-agent-host.ts';

const root = join(import.meta.dirname, '..');
const OUTPUT = join(root, 'bundle', 'edgewood.mjs');

/** As in `packages/cli/bin/edgewood.js`: an older Node is told so, before anything is loaded that it does not have. */
const ENTRY = `
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write('edgewood: needs Node 22.18 or newer, this is ' + process.version + '\\n');
  process.exitCode = 1;
} else {
  const { runCommand } = await import('./packages/cli/src/main.ts');
  process.exitCode = await runCommand(process.argv);
}
`;

/** What packages in CommonJS expect around them, and a module does not have by itself. */
const BANNER = `#!/usr/bin/env node
import { createRequire as createRequireOfBundle } from 'node:module';
const require = createRequireOfBundle(import.meta.url);
const { filename: __filename, dirname: __dirname } = import.meta;`;

/** The version stands in the file, since no package.json lies beside it. */
const version: Plugin = {
  name: 'version',
  setup({ onLoad }) {
    onLoad({ filter: /packages\/cli\/src\/tool-version\.ts$/ }, () => {
      const { version } = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8'));
      return { contents: `export const TOOL_VERSION = ${JSON.stringify(version)};` };
    });
  },
};

/** zod brings its messages in fifty languages; ours are in English. */
const english: Plugin = {
  name: 'english',
  setup({ onLoad }) {
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: `export { default as en } from './en.js';`,
    }));
  },
};

/** \`node:sqlite\` is loaded by who uses it: an import at the top would end an older Node before it can be told so. */
const lateSqlite: Plugin = {
  name: 'late-sqlite',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^node:sqlite$/ }, () => ({ path: 'node:sqlite', namespace: 'late' }));
    onLoad({ filter: /.*/, namespace: 'late' }, () => ({
      contents: `module.exports = process.getBuiltinModule('node:sqlite');`,
    }));
  },
};

await build({
  stdin: { contents: ENTRY, resolveDir: root, sourcefile: 'edgewood.js' },
  outfile: OUTPUT,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22.18',
  conditions: ['source'],
  banner: { js: BANNER },
  plugins: [version, english, lateSqlite, agentHost],
  minify: true,
  keepNames: true,
  sourcemap: 'external',
  legalComments: 'none',
  logLevel: 'warning',
});
