import { EXIT } from './exit-codes.ts';
import { printable } from './terminal.ts';

/** A wrong command line: an option that does not fit with another, or a value that is out of range. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Tells the user of an error and gives the exit code.
 *
 * Errors of the world carry a `code`; their sentence is all that the user needs. Anything else is our own mistake, and
 * then the stack is what helps.
 */
export function reportFailure(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`edgewood: ${error.message}\n`);
    return EXIT.usage;
  }
  if (isAbort(error)) {
    process.stderr.write('edgewood: interrupted; nothing was left half-written\n');
    return EXIT.interrupted;
  }
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    process.stderr.write(`edgewood: ${printable(error.message)} [${error.code}]\n`);
    return error.code === 'INTERRUPTED' ? EXIT.interrupted : EXIT.failed;
  }
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`edgewood: unexpected error; please report it\n${details}\n`);
  return EXIT.failed;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || ('code' in error && error.code === 'ABORTED'));
}

/** A signal that is aborted by the first Ctrl-C or SIGTERM; a second one ends the process at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      controller.abort();
      process.once(signal, () => process.exit(EXIT.interrupted));
    });
  }
  return controller.signal;
}
