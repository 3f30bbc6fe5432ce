/** What a status of the other side means for a file; all other errors pass. `shown` is the file for people. */
import { ModelError } from '@edgewood/models';
import { STATUS, StatusError } from './status.ts';

/** Nothing there, or a circle of links. */
export function absentOr(otherwise: (error: unknown) => never): (error: unknown) => undefined {
  return (error) => (error instanceof StatusError && error.status === STATUS.noSuchFile ? undefined : otherwise(error));
}

/** The other side would not or could not do it, whatever the reason. */
export function refused<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof StatusError) return instead;
    throw error;
  };
}

export function unreadable(shown: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof StatusError)) throw error;
    throw new ModelError('FILE_UNREADABLE', `cannot read ${shown}: ${error.message}`, { cause: error });
  };
}

export function unwritable(shown: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof StatusError)) throw error;
    throw new ModelError('FILE_UNWRITABLE', `cannot write ${shown}: ${error.message}`, { cause: error });
  };
}
