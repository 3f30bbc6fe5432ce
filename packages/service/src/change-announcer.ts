/**
 * The change announcer tells of what the store has numbered, in its order, and marks it as told. What a crash kept from
 * being told is told at the next start: at least once, then, and never not at all. Whoever must not act twice goes by `seq`.
 */
import type { ChangeLog, StoredChange } from './anomalies/anomaly-store.ts';
import type { ServiceEvents } from './events.ts';

/** Changes that are read in one go. */
const BATCH = 200;

export class ChangeAnnouncer {
  readonly #changes: ChangeLog;
  readonly #events: ServiceEvents;
  #announcing: Promise<void> = Promise.resolve();

  constructor(changes: ChangeLog, events: ServiceEvents) {
    this.#changes = changes;
    this.#events = events;
  }

  /** Tells of everything that is not told yet, after what is being told. @throws {ServiceError} `STORE_FAILED`. */
  announce(): Promise<void> {
    const announcing = this.#announcing.then(() => this.#announceAll());
    this.#announcing = announcing.catch(() => {}); // who asked hears of it
    return announcing;
  }

  async #announceAll(): Promise<void> {
    for (;;) {
      const changes = await this.#changes.changes(await this.#changes.announcedSeq(), BATCH);
      for (const change of changes) this.#tell(change);
      const last = changes.at(-1);
      if (last === undefined) return;
      await this.#changes.markAnnounced(last.seq);
    }
  }

  #tell(change: StoredChange): void {
    if (change.incident !== undefined) this.#events.emit(change.kind, change);
  }
}
