import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveSklearnVersion, SKLEARN_VERSIONS } from './sklearn-versions.ts';

describe('a scikit-learn version', () => {
  const cases: readonly (readonly [text: string | undefined, release: string, template: string])[] = [
    [undefined, '1.9.1', 'estimator_'],
    ['newest', '1.9.1', 'estimator_'],
    ['1.0', '1.0.2', 'base_estimator_'],
    ['1.2', '1.2.1', '_estimator'],
    ['1.2.0', '1.2.0', '_estimator'],
    ['1.2.2', '1.2.2', 'estimator_'],
    ['1.3.0', '1.3.0', 'estimator_'],
    ['1.7.99', '1.7.99', 'estimator_'],
    ['1.10', '1.10.dev0', 'estimator_'],
  ];
  for (const [text, release, template] of cases) {
    it(`${text ?? 'not given'} is ${release}, whose trees come from ${template}`, () => {
      const resolved = resolveSklearnVersion(text);
      assert.equal(resolved.release, release);
      assert.equal(resolved.version.templateAttributes.at(-1), template);
    });
  }

  for (const text of ['0.24.2', '2.0', '1', '1.2.', 'v1.2', '1.2.1.1', '', '1.11', ' 1.2']) {
    it(`'${text}' is refused, and the message names those there are`, () => {
      assert.throws(() => resolveSklearnVersion(text), { code: 'UNSUPPORTED', message: /1\.0, 1\.1, .*1\.10/ });
    });
  }

  it('is in the table once for each layout, oldest first', () => {
    const minors = SKLEARN_VERSIONS.map(({ minor }) => Number(minor.split('.')[1]));
    assert.deepEqual(minors, [0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});
