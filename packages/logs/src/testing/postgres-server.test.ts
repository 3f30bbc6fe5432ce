import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogTable, execute, loadLogTable } from './log-table.ts';
import { startPostgres } from './postgres-server.ts';

async function isUp(url: string): Promise<boolean> {
  return execute(url, 'SELECT 1').then(
    () => true,
    () => false,
  );
}

describe('a PostgreSQL for tests', () => {
  it('is a server with a table of logs and a role that may only read it, until it is stopped', async () => {
    const server = await startPostgres();
    try {
      const reader = await createLogTable(server.url);
      const csv = ['message,timestamp,id,program\n"a, ""b""\n', 'c",2025-05-01Z,7,\n', 'd,2025-05-02Z,8,crond\n'];
      assert.equal(
        await loadLogTable(
          server.url,
          (async function* () {
            yield* csv;
          })(),
        ),
        2,
      );
      const rows = await execute(reader, 'SELECT id, program, message FROM log_entries ORDER BY id');
      assert.deepEqual(rows, [
        { id: '7', program: null, message: 'a, "b"\nc' },
        { id: '8', program: 'crond', message: 'd' },
      ]);
      await execute(server.url, `INSERT INTO log_entries ("timestamp") VALUES (now())`);
      await assert.rejects(execute(reader, 'DELETE FROM log_entries'), /permission denied/);
    } finally {
      await server.stop();
    }
    await server.stop();
    assert.equal(await isUp(server.url), false);
  });

  it('does not outlive the process that started it, however that ends', async () => {
    const program = `import { startPostgres } from '${new URL('postgres-server.ts', import.meta.url)}';
      console.log((await startPostgres()).url);`;
    const starter = spawn(process.execPath, ['--conditions=source', '--input-type=module', '-e', program]);
    const url = await new Promise<string>((resolve) =>
      starter.stdout.once('data', (line) => resolve(String(line).trim())),
    );
    assert.equal(await isUp(url), true);
    starter.kill('SIGKILL');
    for (let tries = 0; await isUp(url); tries++) {
      assert.ok(tries < 200, 'still up');
      await sleep(50);
    }
  });
});
