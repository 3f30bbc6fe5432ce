import type { SessionStep } from './station-steps.ts';

/**
 * Why a session ended, as far as a log tells:
 *
 * - `client_left`: the station said so (or somebody in its name).
 * - `inactivity`: it did not answer any more.
 * - `ap_restart`: its radio stopped, started, or had to change its channel.
 * - `handshake_failure`: it never got its keys: a wrong password, a login that failed, a handshake that nobody finished.
 * - `kicked`: the access point threw it out, told by an administrator, a steering program or a session's time limit.
 * - `roam`: it went to another radio of the device, or had agreed to go to another access point.
 * - `unexplained`: nothing in the log says why; a forged deauthentication looks like this, and so does a line that was lost.
 */
export type SessionEndCause =
  | 'client_left'
  | 'inactivity'
  | 'ap_restart'
  | 'handshake_failure'
  | 'kicked'
  | 'roam'
  | 'unexplained';

/** What is known of a session that ended. */
export interface EndEvidence {
  /** Lines that came with the end. */
  readonly steps: ReadonlySet<SessionStep>;
  /** The radio was restarted about then. */
  readonly isRestart: boolean;
  /** Between joining and the end; undefined if the joining is not in the window. */
  readonly lastedMs: number | undefined;
  /** The station got its keys since it joined. */
  readonly hasKeys: boolean;
  /** A login failed since it joined. */
  readonly hasFailed: boolean;
}

/**
 * A station that is thrown out so soon after joining, without ever having had its keys, did not finish its handshake:
 * hostapd gives up after 4 s to 20 s, and at OpenWrt's default level says nothing else of it.
 */
const HANDSHAKE_MS = 30_000;

/** Tells causes apart: what explains most stands first. */
export function sessionEndCause({ steps, isRestart, lastedMs, hasKeys, hasFailed }: EndEvidence): SessionEndCause {
  if (isRestart) return 'ap_restart';
  if (hasFailed && !hasKeys) return 'handshake_failure';
  if (steps.has('inactive') || steps.has('unreachable')) return 'inactivity';
  if (steps.has('removed')) {
    return !hasKeys && lastedMs !== undefined && lastedMs <= HANDSHAKE_MS ? 'handshake_failure' : 'kicked';
  }
  if (steps.has('moved')) return 'roam';
  return steps.has('left') ? 'client_left' : 'unexplained';
}
