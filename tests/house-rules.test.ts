/**
 * The rules of the house that a linter cannot hold: which package may import which, what files may be called, how long a
 * function may be, what must never be committed.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');
const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
const sources = tracked.filter((file) => /\.(ts|js)$/.test(file)).map((file) => ({ file, text: read(file) }));

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** Each package and the packages it may import; ARCHITECTURE.md draws the same arrows. */
const ARROWS: Record<string, readonly string[]> = {
  'isolation-forest': [],
  logs: [],
  features: ['logs'],
  models: ['isolation-forest'],
  surprise: ['features', 'logs'],
  detection: ['features', 'isolation-forest', 'logs', 'models', 'surprise'],
  deployer: ['models'],
  trainer: ['detection', 'features', 'isolation-forest', 'logs', 'models', 'surprise'],
  service: ['detection', 'features', 'logs', 'models', 'surprise'],
  cli: ['deployer', 'detection', 'features', 'isolation-forest', 'logs', 'models', 'service', 'surprise', 'trainer'],
};

test('a package depends on those that the arrows allow, and on no others', () => {
  for (const [name, allowed] of Object.entries(ARROWS)) {
    const { dependencies = {} } = JSON.parse(read(`packages/${name}/package.json`));
    const ours = Object.keys(dependencies).filter((dependency) => dependency.startsWith('@edgewood/'));
    assert.deepEqual(ours.sort(), allowed.map((target) => `@edgewood/${target}`).sort(), name);
  }
});

test('imports follow the arrows: by name to an allowed package, never by path into another', () => {
  for (const { file, text } of sources) {
    const owner = /^packages\/([^/]+)\/src\//.exec(file)?.[1];
    if (owner === undefined || file.endsWith('.test.ts') || file.includes('/testing/')) continue;
    for (const [, target] of text.matchAll(/(?:from|import\()\s*'@edgewood\/([^'/]+)/g)) {
      assert.ok(target === owner || ARROWS[owner]?.includes(target ?? ''), `${file} imports @edgewood/${target}`);
    }
    assert.doesNotMatch(text, /from '(\.\.\/)+packages\//, file);
  }
});

test('features takes only types from logs', () => {
  for (const { file, text } of sources) {
    if (!file.startsWith('packages/features/src/') || file.endsWith('.test.ts')) continue;
    assert.doesNotMatch(text, /^import (?!type\b)[^;]*'@edgewood\/logs'/m, file);
  }
});

test('no file has a name that says nothing', () => {
  const empty = /^(utils?|helpers?|common|misc|types|base|lib)\.[jt]s$/;
  for (const { file } of sources) {
    assert.doesNotMatch(basename(file), empty, file);
    if (basename(file) === 'index.ts') assert.match(file, /^packages\/[^/]+\/src\/index\.ts$/, file);
    if (file.endsWith('.ts')) assert.match(basename(file), /^[a-z0-9.-]+$/, `${file}: file names are kebab-case`);
  }
});

/** Lines a function may have, from its first to its last. */
const LONGEST_FUNCTION = 70;
/** A function declaration or a method, by the indentation at which it also ends. */
const FUNCTION =
  /^( *)(?:export )?(?:(?:async )?function\b|(?:static |async |get |set |\*)*[#a-zA-Z]\w*(?:<[^>]*>)?\()(?!.*=>)(?!.*;$)/;
/** Words that begin a line like a method would. */
const STATEMENT = /^ *(?:if|for|while|switch|catch|return|test|describe|it|before|after)\b/;

test(`no function has more than ${LONGEST_FUNCTION} lines`, () => {
  for (const { file, text } of sources) {
    if (file.endsWith('.test.ts') || file.includes('/testing/')) continue; // a suite is as long as it has cases
    const lines = text.split('\n');
    for (const [start, line] of lines.entries()) {
      const indent = FUNCTION.exec(line)?.[1];
      if (indent === undefined || STATEMENT.test(line)) continue;
      const end = lines.findIndex((other, at) => at >= start && other.startsWith(`${indent}}`));
      const body = lines.findIndex((other, at) => at >= start && other.endsWith('{'));
      if (end < 0 || body < 0 || body > end) continue;
      assert.ok(end - start < LONGEST_FUNCTION, `${file}:${start + 1} has ${end - start + 1} lines`);
    }
  }
});

test('nothing is left unfinished, and nothing of a machine is committed', () => {
  const marks = new RegExp(['\\bTO' + 'DO\\b', '\\bFIX' + 'ME\\b', '\\bX' + 'XX\\b', '\\.on' + 'ly\\('].join('|'));
  for (const { file, text } of sources) assert.doesNotMatch(text, marks, file);
  const prose = tracked.filter((file) => /\.(md|yaml|yml|json)$/.test(file) && file !== 'package-lock.json');
  for (const file of prose) assert.doesNotMatch(read(file), /\/(?:work|root)\//, file);
  assert.doesNotMatch(read('package-lock.json'), /"resolved": "https?:/, 'a registry host is in the lock file');
});
