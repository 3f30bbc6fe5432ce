/**
 * The Pythons that the interoperability tests compare with: Debian's own scikit-learn and the environments that
 * `tests/interop/install.sh` makes. A release that is not there is skipped by name; in CI Debian's and the newest must be.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const environments = join(import.meta.dirname, '../../.edgewood/python');

export interface PythonRelease {
  /** `debian` or the directory's name: `1.3.2`, `newest`. */
  readonly name: string;
  readonly python: string;
  /** scikit-learn's own version; undefined if it cannot be imported. */
  readonly sklearnVersion: string | undefined;
  /** Why tests with it are skipped, or false. */
  readonly skip: string | false;
}

const NAMES = ['debian', '1.0.2', '1.2.2', '1.3.2', '1.5.2', '1.6.1', '1.7.2', 'newest'];
const NEEDED_IN_CI = new Set(['debian', 'newest']);

export const PYTHON_RELEASES: readonly PythonRelease[] = NAMES.map((name) => {
  const python = name === 'debian' ? '/usr/bin/python3' : join(environments, name, 'bin/python');
  const found = existsSync(python)
    ? spawnSync(python, ['-c', 'import sklearn, joblib; print(sklearn.__version__)'], { encoding: 'utf8' })
    : undefined;
  const sklearnVersion = found?.status === 0 ? found.stdout.trim() : undefined;
  const missing = sklearnVersion === undefined;
  if (missing && process.env.CI === 'true' && NEEDED_IN_CI.has(name)) {
    throw new Error(`scikit-learn (${name}) is missing in CI: ${found?.stderr ?? `no ${python}`}`);
  }
  const skip = missing ? `no scikit-learn at ${python}; see tests/interop/install.sh` : false;
  return { name, python, sklearnVersion, skip };
});

/** Runs a script of this folder; its standard output is JSON. Fails with the script's own words. */
export function runPython<Answer>(release: PythonRelease, script: string, args: readonly string[], input = ''): Answer {
  const result = spawnSync(release.python, [join(import.meta.dirname, script), ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (result.status !== 0) throw new Error(`${script} under scikit-learn ${release.sklearnVersion}: ${result.stderr}`);
  return JSON.parse(result.stdout) as Answer;
}
