/**
 * One client that listens to what happens: server-sent events.
 *
 * Changes come from the store's change log, read from where the client is; an event only wakes the reading. So there is
 * neither a gap nor a double, however the client came, went and came again. The client's own pace rules: the next change is
 * written when the one before has gone out.
 */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { ChangeLog } from '../anomalies/anomaly-store.ts';
import { formatChange, formatMessage } from './event-json.ts';
import type { HttpLimits } from './http-limits.ts';

/** Changes that are read at once. */
const PAGE = 32;

export interface EventStreamOptions {
  readonly response: ServerResponse;
  readonly changes: Pick<ChangeLog, 'changes'>;
  /** The last change that the client knows. */
  readonly afterSeq: number;
  readonly limits: Pick<HttpLimits, 'streamBytes' | 'pingMs' | 'retryMs'>;
}

export class EventStream {
  readonly #response: ServerResponse;
  readonly #changes: Pick<ChangeLog, 'changes'>;
  readonly #limits: EventStreamOptions['limits'];
  readonly #gone = new AbortController();
  #seq: number;
  #news = Promise.withResolvers<void>();
  #stalled = false;

  constructor({ response, changes, afterSeq, limits }: EventStreamOptions) {
    this.#response = response;
    this.#changes = changes;
    this.#limits = limits;
    this.#seq = afterSeq;
  }

  /**
   * Sends what changed, and then what changes, until the client is gone.
   *
   * @throws {ServiceError} `STORE_FAILED`; the client is sent away then, and comes again.
   */
  async run(): Promise<void> {
    const response = this.#response;
    response.on('close', () => this.#leave()).on('drain', () => this.#goOn());
    response.on('error', () => {}); // a client that left in the middle of a message: `close` follows
    if (response.destroyed) return;
    const pinging = setInterval(() => this.#ping(), this.#limits.pingMs);
    try {
      this.tell(`retry: ${this.#limits.retryMs}\n\n`);
      while (!this.#gone.signal.aborted) await this.#sendNews();
    } catch (error) {
      if (!this.#gone.signal.aborted) throw error;
    } finally {
      clearInterval(pinging);
      response.destroy();
    }
  }

  /** There are changes, perhaps. */
  wake(): void {
    this.#news.resolve();
  }

  /** Sends a text now, before any change that waits. A client that does not take it up is dropped. */
  tell(message: string): void {
    if (this.#response.destroyed) return;
    this.#response.write(message);
    if (this.#response.writableLength > this.#limits.streamBytes) this.#response.destroy();
  }

  /** One page of changes; if there is none, waits until there may be. */
  async #sendNews(): Promise<void> {
    this.#news = Promise.withResolvers(); // before reading: what comes meanwhile must wake as well
    const page = await this.#changes.changes(this.#seq, PAGE);
    for (const change of page) {
      if (this.#response.destroyed) return;
      const message = formatMessage({ id: change.seq, event: change.kind, data: formatChange(change) });
      this.#seq = change.seq;
      if (!this.#response.write(message)) await once(this.#response, 'drain', { signal: this.#gone.signal });
    }
    if (page.length === 0 && !this.#gone.signal.aborted) await this.#news.promise;
  }

  /** Shows that the connection lives; a client that took up nothing since the ping before is dropped. */
  #ping(): void {
    if (this.#stalled) this.#response.destroy();
    else this.tell(': ping\n\n');
    this.#stalled = this.#response.writableNeedDrain;
  }

  #goOn(): void {
    this.#stalled = false;
  }

  #leave(): void {
    this.#gone.abort();
    this.#news.resolve();
  }
}

/**
 * The change after which a client goes on.
 *
 * @param lastSeq the last change that it had; undefined if it had none: it hears of what is new.
 */
export async function resumeSeq(log: Pick<ChangeLog, 'changes' | 'announcedSeq'>, lastSeq?: number): Promise<number> {
  const announced = await log.announcedSeq();
  if (lastSeq === undefined || lastSeq <= announced) return lastSeq ?? announced;
  const [known] = await log.changes(lastSeq - 1, 1);
  return known === undefined ? 0 : lastSeq; // a change that was never made: the store began anew meanwhile
}
