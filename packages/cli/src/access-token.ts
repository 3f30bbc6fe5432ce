import { createHash, randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { UsageError } from './failure.ts';
import { printLine } from './terminal.ts';

/** Random bytes of a new token: nobody guesses 256 bits. */
const TOKEN_BYTES = 32;
/** What an Authorization header can carry (RFC 6750). */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/** What stands for a token under `http.tokens`. */
export function hashOfToken(token: string): string {
  return `sha256:${createHash('sha256').update(token).digest('hex')}`;
}

/** `edgewood config token`: a new token and its hash; the token is kept nowhere. */
export function printNewToken(): void {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  printLine(`token: ${token}`);
  printLine(`hash:  ${hashOfToken(token)}`);
  process.stderr.write(`
The hash belongs under http.tokens in the configuration. The token is shown only now; whoever may
read or change something sends it along:

  curl -X POST -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8420/api/models/reload
`);
}

/** `edgewood config token --hash`: the hash of a token that is read from standard input. @throws {UsageError} */
export async function printTokenHash(input: NodeJS.ReadableStream = process.stdin): Promise<void> {
  if (process.stdin.isTTY) process.stderr.write('token: ');
  const token = (await firstLine(input)).trim();
  if (!TOKEN.test(token)) {
    throw new UsageError('a token has letters, digits and -._~+/ only, with = at its end; give it on standard input');
  }
  printLine(hashOfToken(token));
}

async function firstLine(input: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input })) return line;
  return '';
}
