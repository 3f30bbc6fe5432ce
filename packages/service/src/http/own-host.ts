import { isIP } from 'node:net';

/** Names that lead to this machine from itself alone. */
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/**
 * Whether a Host header may name this server. A page in a browser can point a name of its own at 127.0.0.1 and then ask the
 * server as if it were of the same origin (DNS rebinding); the Host header gives it away. That is checked where only this
 * machine can ask; a server that listens to others may be called anything.
 *
 * @param header without one (HTTP/1.0) no browser asked.
 * @param listensOn the configured host.
 */
export function isOwnHost(header: string | undefined, listensOn: string): boolean {
  if (header === undefined || !isLoopback(listensOn)) return true;
  const host = nameOf(header);
  return host !== undefined && (LOOPBACK.includes(host) || host === listensOn.toLowerCase());
}

function isLoopback(host: string): boolean {
  return LOOPBACK.includes(host.toLowerCase()) || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Without port and brackets, in lower case; undefined if it is no host. */
function nameOf(header: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::\d{1,5})?$/i.exec(header) ?? [];
  return (bracketed ?? plain)?.toLowerCase();
}
