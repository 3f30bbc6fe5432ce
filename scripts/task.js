/**
 * Runs one of the clone's tasks (`npm run build`, `npm test`, …) under the Node that the clone brings along.
 *
 * The product needs Node 22.18 or newer, a machine may have Node 20. The lock file holds Node 24 as an npm package, so
 * the first task installs it with everything else, and every step after that runs under `node_modules/.bin/node`. This
 * file itself must therefore run under Node 20 and import nothing that has to be installed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const binaries = join(root, 'node_modules', '.bin');
const installedMark = join(root, 'node_modules', '.edgewood-installed');

const tasks = {
  setup: () => install(),
  build: () => build(),
  format: () => run('biome', ['check', '--write', '.']),
  check: () => {
    run('biome', ['ci', ...(process.stdout.isTTY ? [] : ['--colors=off']), '.']);
    build();
    run('tsc', ['-p', 'tsconfig.tests.json']);
  },
  test: (names) => {
    build();
    testFiles(names.length > 0 ? names : ['packages/*/src/**/*.test.ts', 'tests/*.test.ts']);
  },
  'test:interop': (names) => {
    build();
    testFiles(names.length > 0 ? names : ['tests/interop/*.test.ts']);
  },
  'test:runtimes': (names) => {
    build();
    testFiles(names.length > 0 ? names : ['tests/runtimes/*.test.ts']);
  },
  'test:system': (names) => {
    build();
    testFiles(names.length > 0 ? names : ['tests/system/*.test.ts']);
  },
  'test:arm64': (names) => {
    build();
    testFiles(names.length > 0 ? names : ['tests/arm64/*.test.ts']);
  },
  'test:faults': (names) => {
    build();
    // One file after another: each has the machine for itself, as far as that goes.
    testFiles(['--test-concurrency=1', ...(names.length > 0 ? names : ['tests/faults/*.test.ts'])]);
  },
  'test:deploy': (names) => {
    build();
    testFiles(['--test-concurrency=1', ...(names.length > 0 ? names : ['tests/deploy/*.test.ts'])]);
  },
  docs: () => {
    for (const script of ['write-feature-docs.ts', 'write-configuration-docs.ts']) {
      run('node', ['--conditions=source', join('scripts', script)]);
    }
  },
  'bench:detection': (options) => {
    build();
    run('node', ['--conditions=source', join('bench', 'detection.ts'), ...options]);
  },
  soak: () => {
    build();
    run('node', ['--conditions=source', join('tests', 'soak', 'soak.ts')]);
  },
  bundle: () => run('node', ['--conditions=source', join('scripts', 'bundle.ts')]),
  'measure:memory': (options) => {
    tasks.bundle();
    run('node', ['--conditions=source', join('scripts', 'measure-memory.ts'), ...options]);
  },
  demo: (options) => {
    build();
    run('node', [join('examples', 'demo', 'demo.ts'), ...options]);
  },
};

function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(installedMark) && readFileSync(installedMark, 'utf8') === lock) return;
  console.log('> npm ci --ignore-scripts');
  // npm warns that Node 20 is too old for some packages: they run under the Node that this very step installs.
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(installedMark, lock);
}

function build() {
  run('tsc', ['-b']);
}

function testFiles(patterns) {
  run('node', ['--conditions=source', '--test', ...patterns]);
}

function run(command, args) {
  const path = `${binaries}${delimiter}${process.env.PATH ?? ''}`;
  const shell = process.platform === 'win32';
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell,
    env: { ...process.env, PATH: path },
  });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

const [name = '', ...rest] = process.argv.slice(2);
const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
if (task === undefined) {
  console.error(`task: no task '${name}'; there are ${Object.keys(tasks).join(', ')}`);
  process.exit(2);
}
if (name !== 'setup') install();
task(rest);
