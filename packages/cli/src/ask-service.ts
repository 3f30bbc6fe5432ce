import { readFile } from 'node:fs/promises';
import { ServiceError } from '@edgewood/service';
import { UsageError } from './failure.ts';

/** Longer than a service takes for any answer, in milliseconds. */
const TIME_LIMIT_MS = 35_000;
/** Largest answer that is read, in bytes. */
const MAX_ANSWER_BYTES = 4_000_000;

/** Which service is asked. */
export interface ServiceAddress {
  /** `http://127.0.0.1:8420`. */
  readonly url: string;
  /** A file with the token, if questions need one. */
  readonly tokenFile?: string | undefined;
}

/**
 * Asks a service something over HTTP.
 *
 * @param path from the root, with its query: `api/models`.
 * @returns what the JSON says.
 * @throws {ServiceError} `NO_ANSWER` if there is none, or none with status 200; with what the service says of it.
 * @throws {UsageError} for an address that is none, or a token that cannot be read.
 */
export async function askService({ url, tokenFile }: ServiceAddress, path: string): Promise<unknown> {
  if (!URL.canParse(path, url))
    throw new UsageError(`--url must be an address such as http://127.0.0.1:8420, got ${url}`);
  const address = new URL(path, url.endsWith('/') ? url : `${url}/`).href;
  const headers = tokenFile === undefined ? {} : { authorization: `Bearer ${await tokenIn(tokenFile)}` };
  const { status, text } = await answerOf(address, headers);
  const said = jsonOf(text);
  if (status === 200 && said !== undefined) return said;
  const message = errorIn(said) ?? `${text.length} characters that are not what a service says`;
  throw new ServiceError('NO_ANSWER', `${address} answers with HTTP ${status}: ${message}`);
}

async function tokenIn(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError(`the token cannot be read: ${error.message}`);
  });
  return text.trim();
}

async function answerOf(address: string, headers: Record<string, string>) {
  try {
    // A redirect could lead anywhere, and the token must not follow it.
    const response = await fetch(address, { headers, redirect: 'error', signal: AbortSignal.timeout(TIME_LIMIT_MS) });
    return { status: response.status, text: await textOf(response) };
  } catch (cause) {
    if (cause instanceof ServiceError) throw cause;
    const { message, cause: deeper } = cause as Error;
    const reason = deeper instanceof Error && deeper.message !== '' ? deeper.message : message;
    throw new ServiceError('NO_ANSWER', `${address} cannot be asked: ${reason}`, { cause });
  }
}

async function textOf(response: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const piece of response.body ?? []) {
    sizeBytes += piece.length;
    if (sizeBytes > MAX_ANSWER_BYTES) {
      throw new ServiceError('NO_ANSWER', `${response.url} answers with more than ${MAX_ANSWER_BYTES} bytes`);
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a service says is wrong. */
function errorIn(said: unknown): string | undefined {
  const { error } = (said ?? {}) as { readonly error?: { readonly message?: unknown } };
  return typeof error?.message === 'string' ? error.message : undefined;
}
