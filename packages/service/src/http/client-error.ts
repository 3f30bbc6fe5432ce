import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { formatError } from './http-errors.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** What the parser of HTTP found wrong with what a connection sent. */
interface ClientError extends Error {
  readonly code?: string;
}

/** Answers what is no HTTP in the shape of every error, and closes the connection. */
export function answerClientError({ code }: ClientError, socket: Socket): void {
  if (socket.writable && code !== 'ECONNRESET') socket.write(responseTo(code));
  socket.destroy();
}

function responseTo(code: string | undefined): string {
  const [status, message] = reasonOf(code);
  const body = JSON.stringify(formatError({ code: 'BAD_REQUEST', message }));
  const headers = Object.entries({
    ...SECURITY_HEADERS,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`;
}

function reasonOf(code: string | undefined): [number, string] {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return [408, 'the request took too long to come'];
  if (code === 'HPE_HEADER_OVERFLOW') return [431, 'the address and headers are too long'];
  return [400, 'this is no HTTP request'];
}
