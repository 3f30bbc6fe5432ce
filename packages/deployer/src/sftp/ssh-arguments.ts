import type { SshAddress } from '../target-address.ts';

/** How the system's OpenSSH client is called; what is left out is as the user's ssh configuration says. */
export interface SshOptions {
  /** The client: `ssh` of the path is the default. */
  readonly program?: string;
  /** A configuration to read in place of the user's and the system's. */
  readonly configFile?: string;
  /** The only key to be offered. */
  readonly identityFile?: string;
  /** For reaching the machine, in milliseconds, from 1 s; the default is 10 s. */
  readonly connectMs?: number;
}

export const DEFAULT_CONNECT_MS = 10_000;
/** A connection over which nothing came for so long is asked for a sign of life, in seconds; given up after three. */
const ALIVE_INTERVAL_S = 10;
const ALIVE_COUNT = 3;

/**
 * What is fixed, whatever the user's configuration says: the first value that ssh meets holds.
 *
 * Nobody is asked anything. The host's key must be known. Nothing is forwarded and nothing else is run. The connection is
 * our own: one that is shared may have been made without a look at the host's key, and one that is left for others to share
 * would outlive us. What ssh has to say, it says.
 */
const FIXED = [
  'BatchMode=yes',
  'StrictHostKeyChecking=yes',
  'ClearAllForwardings=yes',
  'ForwardAgent=no',
  'ForwardX11=no',
  'Tunnel=no',
  'PermitLocalCommand=no',
  'RemoteCommand=none',
  'RequestTTY=no',
  'ControlMaster=no',
  'ControlPath=none',
  'LogLevel=INFO',
  `ServerAliveInterval=${ALIVE_INTERVAL_S}`,
  `ServerAliveCountMax=${ALIVE_COUNT}`,
];

/** The arguments of `ssh` that make it speak SFTP with a machine on its standard input and output. */
export function sshArguments(address: SshAddress, options: SshOptions): readonly string[] {
  const seconds = Math.max(1, Math.ceil((options.connectMs ?? DEFAULT_CONNECT_MS) / 1000));
  const { configFile, identityFile } = options;
  return [
    '-T',
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(identityFile === undefined ? [] : ['-i', identityFile, '-o', 'IdentitiesOnly=yes']),
    ...[...FIXED, `ConnectTimeout=${seconds}`].flatMap((setting) => ['-o', setting]),
    ...(address.user === undefined ? [] : ['-l', address.user]),
    ...(address.port === undefined ? [] : ['-p', String(address.port)]),
    '-s',
    '--',
    address.host,
    'sftp',
  ];
}
