import { errorAnswer } from './http-errors.ts';

const DESCRIPTIONS = {
  400: 'the request is not as described here',
  401: 'the token is missing or wrong',
  403: 'a token is needed, and none is configured',
  404: 'there is no such thing',
  409: 'the present state does not allow it',
  413: 'the body is too large',
  415: 'the body is not JSON',
  421: 'the Host header names another machine',
  429: 'too many requests of this address; Retry-After says when to come again',
  503: 'the store, the log source or the model directory does not answer',
} as const;

type ErrorStatus = keyof typeof DESCRIPTIONS;

/** An error in the document: what it means, and its shape. */
interface ErrorResponse {
  readonly description: string;
  readonly content: { readonly 'application/json': { readonly schema: typeof errorAnswer } };
}

/** The errors of a route, by status, for its schema. */
export function errorAnswers<const Status extends ErrorStatus>(...statuses: Status[]): Record<Status, ErrorResponse> {
  const answers = statuses.map((status): [Status, ErrorResponse] => [
    status,
    { description: DESCRIPTIONS[status], content: { 'application/json': { schema: errorAnswer } } },
  ]);
  return Object.fromEntries(answers) as Record<Status, ErrorResponse>;
}
