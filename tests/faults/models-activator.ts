/**
 * Activates versions in turn while it loads what is live: `models-activator.ts <directory> <activations> <version>…`.
 * Prints what came of it as JSON, {@link ActivatorReport}.
 */
import { activate, LocalModelFiles, loadActiveModel, parseVersion } from '@edgewood/models';
import { expectedScores, SAMPLES, WIFI } from './models-directory.ts';

export interface ActivatorReport {
  readonly activations: number;
  readonly loads: number;
  /** Loads that ended with scores that are not those of the version that they named. */
  readonly torn: number;
  /** Why loads failed. */
  readonly failures: readonly string[];
}

const [directory = '', count = '', ...names] = process.argv.slice(2);
const versions = names.map(parseVersion);
const files = new LocalModelFiles(directory);
const scores = await expectedScores(directory, versions);

let activations = 0;
let switching = true;
const failures: string[] = [];
let [loads, torn] = [0, 0];

/** A load for so many activations: the switching is what there shall be most of. */
const ACTIVATIONS_A_LOAD = 20;

const loading = (async () => {
  for (let nextAt = 0; switching; nextAt = activations + ACTIVATIONS_A_LOAD) {
    while (switching && activations < nextAt) await nextTurn();
    try {
      const { version, forest } = await loadActiveModel(files, WIFI);
      loads += 1;
      if (forest.scoreSamples(SAMPLES).join() !== scores.get(version)) torn += 1;
    } catch (error) {
      failures.push(String(error));
    }
  }
})();
for (; activations < Number(count); activations += 1) {
  const version = versions[activations % versions.length];
  if (version !== undefined) await activate(files, WIFI, version);
}
switching = false;
await loading;
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

console.log(JSON.stringify({ activations, loads, torn, failures } satisfies ActivatorReport));
