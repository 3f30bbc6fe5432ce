/**
 * `serve.ts` as a process that kills itself with SIGKILL at its nth commit of a transaction that writes to the store:
 * `EDGEWOOD_DIES_AT='<n> <CommitMoment>' node serve-until-commit.ts CONFIG …`. Where a random moment seldom falls between
 * two statements, this one always does.
 */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { COMMIT_MOMENTS } from './commit-moment.ts';

/** A transaction that writes, in the words of either store; one that reads begins otherwise. */
const BEGINS_WRITING = /BEGIN IMMEDIATE|pg_advisory_xact_lock/;

const [nth = '', momentText] = (process.env.EDGEWOOD_DIES_AT ?? '').split(' ');
const moment = COMMIT_MOMENTS.find((known) => known === momentText);
assert(Number(nth) > 0 && moment !== undefined, 'EDGEWOOD_DIES_AT says when');

let isWriting = false;
let commits = 0;

/** Whether this statement is the commit to die at. */
function isLast(sql: unknown): boolean {
  if (typeof sql !== 'string') return false;
  if (/\bBEGIN\b/.test(sql)) isWriting = BEGINS_WRITING.test(sql);
  if (sql !== 'COMMIT' || !isWriting) return false;
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

type Ask = (...question: unknown[]) => unknown;

const query: Ask = pg.Client.prototype.query;
const queryUntilTheEnd: Ask = function (this: pg.Client, ...question) {
  const isTheEnd = isLast(question[0]);
  if (isTheEnd && moment === 'before') die();
  const answer = query.apply(this, question);
  if (!isTheEnd) return answer;
  if (moment === 'during') setImmediate(die);
  return (answer as Promise<unknown>).then(die);
};
Object.assign(pg.Client.prototype, { query: queryUntilTheEnd });

await import('../../packages/service/src/testing/serve.ts');
