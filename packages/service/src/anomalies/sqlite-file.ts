/**
 * The file that a store is in. One that is damaged is set aside under another name, and a new one is begun, so that what is
 * found next can be kept.
 */
import { chmodSync, closeSync, existsSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** How long a write waits for another process, in milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;
/**
 * Up to this size a file is looked through as a whole at the start, in bytes: half a second at 120 MB/s. Of a larger one all
 * tables but that of the windows are; damage among those shows when they are read, and is heeded then.
 */
const CHECKED_WHOLE_BYTES = 64e6;
const UNCHECKED_TABLE = 'edgewood_windows';
/** The log before the file takes no more than this after a checkpoint, in bytes. */
const WAL_LIMIT_BYTES = 4_000_000;
/** So many files that were set aside are kept; the oldest go, lest a failing disk fills up with them. */
const SET_ASIDE_MOST = 3;
/** What belongs to a file. */
const PARTS = ['', '-wal', '-shm'];
/** Results of SQLite that mean that the file is damaged, or none of its own: `SQLITE_CORRUPT` and `SQLITE_NOTADB`. */
const DAMAGED = new Set([11, 26]);

/** Thrown at a file that SQLite can read and that is no store all the same. */
export class DamagedFile extends Error {}

/** Whether an error means that the file should be set aside. */
export function isDamage(error: unknown): boolean {
  const { errcode } = error as { errcode?: number };
  return error instanceof DamagedFile || (errcode !== undefined && DAMAGED.has(errcode & 0xff));
}

/**
 * Opens a file, which is made if it is not there, and readable for its owner only from then on.
 *
 * @param bringSchema makes or checks the tables; called before anything is written.
 * @throws {DamagedFile} or whatever {@link isDamage} knows, if the file should be set aside; other errors of SQLite.
 */
export function openSqliteFile(file: string, bringSchema: (database: DatabaseSync) => void): DatabaseSync {
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    checkSound(database, file);
    closeToOthers(file);
    bringSchema(database);
    database.exec(`PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = ${WAL_LIMIT_BYTES}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Also files that an earlier release has made; those of another owner stay as that one wants them. */
function closeToOthers(file: string): void {
  const { mode, uid } = statSync(file);
  if ((mode & 0o077) !== 0 && uid === process.getuid?.()) chmodSync(file, 0o600);
}

function checkSound(database: DatabaseSync, file: string): void {
  for (const check of checksOf(database, statSync(file).size)) {
    const [found] = database.prepare(check).all();
    const verdict = String(found?.quick_check);
    if (verdict !== 'ok') throw new DamagedFile(verdict);
  }
}

function checksOf(database: DatabaseSync, sizeBytes: number): readonly string[] {
  if (sizeBytes <= CHECKED_WHOLE_BYTES) return ['PRAGMA quick_check(1)'];
  const tables = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> ?")
    .all(UNCHECKED_TABLE);
  return tables.map(({ name }) => `PRAGMA quick_check("${String(name).replaceAll('"', '""')}")`);
}

/**
 * Renames a file and what belongs to it: `<file>.corrupt-YYYYMMDDTHHMMSSZ`, of equal names with the next free second.
 *
 * @returns its new name.
 */
export function setFileAside(file: string, nowMs: number): string {
  let timeMs = nowMs;
  while (existsSync(asideName(file, timeMs))) timeMs += 1_000;
  const setAside = asideName(file, timeMs);
  for (const part of PARTS) if (existsSync(`${file}${part}`)) renameSync(`${file}${part}`, `${setAside}${part}`);
  removeOthers(file, setAside);
  return setAside;
}

function asideName(file: string, timeMs: number): string {
  return `${file}.corrupt-${new Date(timeMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
}

/** Leaves the newest ones, and the one that was just made, whatever the clock says. */
function removeOthers(file: string, setAside: string): void {
  const prefix = `${basename(file)}.corrupt-`;
  const names = readdirSync(dirname(file)).filter((name) => name.startsWith(prefix) && /-\d{8}T\d{6}Z$/.test(name));
  const others = names.filter((name) => name !== basename(setAside)).sort();
  for (const name of others.slice(0, 1 - SET_ASIDE_MOST)) {
    for (const part of PARTS) rmSync(join(dirname(file), `${name}${part}`), { force: true });
  }
}
