import type { AnomalyStore } from '../anomalies/anomaly-store.ts';
import { ServiceError } from '../errors.ts';

/** A full disk can still be read: one kind says nothing about the other. */
type Kind = 'reading' | 'writing';

/**
 * The same store; after every call `tell` hears whether it is up: whether the last call that reads and the last that writes
 * both succeeded. A call that the store refuses for its content, such as a review of what is not there, has succeeded; once
 * the store is closed nothing is told any more.
 */
export function watchStore(store: AnomalyStore, tell: (isUp: boolean) => void): AnomalyStore {
  const isUp: Record<Kind, boolean> = { reading: true, writing: true };
  let isClosed = false;
  const note = (kind: Kind, works: boolean) => {
    isUp[kind] = works;
    if (!isClosed) tell(isUp.reading && isUp.writing);
  };
  const read = watcher((works) => note('reading', works));
  const write = watcher((works) => note('writing', works));
  return {
    get location() {
      return store.location;
    },
    progress: (agent) => read(store.progress(agent)),
    windows: (query) => read(store.windows(query)),
    changes: (afterSeq, limit) => read(store.changes(afterSeq, limit)),
    announcedSeq: () => read(store.announcedSeq()),
    anomalies: (query) => read(store.anomalies(query)),
    incidents: (query) => read(store.incidents(query)),
    anomaly: (id) => read(store.anomaly(id)),
    incident: (id) => read(store.incident(id)),
    setting: (name) => read(store.setting(name)),
    append: (slot) => write(store.append(slot)),
    moveCursor: (...move) => write(store.moveCursor(...move)),
    markAnnounced: (seq) => write(store.markAnnounced(seq)),
    review: (request) => write(store.review(request)),
    setSetting: (name, value) => write(store.setSetting(name, value)),
    prune: (limits, nowMs) => write(store.prune(limits, nowMs)),
    close: () => {
      isClosed = true;
      return store.close();
    },
  };
}

/** Passes an answer on, and tells of it whether the store failed. */
function watcher(note: (works: boolean) => void): <Result>(answer: Promise<Result>) => Promise<Result> {
  return async (answer) => {
    try {
      const result = await answer;
      note(true);
      return result;
    } catch (error) {
      note(!(error instanceof ServiceError) || error.code !== 'STORE_FAILED');
      throw error;
    }
  };
}
