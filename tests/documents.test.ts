import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { AGENT_PROFILES } from '@edgewood/features';
import { featuresPage } from '../scripts/write-feature-docs.ts';

const root = join(import.meta.dirname, '..');

test('docs/features.md is what the feature tables say (npm run docs writes it)', () => {
  assert.equal(readFileSync(join(root, 'docs/features.md'), 'utf8'), featuresPage(AGENT_PROFILES));
});
