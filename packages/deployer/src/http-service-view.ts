import { MAX_REPORT_BYTES, ModelError, type ModelMetadata, parseServiceReport } from '@edgewood/models';
import type { CheckAnswer, SeenReport, ServiceView } from './service-view.ts';

/** How long one question may take, in milliseconds. */
const TIME_LIMIT_MS = 5_000;
/** How much of an answer's own words is shown, in characters. */
const SHOWN_CHARACTERS = 300;

/** Where a service answers over HTTP. */
export interface HttpServiceOptions {
  /** `http://edge-7:8420`. */
  readonly api: string;
  /** Sent as a bearer token to that address only. */
  readonly token?: string | undefined;
}

/** The service's own HTTP API. */
export class HttpServiceView implements ServiceView {
  readonly #options: HttpServiceOptions;

  constructor(options: HttpServiceOptions) {
    this.#options = options;
  }

  async report(): Promise<SeenReport | string> {
    const answer = await this.#ask('api/report', {});
    if (answer.problem !== undefined) return answer.problem;
    try {
      return { report: parseServiceReport(answer.text, answer.url), isFresh: true, by: answer.url };
    } catch (error) {
      if (error instanceof ModelError) return error.message;
      throw error;
    }
  }

  async check(user: string, metadata: ModelMetadata): Promise<CheckAnswer | string> {
    const answer = await this.#ask(`api/models/${encodeURIComponent(user)}/check`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(metadata),
    });
    return answer.problem ?? checkAnswerOf(answer.text) ?? `${answer.url} gave no answer that can be understood`;
  }

  async #ask(path: string, request: RequestInit): Promise<Answer> {
    const { api, token } = this.#options;
    const url = new URL(path, api.endsWith('/') ? api : `${api}/`).href;
    const headers = { ...request.headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    try {
      // A redirect could lead anywhere, and the token must not follow it.
      const signal = AbortSignal.timeout(TIME_LIMIT_MS);
      const response = await fetch(url, { ...request, headers, redirect: 'error', signal });
      const text = await readText(response);
      if (response.status === 200 && text !== undefined) return { url, text };
      const reason = text === undefined ? `more than ${MAX_REPORT_BYTES} bytes` : `HTTP ${response.status}`;
      return { url, problem: `${url} answers with ${reason}` };
    } catch (error) {
      return { url, problem: `${url} cannot be asked: ${reasonOf(error)}` };
    }
  }
}

type Answer =
  | { readonly url: string; readonly text: string; readonly problem?: undefined }
  | { readonly url: string; readonly problem: string };

/** Undefined if it is longer than any answer should be. */
async function readText(response: Response): Promise<string | undefined> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response.body ?? []) {
    length += piece.length;
    if (length > MAX_REPORT_BYTES) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function checkAnswerOf(text: string): CheckAnswer | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('accepted' in value)) return undefined;
  const problem = 'problem' in value && typeof value.problem === 'string' ? value.problem : null;
  if (typeof value.accepted !== 'boolean') return undefined;
  return { accepted: value.accepted, problem: problem?.slice(0, SHOWN_CHARACTERS) ?? null };
}

/** What the network says stands in the cause. */
function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return `no answer within ${TIME_LIMIT_MS / 1000} s`;
  if (!(cause instanceof Error)) return message;
  return cause.message || ('code' in cause ? String(cause.code) : message);
}
