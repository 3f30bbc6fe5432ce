/** docs/threat-model.md points at what is there: whoever doubts a sentence of it can look. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/threat-model.md'), 'utf8');

test('every file that the threat model names is there', () => {
  const named = [...page.matchAll(/`((?:packages|tests|deploy|docs)\/[^`\s]+)`/g)].map(([, file = '']) => file);
  assert.ok(named.length > 15, `${named.length} files`);
  for (const file of named) assert.ok(existsSync(join(root, file)), file);
});

test('every threat says what does not hold, and what does is shown by a file', () => {
  const sections = page.split(/^## /m).slice(1);
  assert.equal(sections.length, 9);
  for (const section of sections) {
    const [title = ''] = section.split('\n');
    assert.match(section, /\*\*Does not hold/, title);
    assert.match(section, /`(?:packages|tests|deploy)\//, title);
  }
});
