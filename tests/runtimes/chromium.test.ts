/** The library in a browser: Debian's Chromium loads the built modules as they are and gets the numbers that Node gets. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { after, before, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { IsolationForest, readSklearnFile, writeSklearnForest } from '@edgewood/isolation-forest';
import { type Browser, chromium } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const missing = !existsSync(CHROMIUM);
if (missing && process.env.CI === 'true') throw new Error(`${CHROMIUM} is missing in CI`);
const skip = missing ? `no ${CHROMIUM}` : false;

const library = join(import.meta.dirname, '../../packages/isolation-forest');
const fixture = readFileSync(join(library, 'src/sklearn/testing/scikit-learn-1.3.0/model.joblib'));
const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.html': 'text/html' };

let server: Server;
let browser: Browser;
let address: string;

/** The built library, the fixture as it is and compressed, and an empty page. */
function answer(path: string): Buffer | undefined {
  if (path === '/') return Buffer.from('<!doctype html><title>isolation-forest</title>');
  if (path === '/model.joblib') return fixture;
  if (path === '/compressed.joblib') return deflateSync(fixture);
  const file = join(library, 'dist', normalize(path));
  return existsSync(file) ? readFileSync(file) : undefined;
}

before(async () => {
  if (missing) return;
  server = createServer(({ url = '/' }, response) => {
    const body = answer(url);
    response.writeHead(body === undefined ? 404 : 200, {
      'content-type': TYPES[extname(url) || '.html'] ?? 'application/octet-stream',
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [...args, '--disable-component-update', '--disable-sync'],
  });
});
after(async () => {
  await browser?.close();
  server?.close();
});

const rows = Array.from({ length: 300 }, (_, n) => [n % 7, (n * 31) % 11, n === 150 ? 99 : n % 3]);

test('a forest fitted in the browser is the one fitted here, to the last bit', { skip }, async () => {
  const page = await browser.newPage();
  await page.goto(address);
  const theirs = await page.evaluate(async (samples) => {
    const path = '/index.js';
    const library = await import(path);
    const forest = new library.IsolationForest({ contamination: 0.02, randomState: 42 }).fit(samples);
    return {
      scores: Array.from(forest.scoreSamples(samples)) as number[],
      contributions: Array.from(forest.contributions(samples[150])) as number[],
      file: Array.from(library.writeSklearnForest(forest.state)) as number[],
    };
  }, rows);
  const ours = new IsolationForest({ contamination: 0.02, randomState: 42 }).fit(rows);
  assert.deepEqual(theirs.scores, [...ours.scoreSamples(rows)]);
  assert.deepEqual(theirs.contributions, [...ours.contributions(rows[150] ?? [])]);
  assert.deepEqual(theirs.file, [...writeSklearnForest(ours.state)]);
  await page.close();
});

test("scikit-learn's files are read in the browser, compressed ones too, and refused ones are refused", {
  skip,
}, async () => {
  const page = await browser.newPage();
  await page.goto(address);
  const sample = Array.from({ length: 122 }, (_, column) => (column * 37) % 19);
  const theirs = await page.evaluate(async (vector) => {
    const path = '/index.js';
    const library = await import(path);
    const bytesOf = async (name: string) => new Uint8Array(await (await fetch(name)).arrayBuffer());
    const scoreOf = async (name: string): Promise<number> => {
      const { forest } = await library.readSklearnFile(await bytesOf(name));
      return library.IsolationForest.fromState(forest).scoreSamples([vector])[0];
    };
    const half = (await bytesOf('/compressed.joblib')).slice(0, 5000);
    const refusal = await library.readSklearnFile(half).catch((error: { code: string }) => error.code);
    return { plain: await scoreOf('/model.joblib'), compressed: await scoreOf('/compressed.joblib'), refusal };
  }, sample);
  const { forest } = await readSklearnFile(fixture);
  assert.ok(forest);
  const [score] = IsolationForest.fromState(forest).scoreSamples([sample]);
  assert.deepEqual(theirs, { plain: score, compressed: score, refusal: 'BAD_COMPRESSION' });
  await page.close();
});
