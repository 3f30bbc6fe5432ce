import { LogError } from '@edgewood/logs';
import { ModelError, type ModelErrorCode } from '@edgewood/models';
import { z } from 'zod';
import { ServiceError } from '../errors.ts';

/** What every error looks like in JSON. */
export const errorAnswer = z
  .object({
    error: z.object({
      code: z.string().describe('for programs'),
      message: z.string().describe('for people: what was seen and what is allowed'),
    }),
  })
  .meta({ id: 'Error', description: 'what is wrong, and what would be right' });

/** Why a request is refused before it comes to a route. */
export type HttpErrorCode =
  /** The request is not as the document says. */
  | 'BAD_REQUEST'
  /** It needs a token, and has none or a wrong one. */
  | 'UNAUTHORIZED'
  /** It needs a token, and none is configured. */
  | 'NO_TOKEN_CONFIGURED'
  /** There is nothing at this address. */
  | 'NOT_FOUND'
  /** The body is larger than anything that is asked for. */
  | 'BODY_TOO_LARGE'
  /** The body is not JSON. */
  | 'NOT_JSON'
  /** The Host header names another machine. */
  | 'WRONG_HOST'
  /** More requests of one address than are allowed. */
  | 'TOO_MANY_REQUESTS'
  /** As many event streams as there may be. */
  | 'TOO_MANY_STREAMS'
  /** As many checks of metadata as there may be at the same time. */
  | 'TOO_MANY_CHECKS'
  /** The answer took too long and was given up. */
  | 'TIMEOUT'
  /** A mistake of ours. */
  | 'INTERNAL';

/** A request that is refused, with the status that says so. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly statusCode: number;
  readonly code: HttpErrorCode;
  /** What the answer's head says besides. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    statusCode: number,
    code: HttpErrorCode,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.statusCode = statusCode;
    this.code = code;
    this.headers = headers;
  }
}

/** An error as it is answered. */
export interface ErrorAnswer {
  readonly statusCode: number;
  readonly code: string;
  readonly message: string;
}

/** The body of an error. */
export function formatError({ code, message }: Omit<ErrorAnswer, 'statusCode'>): z.input<typeof errorAnswer> {
  return { error: { code, message } };
}

/** An error of the model directory is a conflict with what is in there, unless it is one of these. */
const MODEL_STATUS: Partial<Record<ModelErrorCode, number>> = {
  BAD_NAME: 400,
  VERSION_NOT_FOUND: 404,
  FILE_UNREADABLE: 503,
  FILE_UNWRITABLE: 503,
};
const SERVICE_STATUS: Partial<Record<ServiceError['code'], number>> = { NOT_FOUND: 404, BAD_REVIEW: 409 };
const LOG_STATUS: Partial<Record<LogError['code'], number>> = { BAD_SPAN: 400 };

/** What the HTTP library refuses by itself, as far as it is more than a bad request; and what is said of it. */
const LIBRARY_ERRORS: Readonly<Record<number, readonly [HttpErrorCode, string]>> = {
  413: ['BODY_TOO_LARGE', 'the body is larger than anything that is asked for'],
  415: ['NOT_JSON', 'the body must be JSON, with Content-Type: application/json'],
  503: ['TIMEOUT', 'the answer took too long and was given up'],
};

/**
 * 4xx for what the caller did, 503 for what the world does to us, 500 without any detail for our own mistakes.
 *
 * @param error whatever was thrown, by us or by the HTTP library, whose errors carry a `statusCode`.
 */
export function answerOf(error: Error & { readonly statusCode?: number }): ErrorAnswer {
  const { message, statusCode = 500 } = error;
  if (error instanceof HttpError) return { statusCode, code: error.code, message };
  if (error instanceof ServiceError)
    return { statusCode: SERVICE_STATUS[error.code] ?? 503, code: error.code, message };
  if (error instanceof ModelError) return { statusCode: MODEL_STATUS[error.code] ?? 409, code: error.code, message };
  if (error instanceof LogError) return { statusCode: LOG_STATUS[error.code] ?? 503, code: error.code, message };
  if (LIBRARY_ERRORS[statusCode] !== undefined) {
    const [code, sentence] = LIBRARY_ERRORS[statusCode];
    return { statusCode, code, message: sentence };
  }
  if (statusCode >= 400 && statusCode < 500) return { statusCode, code: 'BAD_REQUEST', message };
  return { statusCode: 500, code: 'INTERNAL', message: 'this is a mistake of ours; the log says more' };
}
