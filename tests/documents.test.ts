import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { AGENT_PROFILES } from '@edgewood/features';
import { configurationPage, schemaFile } from '../scripts/write-configuration-docs.ts';
import { featuresPage } from '../scripts/write-feature-docs.ts';

const root = join(import.meta.dirname, '..');

test('docs/features.md is what the feature tables say (npm run docs writes it)', () => {
  assert.equal(readFileSync(join(root, 'docs/features.md'), 'utf8'), featuresPage(AGENT_PROFILES));
});

test('docs/configuration.md is what the schema says (npm run docs writes it)', () => {
  assert.equal(readFileSync(join(root, 'docs/configuration.md'), 'utf8'), configurationPage());
});

test('docs/edgewood.schema.json is what the schema says (npm run docs writes it)', () => {
  assert.equal(readFileSync(join(root, 'docs/edgewood.schema.json'), 'utf8'), schemaFile());
});

test('docs/errors.md has every code, and no code that is no longer there', () => {
  const packages = ['logs', 'features', 'trainer', 'isolation-forest', 'models', 'surprise', 'deployer', 'service'];
  const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
  const sections = page.split(/^## /m).slice(1);
  const named = new Map(
    sections.map((section) => [/`(\w+Error)`/.exec(section)?.[1], codesOf(section, /^\| `([A-Z_]+)` \|/gm)]),
  );
  for (const name of packages) {
    const source = readFileSync(join(root, 'packages', name, 'src/errors.ts'), 'utf8');
    const error = /class (\w+Error)/.exec(source)?.[1];
    assert.deepEqual(named.get(error), codesOf(source, /'([A-Z][A-Z_]+)'/g), error);
  }
});

function codesOf(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, code = '']) => code))].sort();
}
