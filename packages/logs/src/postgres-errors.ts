/** What goes wrong with a PostgreSQL, in our words. */
import pg from 'pg';
import { LogError, type LogErrorCode } from './errors.ts';

/** Codes of errors by which we know that no server was talked to. */
const NOT_REACHED = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'ENOENT',
  'EACCES',
];

/**
 * SQLSTATEs, or their classes of two characters, that have a code here. Others of the server's answers are refusals;
 * those of `SOURCE_UNREACHABLE` pass with time.
 */
const CODES: Readonly<Record<string, LogErrorCode>> = {
  '3D000': 'SOURCE_MISMATCH', // no such database
  '3F000': 'SOURCE_MISMATCH', // no such schema
  '42P01': 'SOURCE_MISMATCH', // no such table
  '42703': 'SOURCE_MISMATCH', // no such column
  '42883': 'SOURCE_MISMATCH', // no such operator for the column's type
  '22023': 'BAD_MAPPING', // no such time zone
  '08': 'SOURCE_UNREACHABLE', // connection
  '40': 'SOURCE_UNREACHABLE', // transaction rolled back: on a standby, a conflict with recovery
  '53': 'SOURCE_UNREACHABLE', // disk, memory, too many connections
  '55': 'SOURCE_UNREACHABLE', // not in the right state, locked
  '57': 'SOURCE_UNREACHABLE', // cancelled, timed out, shut down, starting
  '58': 'SOURCE_UNREACHABLE', // the server's own system
  XX: 'SOURCE_UNREACHABLE', // the server's own faults
};

/** The error of the world that `error` is; one that is a `LogError` already stays as it is. */
export function sourceError(error: unknown, location: string, what = describeFailure(error)): LogError {
  if (error instanceof LogError) return error;
  const code = codeOf(error);
  const verb = code === 'SOURCE_UNREACHABLE' && !isFromServer(error) ? 'cannot be reached' : 'answers';
  return new LogError(code, `${location} ${verb}: ${what}`, { cause: error });
}

/** Whether the server itself sent this error: what it did for us has ended then. */
export function isFromServer(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError;
}

/** Whether somebody was there who may answer otherwise if asked with TLS, or without. */
export function hostAnswered(error: unknown): boolean {
  if (error instanceof LogError) return false;
  const { code, message } = error as NodeJS.ErrnoException;
  return !NOT_REACHED.includes(code ?? '') && message !== 'timeout expired';
}

/** What an error says, in one line. */
export function describeFailure(error: unknown): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map(describeFailure))].join(', ');
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): LogErrorCode {
  if (!isFromServer(error)) return 'SOURCE_UNREACHABLE';
  const state = error.code ?? '';
  return CODES[state] ?? CODES[state.slice(0, 2)] ?? 'SOURCE_REFUSED';
}
