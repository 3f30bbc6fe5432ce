import { DeployError } from './errors.ts';

/** Where model files are: a directory of this machine, or of one that is reached by SSH. */
export type TargetAddress = LocalAddress | SshAddress;

export interface LocalAddress {
  readonly kind: 'local';
  /** As it was written, absolute or relative to the working directory. */
  readonly directory: string;
}

export interface SshAddress {
  readonly kind: 'ssh';
  /** A name (also one of the user's ssh configuration) or an address; IPv6 without brackets. */
  readonly host: string;
  /** Undefined: as the user's ssh configuration says. */
  readonly user: string | undefined;
  /** 1 to 65535. Undefined: as the user's ssh configuration says. */
  readonly port: number | undefined;
  /** Absolute, or relative to the account's home directory. */
  readonly directory: string;
}

/** More characters no target has. */
const MAX_LENGTH = 2_000;
// What a ProxyCommand would hand to a shell must hold nothing that is special there.
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const IPV6 = /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9._-]+)?$/;
const USER = /^[A-Za-z0-9_][A-Za-z0-9._+@-]*$/;
const LOCAL = /^\.{0,2}(?:\/|$)/;
const SSH_URL = /^ssh:\/\/(?:([^/]*)@)?(\[[^\]/]*\]|[^/:@[\]]*)(?::([^/@]*))?\/(.*)$/;
const SCP_LIKE = /^(?:([^/:]*)@)?(\[[^\]/]*\]|[^/:@[\]]*):(.*)$/;

/**
 * Reads `pi@edge-7:/var/lib/models`, `edge-7:models` (below the home directory), `[fe80::1]:/models`,
 * `ssh://pi@edge-7:2222/var/lib/models` (percent-encoded; `/~/models` is below the home directory), or a directory of this
 * machine, which begins with `/`, `./` or `../`.
 *
 * @throws {DeployError} `BAD_TARGET` for anything else: control characters, no directory, and a user or host that ssh could
 *   take for an option or a shell for more than a name.
 */
export function parseTargetAddress(text: string): TargetAddress {
  if (text === '' || text.length > MAX_LENGTH) throw refusal(text, `a target has 1 to ${MAX_LENGTH} characters`);
  if (/\p{Cc}/u.test(text)) throw refusal(text, 'it has a control character');
  if (LOCAL.test(text)) return { kind: 'local', directory: text };
  if (text.includes('://')) return parseUrl(text);
  const [, user, host = '', directory] = SCP_LIKE.exec(text) ?? [];
  if (directory === undefined) throw refusal(text, 'a directory of this machine begins with / or ./');
  if (directory.startsWith(':')) throw refusal(text, 'an IPv6 address stands in brackets');
  return checked(text, user, host, undefined, directory);
}

/** The shortest text that {@link parseTargetAddress} reads as this address. */
export function formatTargetAddress(address: TargetAddress): string {
  if (address.kind === 'local') return address.directory;
  const { user, port, directory } = address;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  const login = user === undefined ? host : `${user}@${host}`;
  if (port === undefined) return `${login}:${directory}`;
  const encoded = encodeURI(directory).replaceAll('#', '%23').replaceAll('?', '%3F');
  const path = directory.startsWith('/') ? encoded.replace(/^\/~/, '/%7E') : `/~/${encoded}`;
  return `ssh://${login}:${port}${path}`;
}

function parseUrl(text: string): SshAddress {
  const [, user, host = '', port, path = ''] = SSH_URL.exec(text) ?? [];
  if (path === '') throw refusal(text, 'it should be like ssh://pi@edge-7:2222/var/lib/models');
  const directory = decoded(text, path);
  if (/\p{Cc}/u.test(directory)) throw refusal(text, 'its directory has a control character');
  return checked(text, user, host, port, path.startsWith('~') ? directory : `/${directory}`);
}

function decoded(text: string, path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw refusal(text, 'its directory is not percent-encoded UTF-8');
  }
}

function checked(
  text: string,
  user: string | undefined,
  bracketed: string,
  port: string | undefined,
  directory: string,
): SshAddress {
  const host = bracketed.startsWith('[') ? bracketed.slice(1, -1) : bracketed;
  if (!(bracketed.startsWith('[') ? IPV6 : NAME).test(host)) throw refusal(text, `'${host}' is no name of a machine`);
  if (user !== undefined && !USER.test(user)) throw refusal(text, `'${user}' is no name of a user`);
  return { kind: 'ssh', host, user, port: portOf(text, port), directory: belowHome(text, directory) };
}

function portOf(text: string, port: string | undefined): number | undefined {
  if (port === undefined) return undefined;
  if (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535) return Number(port);
  throw refusal(text, `'${port}' is no port; it must be a number from 1 to 65535`);
}

/** The other side knows no `~`, but begins in the home directory. */
function belowHome(text: string, directory: string): string {
  const path = directory.replace(/^~\/+/, '');
  if (path.startsWith('~')) throw refusal(text, `write the whole path instead of ${path.split('/')[0]}`);
  if (path === '') throw refusal(text, 'it names no directory');
  return path;
}

function refusal(text: string, reason: string): DeployError {
  const shown = JSON.stringify(text.slice(0, 200));
  const example = 'pi@edge-7:/var/lib/edgewood/models';
  return new DeployError('BAD_TARGET', `${shown} is no target: ${reason}. A target is like ${example}`);
}
