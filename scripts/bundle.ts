/**
 * Makes one file of the whole `edgewood` command, service and trainer included, that needs nothing but Node: to be copied to
 * an edge machine or into an image.
 *
 *   npm run bundle        writes bundle/edgewood.mjs, its source map, and the licences of what is in it
 *
 * White space is taken out and names are not, so that a stack trace can be read; lines of the sources are shown by
 * `node --enable-source-maps` if the map lies beside the file.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { agentHost } from './bundle-agent-host.ts';

const root = join(import.meta.dirname, '..');

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
import { fileURLToPath as pathOfBundle } from 'node:url';
const require = createRequireOfBundle(import.meta.url);
const __filename = pathOfBundle(import.meta.url), __dirname = pathOfBundle(new URL('.', import.meta.url));`;

/** The version stands in the file, since no package.json lies beside it. */
const version: Plugin = {
  name: 'version',
  setup({ onLoad }) {
    const filter = /packages[/\\](?:cli[/\\]src[/\\]tool|service[/\\]src[/\\]service)-version\.ts$/;
    onLoad({ filter }, ({ path }) => {
      const { version } = JSON.parse(readFileSync(join(dirname(path), '../package.json'), 'utf8'));
      const name = path.endsWith('tool-version.ts') ? 'TOOL_VERSION' : 'SERVICE_VERSION';
      return { contents: `export const ${name} = ${JSON.stringify(version)};` };
    });
  },
};

/** zod brings its messages in fifty languages; ours are in English. */
const english: Plugin = {
  name: 'english',
  setup({ onLoad }) {
    const contents = `export { default as en } from './en.js';`;
    onLoad({ filter: /zod[/\\]v4[/\\]locales[/\\]index\.js$/ }, () => ({ contents }));
  },
};

/** What packages load at the start for uses that are not ours: a megabyte, and it would fail aloud if it were used. */
const UNUSED = [
  '@fastify/ajv-compiler/index.js', // every route has a schema of zod
  '@fastify/fast-json-stringify-compiler/index.js',
  'prom-client/lib/cluster.js', // metrics are asked for, of one process
  'prom-client/lib/pushgateway.js',
];

const unused: Plugin = {
  name: 'unused',
  setup({ onLoad }) {
    const contents = `module.exports = () => () => { throw new Error('left out of the bundle'); };`;
    const files = UNUSED.map((file) => file.replaceAll('/', '[/\\\\]').replaceAll('.', '\\.')).join('|');
    onLoad({ filter: new RegExp(`node_modules[/\\\\](?:${files})$`) }, () => ({ contents }));
  },
};

/**
 * Node's own modules are taken from the process by who uses them, name by name. An import at the top would end an older Node
 * at `node:sqlite` before it can be told that it is too old, and would load whatever any of them can lazily give: of
 * `node:http` that is all of undici, two megabytes.
 */
const builtins: Plugin = {
  name: 'builtins',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^node:/ }, ({ path, kind }) => {
      return kind === 'require-call' ? undefined : { path, namespace: 'builtin', sideEffects: false };
    });
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({ contents: builtinModule(path) }));
  },
};

/** A module that gives what a module of Node gives; what nobody imports is left out by the bundler. */
function builtinModule(path: string): string {
  const names = Object.keys(process.getBuiltinModule(path) ?? {}).filter((name) => name !== 'default');
  return [
    `const from = process.getBuiltinModule(${JSON.stringify(path)});`,
    'const take = (name) => from[name];',
    'export default from;',
    ...names.map((name) => `export const ${name} = /* @__PURE__ */ take('${name}');`),
  ].join('\n');
}

/**
 * Writes `edgewood.mjs`, `edgewood.mjs.map` and `LICENSES.txt` into a folder; it is made if it is not there.
 *
 * @returns the files that it is made of, from the clone's root on.
 */
export async function writeBundle(folder: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents: ENTRY, resolveDir: root, sourcefile: 'edgewood.js' },
    outfile: join(folder, 'edgewood.mjs'),
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22.18',
    conditions: ['source'],
    banner: { js: BANNER },
    plugins: [version, english, unused, builtins, agentHost],
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: 'external',
    legalComments: 'none', // whole licences are in a file of their own
    charset: 'ascii', // V8 keeps a text with a single character beyond that in twice the memory
    logLevel: 'warning',
    metafile: true,
  });
  writeFileSync(join(folder, 'LICENSES.txt'), licencesOf(metafile));
  return Object.keys(metafile.inputs);
}

/** The licence of each package that a part of is in the bundle, and our own. */
function licencesOf({ inputs }: Metafile): string {
  const folders = Object.keys(inputs).map((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  const packages = [...new Set(folders)].filter((folder) => folder !== undefined).sort();
  return [root, ...packages.map((folder) => join(root, folder))].map(licenceOf).join(`\n${'-'.repeat(80)}\n\n`);
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return `${name} ${version}, ${license}\n\n${texts.join('\n\n')}\n`;
}

if (import.meta.main) await writeBundle(join(root, 'bundle'));
