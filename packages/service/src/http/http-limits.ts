/** What a server spends on those who ask. */
export interface HttpLimits {
  /** A request must have been sent whole by then, in milliseconds; its head too. */
  readonly requestMs: number;
  /** An answer must be there by then, in milliseconds; event streams aside. */
  readonly answerMs: number;
  /** A connection on which nothing moves is closed after this, in milliseconds; between requests sooner. */
  readonly idleMs: number;
  readonly keepAliveMs: number;
  /** Connections at the same time; further ones are closed. */
  readonly connections: number;
  /** Head of a request, in bytes; the address is part of it. */
  readonly headBytes: number;
  readonly bodyBytes: number;
  /** A version's metadata that is asked about, in bytes. */
  readonly metadataBytes: number;
  /** Requests with metadata at the same time; further ones are refused, before anything is read of them. */
  readonly metadataChecks: number;
  /** One part of a path, in characters. */
  readonly pathPartLength: number;
  /** Addresses whose requests are counted; beyond, those that were quiet longest are forgotten. */
  readonly addresses: number;
  /** Large answers that are made at the same time; further ones wait for their turn. */
  readonly largeAnswers: number;
  /** Event streams at the same time; further ones are refused. */
  readonly streams: number;
  /** What waits to be sent on one event stream, in bytes; whoever reads more slowly is dropped. */
  readonly streamBytes: number;
  /** How often something is sent on an event stream on which nothing happens, in milliseconds. */
  readonly pingMs: number;
  /** After this a client that lost its event stream comes again, in milliseconds. */
  readonly retryMs: number;
}

/** For a service with a handful of people and programs around it, on a machine with little memory. */
export const HTTP_LIMITS: HttpLimits = {
  requestMs: 10_000,
  answerMs: 30_000,
  idleMs: 60_000,
  keepAliveMs: 10_000,
  connections: 256,
  headBytes: 16_384,
  bodyBytes: 65_536,
  metadataBytes: 4_000_000,
  metadataChecks: 2,
  pathPartLength: 1_000,
  addresses: 4_096,
  largeAnswers: 2,
  streams: 32,
  streamBytes: 1_000_000,
  pingMs: 15_000,
  retryMs: 3_000,
};
