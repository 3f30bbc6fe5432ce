import { ModelError } from '@edgewood/models';
import { ServiceError } from '../errors.ts';

/** What an error looks like over HTTP. */
export interface ErrorAnswer {
  readonly statusCode: number;
  /** A code of ours; `BAD_REQUEST`, `NOT_FOUND`, or `INTERNAL` for our own mistakes. */
  readonly code: string;
  readonly message: string;
}

/**
 * 4xx for what the caller did, 503 for what the world does to us, 500 without any detail for our own mistakes.
 *
 * @param error whatever was thrown, by us or by the HTTP library, whose errors carry a `statusCode`.
 */
export function errorAnswer(error: Error & { readonly statusCode?: number }): ErrorAnswer {
  const { message, statusCode = 500 } = error;
  if (error instanceof ServiceError || error instanceof ModelError)
    return { statusCode: 503, code: error.code, message };
  if (statusCode >= 400 && statusCode < 500) return { statusCode, code: 'BAD_REQUEST', message };
  return { statusCode: 500, code: 'INTERNAL', message: 'this is a mistake of ours; the log says more' };
}
