import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { loadMetadata, SERVICE_REPORT_FILE } from '@edgewood/models';
import { FileServiceView } from './file-service-view.ts';
import { HttpServiceView } from './http-service-view.ts';
import { FirstServiceView } from './service-view.ts';
import { NEW, SOURCE, WIFI } from './testing/deployment-bench.ts';
import { MemoryTargetFiles } from './testing/memory-target-files.ts';
import { reportOf, serviceReport } from './testing/pretended-service.ts';

const REPORT = serviceReport([reportOf({ version: NEW })]);
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

async function served(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a report in the directory is fresh once it has changed', async () => {
  const files = new MemoryTargetFiles();
  const view = new FileServiceView(files);
  assert.equal(await view.report(), 'there is no service_report.json in memory');
  await files.replaceFile(SERVICE_REPORT_FILE, bytesOf(REPORT));
  assert.deepEqual(await view.report(), { report: REPORT, isFresh: true, by: SERVICE_REPORT_FILE });
  const later = new FileServiceView(files);
  for (const _ of [1, 2]) assert.equal(typeofFresh(await later.report()), false, 'it may be of a service that is gone');
  await files.replaceFile(SERVICE_REPORT_FILE, bytesOf({ ...REPORT, sequence: 2 }));
  assert.equal(typeofFresh(await later.report()), true);
  await files.replaceFile(SERVICE_REPORT_FILE, bytesOf({ models: 3 }));
  assert.match(String(await later.report()), /service_report\.json in memory: schema_version/);
});

function typeofFresh(seen: Awaited<ReturnType<FileServiceView['report']>>) {
  return typeof seen === 'string' ? seen : seen.isFresh;
}

test('a service is asked over HTTP, with the token, for its report and what it thinks of metadata', async (t) => {
  const asked: string[] = [];
  const api = await served(t, (request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    const answer = request.method === 'GET' ? REPORT : { accepted: false, problem: 'other windows', warnings: [] };
    response.end(JSON.stringify(answer));
  });
  const view = new HttpServiceView({ api, token: 'secret' });
  assert.deepEqual(await view.report(), { report: REPORT, isFresh: true, by: `${api}/api/report` });
  const metadata = await loadMetadata(SOURCE, WIFI, NEW);
  assert.deepEqual(await view.check('guests', metadata), { accepted: false, problem: 'other windows' });
  assert.deepEqual(asked, ['GET /api/report Bearer secret', 'POST /api/models/guests/check Bearer secret']);
});

/** Answers that are none, and how they are told. */
const NONE: [title: string, answer: RequestListener, words: RegExp][] = [
  ['an older service', (_, response) => response.writeHead(404).end(), /HTTP 404/],
  ['something else', (_, response) => response.end('<html>'), /is not JSON/],
  ['another document', (_, response) => response.end('{}'), /schema_version/],
  [
    'a redirect',
    (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    /cannot be asked/,
  ],
  ['a hang-up', (request) => request.socket.destroy(), /cannot be asked/],
  ['too much', (_, response) => response.end('x'.repeat(1_100_000)), /more than 1000000 bytes/],
];

for (const [title, answer, words] of NONE) {
  test(`what answers like ${title} is no error, but said`, async (t) => {
    const view = new HttpServiceView({ api: await served(t, answer) });
    assert.match(String(await view.report()), words);
    assert.equal(typeof (await view.check('wifi', await loadMetadata(SOURCE, WIFI, NEW))), 'string');
  });
}

test('the first view that sees something is believed; if none does, all say why', async () => {
  const files = new MemoryTargetFiles();
  const closed = new HttpServiceView({ api: 'http://127.0.0.1:1' });
  const view = new FirstServiceView([closed, new FileServiceView(files)]);
  assert.match(
    String(await view.report()),
    /^http:\/\/127\.0\.0\.1:1\/api\/report cannot be asked: .*; there is no service/,
  );
  await files.replaceFile(SERVICE_REPORT_FILE, bytesOf(REPORT));
  const seen = await view.report();
  assert.equal(typeof seen === 'string' ? seen : seen.by, SERVICE_REPORT_FILE);
});
