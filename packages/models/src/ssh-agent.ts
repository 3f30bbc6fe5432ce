/**
 * Signing by a key that never leaves its ssh-agent: a small client of the agent's protocol (draft-miller-ssh-agent), which
 * asks for the keys there are and for one signature. Every question has a connection of its own.
 *
 * An agent signs with Ed25519 whatever it is given, as it is, so that its signatures are like any other.
 */
import { connect, type Socket } from 'node:net';
import { ModelError } from './errors.ts';
import { ED25519_NAME, keyOfBlob, opensshBlob, opensshFingerprint } from './openssh-public-key.ts';
import type { Signer } from './signer.ts';
import { type TrustedKey, trustedKeyOf } from './signing-keys.ts';
import { SshReader, sshNumber, sshString } from './ssh-wire.ts';

/** Largest message to and from an agent, in bytes: OpenSSH's own limit, 256 KiB. */
export const MAX_SSH_AGENT_BYTES = 256 * 1024;

/** How long one answer may take, in milliseconds: somebody may have to confirm the use of the key. */
export const SSH_AGENT_TIME_LIMIT_MS = 60_000;

/** The protocol's numbers for questions and answers. */
const MESSAGE = { failure: 5, requestIdentities: 11, identitiesAnswer: 12, signRequest: 13, signResponse: 14 };

/** Where an agent listens, and how long it may think. */
export interface SshAgent {
  /** A Unix socket, as in `SSH_AUTH_SOCK`; empty where that is not set. */
  readonly socketPath: string;
  /** Of each answer; default {@link SSH_AGENT_TIME_LIMIT_MS}. */
  readonly timeLimitMs?: number;
}

/**
 * Asks the agent for a key that it has.
 *
 * @param fingerprint `SHA256:…` as `ssh-add -l` prints it.
 * @returns a signer whose `sign` throws as this does.
 * @throws {ModelError} `SSH_AGENT_FAILED` if the agent cannot be reached, takes too long, answers what it should not or
 *   refuses; if it has no such Ed25519 key; if what is to be signed exceeds {@link MAX_SSH_AGENT_BYTES}.
 */
export async function sshAgentSigner(agent: SshAgent, fingerprint: string): Promise<Signer> {
  if (agent.socketPath === '') {
    throw new ModelError('SSH_AGENT_FAILED', 'there is no ssh-agent here: SSH_AUTH_SOCK is not set');
  }
  const keys = await keysOf(agent);
  const key = keys.find(({ publicKey }) => opensshFingerprint(publicKey) === fingerprint);
  if (key !== undefined) return { key, sign: (bytes) => signature(agent, key, bytes) };
  const seen = keys.map(({ publicKey }) => opensshFingerprint(publicKey)).join(', ') || 'none';
  throw failure(agent, `has no key ${fingerprint}; its Ed25519 keys are: ${seen} (a locked one shows none)`);
}

async function keysOf(agent: SshAgent): Promise<readonly TrustedKey[]> {
  const answer = await ask(agent, Uint8Array.of(MESSAGE.requestIdentities), MESSAGE.identitiesAnswer);
  return understood(agent, () => {
    const keys: TrustedKey[] = [];
    for (let rest = answer.number(); rest > 0; rest -= 1) {
      const publicKey = keyOfBlob(answer.string());
      answer.string(); // the comment
      if (publicKey !== undefined) keys.push(trustedKeyOf(publicKey));
    }
    return keys;
  });
}

async function signature(agent: SshAgent, { publicKey }: TrustedKey, bytes: Uint8Array): Promise<Uint8Array> {
  const noFlags = sshNumber(0);
  const parts = [Uint8Array.of(MESSAGE.signRequest), sshString(opensshBlob(publicKey)), sshString(bytes), noFlags];
  const answer = await ask(agent, Buffer.concat(parts), MESSAGE.signResponse);
  return understood(agent, () => {
    const signed = new SshReader(answer.string());
    const kind = Buffer.from(signed.string()).toString('latin1');
    if (kind !== ED25519_NAME) throw failure(agent, `signs by '${kind.slice(0, 64)}' and not by ${ED25519_NAME}`);
    return signed.string();
  });
}

/** Puts a question; gives what follows the number of the expected answer. */
async function ask(agent: SshAgent, question: Uint8Array, expected: number): Promise<SshReader> {
  if (question.length > MAX_SSH_AGENT_BYTES) {
    const advice = 'use a key in a file for this one';
    throw failure(agent, `takes at most ${MAX_SSH_AGENT_BYTES} bytes, this would be ${question.length}; ${advice}`);
  }
  const answer = new SshReader(await exchange(agent, question));
  const kind = understood(agent, () => answer.byte());
  if (kind === expected) return answer;
  const refused = 'refuses (is the key still there, was it confirmed, may it sign here?)';
  throw failure(agent, kind === MESSAGE.failure ? refused : `answers with message ${kind}; ${expected} was expected`);
}

async function exchange(agent: SshAgent, question: Uint8Array): Promise<Uint8Array> {
  const { socketPath, timeLimitMs = SSH_AGENT_TIME_LIMIT_MS } = agent;
  const timeLimit = AbortSignal.timeout(timeLimitMs);
  let answer: Uint8Array | undefined;
  try {
    const socket = connect({ path: socketPath, signal: timeLimit });
    socket.write(sshString(question));
    answer = await firstMessage(agent, socket);
  } catch (error) {
    if (error instanceof ModelError) throw error;
    if (timeLimit.aborted) throw failure(agent, `has not answered for ${timeLimitMs / 1000} s`, error);
    throw failure(agent, `cannot be asked: ${(error as Error).message}`, error);
  }
  if (answer === undefined) throw failure(agent, 'ended the connection without an answer');
  return answer;
}

/** Undefined if the other side hangs up before. */
async function firstMessage(agent: SshAgent, socket: Socket): Promise<Uint8Array | undefined> {
  let received = Buffer.alloc(0);
  for await (const piece of socket) {
    received = Buffer.concat([received, piece as Buffer]);
    if (received.length < 4) continue;
    const length = received.readUInt32BE();
    if (length > MAX_SSH_AGENT_BYTES) {
      throw failure(agent, `announces ${length} bytes; at most ${MAX_SSH_AGENT_BYTES} are read`);
    }
    if (received.length >= 4 + length) return received.subarray(4, 4 + length);
  }
  return undefined;
}

/** What `read` makes of an answer, which may end too early. */
function understood<T>(agent: SshAgent, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw failure(agent, `answers what cannot be read: ${error.message}`, error);
  }
}

function failure({ socketPath }: SshAgent, problem: string, cause?: unknown): ModelError {
  return new ModelError('SSH_AGENT_FAILED', `the ssh-agent at ${socketPath} ${problem}`, { cause });
}
