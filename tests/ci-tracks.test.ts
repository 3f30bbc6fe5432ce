/** What runs everything, `.ci/tracks.sh`, with steps of its own: nothing of a step's output may be lost, and no failure. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

const tracks = join(import.meta.dirname, '../.ci/tracks.sh');
/** Waits until a file is there that another step writes. */
const HEAD = `
set -euo pipefail
source ${tracks}
until_there() { until [ -e "$1" ]; do sleep 0.01; done; }
`;

/** What a script of steps says until it ends, and how; it has a folder for itself. */
async function runSteps(t: TestContext, script: string, env: NodeJS.ProcessEnv = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'edgewood-ci-tracks-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const said = openSync(join(folder, 'said'), 'w');
  const bash = spawn('bash', ['-c', HEAD + script], {
    cwd: folder,
    env: { PATH: process.env.PATH, TMPDIR: folder, ...env },
    stdio: ['ignore', said, 'ignore'],
  });
  const [code] = await once(bash, 'exit'); // what it left running may still hold its output open
  closeSync(said);
  return { code, stdout: readFileSync(join(folder, 'said'), 'utf8'), folder };
}

/** Whether the process whose id is in a file still runs; one that has ended and waits to be noticed does not. */
function isRunning(file: string): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', readFileSync(file, 'utf8').trim()], { encoding: 'utf8' });
  return stdout !== '' && !stdout.startsWith('Z');
}

/** Without the lines that say that a step begins, and without times. */
function resultsIn(stdout: string): string[] {
  const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('--- '));
  return lines.map((line) => line.replace(/ \(\d\d:\d\d:\d\d.*\)$/, ''));
}

test('steps of two tracks run side by side, and what each says comes whole below its title', async (t) => {
  const script = `
    first() { echo one; touch a; until_there b; echo two >&2; }
    second() { until_there a; echo three; touch b; }
    third() { until_there c; echo four; }
    one_track() { step first first; step last touch c; }
    other_track() { step second second; step third third; }
    in_tracks one_track other_track
    step end echo over`;
  const { code, stdout } = await runSteps(t, script);
  assert.equal(code, 0);
  const results = resultsIn(stdout);
  const firstAt = results.indexOf('=== first');
  assert.deepEqual(results.slice(firstAt, firstAt + 3), ['=== first', 'one', 'two']);
  const secondAt = results.indexOf('=== second');
  assert.deepEqual(results.slice(secondAt, secondAt + 2), ['=== second', 'three']);
  assert.deepEqual(results.slice(-4), ['=== third', 'four', '=== end', 'over']);
  assert.match(stdout, /^--- first begins \(/m);
});

test('at the first step that fails the others are stopped, and its output and exit code are kept', async (t) => {
  const script = `
    endless() { sh -c 'echo $$ > child; exec sleep 60'; }
    failing() { until_there child; seq 20000; return 7; }
    one_track() { step endless endless; step after touch went-on; }
    other_track() { step failing failing; step after touch went-on; }
    in_tracks one_track other_track
    touch went-on`;
  const { code, stdout, folder } = await runSteps(t, script);
  assert.equal(code, 7);
  const results = resultsIn(stdout);
  assert.equal(results.length, 20_002);
  assert.deepEqual(
    [results[0], results.at(-2), results.at(-1)],
    ['=== failing', '20000', '=== failing failed with exit code 7'],
  );
  assert.equal(isRunning(join(folder, 'child')), false);
  assert.equal(existsSync(join(folder, 'went-on')), false);
});

test('a script that is told to end stops its tracks', async (t) => {
  const script = `
    endless() { echo $BASHPID > child; kill -TERM $$; exec sleep 60; }
    track() { step endless endless; }
    in_tracks track`;
  const { code, folder } = await runSteps(t, script);
  assert.equal(code, 143);
  assert.equal(isRunning(join(folder, 'child')), false);
});

test('one step at a time, if asked for: in order, up to the one that fails', async (t) => {
  const script = `
    one_track() { step first echo one; step second sh -c 'echo two; exit 3'; }
    other_track() { step third echo three; }
    in_tracks one_track other_track`;
  const { code, stdout } = await runSteps(t, script, { EDGEWOOD_CI_TRACKS: '1' });
  assert.equal(code, 3);
  assert.deepEqual(resultsIn(stdout), ['=== first', 'one', '=== second', 'two']);
});
