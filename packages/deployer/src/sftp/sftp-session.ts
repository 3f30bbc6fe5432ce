import type { Readable, Writable } from 'node:stream';
import { DeployError } from '../errors.ts';
import { FieldReader, MAX_TEXT_BYTES, malformed, PACKET, packetOf, uint32 } from './packet-fields.ts';
import { PacketSplitter } from './packet-splitter.ts';
import { printable, readStatus, StatusError } from './status.ts';

/** The way to the other side: two streams, and an end. */
export interface SftpChannel {
  /** Where it leads, for people: `pi@edge-7`. */
  readonly peer: string;
  readonly fromThere: Readable;
  readonly toThere: Writable;
  /**
   * Waits until the channel has ended, which it soon does when `fromThere` has, and says why.
   *
   * @param hasSpoken whether SFTP was spoken on it.
   */
  whyEnded(hasSpoken: boolean): Promise<DeployError>;
  /** Ends it, by force if needs be; resolved when nothing is left of it. May be called again; throws nothing. */
  close(): Promise<void>;
}

export interface SessionLimits {
  /** So long the other side may leave a request unanswered while it answers none before it, in milliseconds. */
  readonly inactivityMs: number;
  /** So long it may take until it first answers, with the login, in milliseconds. */
  readonly loginMs: number;
}

/** What asks for a reply, and what is done with it. */
interface Waiting {
  readonly limitMs: number;
  /** @throws {StatusError} to fail this request. @throws {DeployError} to fail all of them. */
  readonly take: (type: number, reply: FieldReader) => void;
  readonly fail: (error: unknown) => void;
}

/** The version that we speak; every server does. */
const VERSION = 3;
/** VERSION is the reply to INIT and has no number; the others count from 0. */
const VERSION_ID = -1;
const MAX_EXTENSIONS = 256;

/**
 * Requests with numbers, and their replies, over a channel. Nothing that comes may throw outside of a request: what is not
 * as it must be ends the session, and with it all that waits.
 */
