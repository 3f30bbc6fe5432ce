import { DeployError, type DeployErrorCode } from '../errors.ts';
import { printable } from './status.ts';

/** How ssh ended. */
export interface SshEnd {
  /** Undefined if a signal ended it. */
  readonly exitCode: number | undefined;
  /** What it said, from the beginning or only the end of it. */
  readonly said: string;
  /** Whether the other side has spoken SFTP by then. */
  readonly hasSpoken: boolean;
}

/** So much of what ssh said is repeated, in characters. */
const MAX_WORDS = 300;

/** What ssh says when it does not get as far as SFTP; the first that fits holds. */
const BEFORE_SFTP: readonly (readonly [RegExp, DeployErrorCode])[] = [
  [/Host key verification failed|HOST IDENTIFICATION HAS CHANGED|no matching host key type/i, 'HOST_KEY_REFUSED'],
  [/Permission denied|Too many authentication failures|No supported authentication methods/i, 'LOGIN_REFUSED'],
  [/subsystem request failed/i, 'SFTP_UNUSABLE'],
  [/Could not resolve hostname|connect to host|banner exchange|kex_exchange_identification/i, 'UNREACHABLE'],
  [/Connection (?:refused|timed out)|No route to host|Network is unreachable|forwarding failed/i, 'UNREACHABLE'],
  [
    /Bad configuration option|unsupported option|Bad owner or permissions|illegal option|unknown option/i,
    'SSH_UNAVAILABLE',
  ],
  [/Can't open user config file|terminating, \d+ bad configuration options/i, 'SSH_UNAVAILABLE'],
];

/** Lines that stand last and say less than the one before. */
const FAREWELL = /^(?:Connection closed\.?|Disconnected from .*|Connection to .* closed\.)$/;

/** ssh's exit code for its own errors; any other is that of what ran on the other side. */
const OWN_ERROR = 255;

/** What the end of ssh means. Pure. */
export function sshFailure(peer: string, end: SshEnd): DeployError {
  const lines = end.said.split('\n').map((line) => printable(line, MAX_WORDS));
  const last = lines.findLast((line) => line !== '' && !FAREWELL.test(line));
  const words = last === undefined ? `ssh ended${withCode(end.exitCode)} without a word` : `ssh says: ${last}`;
  const code = codeOf(end);
  return new DeployError(code, `${SENTENCES[code]} ${peer}: ${words}`);
}

const SENTENCES: Partial<Record<DeployErrorCode, string>> = {
  HOST_KEY_REFUSED: 'the host key is not the known one of',
  LOGIN_REFUSED: 'not let in by',
  SFTP_UNUSABLE: 'there is no SFTP with',
  UNREACHABLE: 'cannot reach',
  SSH_UNAVAILABLE: 'ssh cannot be used for',
  CONNECTION_LOST: 'lost the connection to',
};

function codeOf({ exitCode, said, hasSpoken }: SshEnd): DeployErrorCode {
  if (hasSpoken) return 'CONNECTION_LOST';
  const known = BEFORE_SFTP.find(([pattern]) => pattern.test(said))?.[1];
  if (known !== undefined) return known;
  // It let us in, and what should speak SFTP ended: it is not there, or something else was run in its place.
  return exitCode === undefined || exitCode === OWN_ERROR ? 'CONNECTION_LOST' : 'SFTP_UNUSABLE';
}

function withCode(exitCode: number | undefined): string {
  return exitCode === undefined ? '' : ` with ${exitCode}`;
}
