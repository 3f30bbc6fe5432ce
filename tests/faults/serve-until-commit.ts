/**
 * `serve.ts` as a process that kills itself with SIGKILL at its nth commit of a transaction that writes to the store:
 * `EDGEWOOD_DIES_AT='<n> <CommitMoment> <CommitKind>' node serve-until-commit.ts CONFIG …`. Where a random moment seldom falls between
 * two statements, this one always does.
 */
import assert from 'node:assert/strict';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import pg from 'pg';
import { COMMIT_MOMENTS } from './commit-moment.ts';

/** A transaction that writes, in the words of either store; one that reads begins otherwise. */
const BEGINS_WRITING = /BEGIN IMMEDIATE|pg_advisory_xact_lock/;

const [nth = '', momentText, kind] = (process.env.EDGEWOOD_DIES_AT ?? '').split(' ');
const moment = COMMIT_MOMENTS.find((known) => known === momentText);
assert(Number(nth) > 0 && moment !== undefined, 'EDGEWOOD_DIES_AT says when');

/** The name of the number that is written when changes were told. */
const TELLING = 'announced';

let isWriting = false;
let isTelling = false;
let commits = 0;

/** Whether this statement is the commit to die at. */
function isLast(sql: unknown): boolean {
  if (typeof sql !== 'string') return false;
  if (/\bBEGIN\b/.test(sql)) {
    isWriting = BEGINS_WRITING.test(sql);
    isTelling = false;
  }
  if (sql !== 'COMMIT' || !isWriting || (kind === 'telling' && !isTelling)) return false;
  commits += 1;
  return commits === Number(nth);
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (sql) {
  const isTheEnd = isLast(sql);
  if (isTheEnd && moment === 'before') die();
  exec.call(this, sql); // returns when it is done: there is no moment during it
  if (isTheEnd) die();
};

const { all } = StatementSync.prototype;
StatementSync.prototype.all = function (...values: unknown[]) {
  isTelling ||= values.some((value) => value === TELLING);
  return all.apply(this, values as Parameters<typeof all>);
};

type Ask = (...question: unknown[]) => unknown;

const query: Ask = pg.Client.prototype.query;
const queryUntilTheEnd: Ask = function (this: pg.Client, ...question) {
  const [sql, values] = question;
  isTelling ||= Array.isArray(values) && values.includes(TELLING);
  const isTheEnd = isLast(sql);
  if (isTheEnd && moment === 'before') die();
  const answer = query.apply(this, question);
  if (!isTheEnd) return answer;
  if (moment === 'during') setImmediate(die);
  return (answer as Promise<unknown>).then(die);
};
Object.assign(pg.Client.prototype, { query: queryUntilTheEnd });

await import('../../packages/service/src/testing/serve.ts');