export class SftpSession {
  readonly #channel: SftpChannel;
  readonly #inactivityMs: number;
  readonly #waiting = new Map<number, Waiting>();
  readonly #splitter = new PacketSplitter();
  readonly #extensions = new Map<string, string>();
  #nextId = 0;
  #hasSpoken = false;
  #failure: DeployError | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor(channel: SftpChannel, inactivityMs: number) {
    this.#channel = channel;
    this.#inactivityMs = inactivityMs;
    channel.fromThere.on('data', (piece: Uint8Array) => this.#receive(piece));
    channel.fromThere.once('close', () => void this.#ended());
    channel.fromThere.on('error', () => undefined); // then it closes
    channel.toThere.on('error', () => undefined); // then the other direction ends too
  }

  /**
   * Greets the other side. The channel belongs to the session from here on, also if it throws.
   *
   * @param signal ends the session when it is aborted, with `INTERRUPTED`.
   * @throws {DeployError}
   */
  static async open(channel: SftpChannel, limits: SessionLimits, signal?: AbortSignal): Promise<SftpSession> {
    const session = new SftpSession(channel, limits.inactivityMs);
    const interrupt = () => session.#fail(new DeployError('INTERRUPTED', `${channel.peer}: interrupted`));
    signal?.addEventListener('abort', interrupt, { once: true });
    channel.fromThere.once('close', () => signal?.removeEventListener('abort', interrupt));
    if (signal?.aborted === true) interrupt();
    try {
      await session.#greet(limits.loginMs);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** For people: `pi@edge-7`. */
  get peer(): string {
    return this.#channel.peer;
  }

  /** Whether the other side has an extension in this version, which is a number or a word. */
  hasExtension(name: string, version: string): boolean {
    return this.#extensions.get(name) === version;
  }

  /**
   * Asks, and gives what was answered.
   *
   * @param parse makes the result of a reply of the type that is expected; a status goes before it.
   * @param patience how many times {@link SessionLimits.inactivityMs} it may take.
   * @throws {StatusError} what was asked was not done.
   * @throws {DeployError} the session is over.
   */
  request<T>(
    type: number,
    fields: readonly Uint8Array[],
    expected: number,
    parse: (reply: FieldReader) => T,
    patience = 1,
  ): Promise<T> {
    const id = this.#nextId;
    this.#nextId = (id + 1) % 2 ** 32;
    const packet = packetOf(type, [uint32(id), ...fields]);
    return this.#ask(id, packet, this.#inactivityMs * patience, (answered, reply) => {
      if (answered === expected) return parse(reply);
      if (answered !== PACKET.status) throw malformed(`a reply of type ${answered} to a request of type ${type}`);
      readStatus(reply);
      throw malformed(`no more than 'ok' to a request of type ${type}`);
    });
  }

  /** Ends it because of what the other side has sent, which is no mistake in a packet but in many. Gives the error to throw. */
  refuse(what: string): DeployError {
    const error = this.#unusable(malformed(what));
    this.#fail(error);
    return error;
  }

  /** Ends it; what waits fails. May be called again; throws nothing. */
  async close(): Promise<void> {
    this.#fail(new DeployError('CONNECTION_LOST', `the connection to ${this.peer} was closed`));
    await this.#channel.close();
  }

  #greet(loginMs: number): Promise<void> {
    return this.#ask(VERSION_ID, packetOf(PACKET.init, [uint32(VERSION)]), loginMs, (type, reply) => {
      if (type !== PACKET.version) throw malformed(`a packet of type ${type} instead of its version`);
      const version = reply.uint32();
      if (version !== VERSION) throw malformed(`version ${version} as the one that it speaks; it must be ${VERSION}`);
      while (!reply.isAtEnd) {
        this.#extensions.set(reply.text(), printable(reply.text(), MAX_TEXT_BYTES));
        if (this.#extensions.size > MAX_EXTENSIONS) throw malformed('more extensions than there are');
      }
      this.#hasSpoken = true;
    });
  }

  #ask<T>(id: number, packet: Uint8Array, limitMs: number, parse: (type: number, reply: FieldReader) => T): Promise<T> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise<T>((resolve, fail) => {
      this.#waiting.set(id, { limitMs, take: (type, reply) => resolve(parse(type, reply)), fail });
      if (this.#waiting.size === 1) this.#startTimer();
      this.#channel.toThere.write(packet);
    });
  }

  #receive(piece: Uint8Array): void {
    if (this.#failure !== undefined) return;
    try {
      for (const packet of this.#splitter.push(piece)) this.#answer(new FieldReader(packet));
    } catch (error) {
      this.#fail(this.#unusable(error));
    }
  }

  #answer(packet: FieldReader): void {
    const type = packet.uint8();
    const id = type === PACKET.version ? VERSION_ID : packet.uint32();
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) throw malformed(`a reply of type ${type} that nobody waits for`);
    const isOldest = this.#waiting.keys().next().value === id;
    try {
      waiting.take(type, packet);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      waiting.fail(error);
    }
    this.#waiting.delete(id);
    // Only the oldest counts: otherwise one request could be left unanswered for ever beside others that are answered.
    if (isOldest) this.#startTimer();
  }

  #startTimer(): void {
    clearTimeout(this.#timer);
    const [oldest] = this.#waiting.values();
    if (oldest === undefined) return;
    const { limitMs } = oldest;
    const sentence = `${this.peer} did not answer for ${limitMs / 1000} s`;
    this.#timer = setTimeout(() => this.#fail(new DeployError('CONNECTION_LOST', sentence)), limitMs);
  }

  async #ended(): Promise<void> {
    if (this.#failure === undefined) this.#fail(await this.#channel.whyEnded(this.#hasSpoken));
  }

  #fail(error: DeployError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    clearTimeout(this.#timer);
    for (const { fail } of this.#waiting.values()) fail(error);
    this.#waiting.clear();
    void this.#channel.close();
  }

  #unusable(error: unknown): DeployError {
    if (!(error instanceof DeployError)) throw error;
    const hint = this.#hasSpoken ? '' : '. If a shell begins there, it must print nothing at login';
    const sentence = `${this.peer} does not speak SFTP as it must: ${error.message}${hint}`;
    return new DeployError('SFTP_UNUSABLE', sentence, { cause: error });
  }
}
