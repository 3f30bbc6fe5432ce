/** Reads a log once for several who each want all of it. */

/** What one of the readers takes; `return` says that it wants no more, whether it has begun or not. */
export interface SharedReader<Item> extends AsyncIterableIterator<Item> {
  return(): Promise<IteratorResult<Item>>;
}

/**
 * As many readers of one source. They go on in step: the next item is read when every reader that is still there has asked
 * for it, so that nothing is kept, however long the source is. Therefore all must be read at the same time, and whoever
 * leaves early must call `return` (a `for await` does so by itself).
 *
 * An error of the source reaches every reader. The source is freed when the last reader has left.
 *
 * @param readers at least 1.
 */
export function fanOut<Item>(source: AsyncIterable<Item>, readers: number): readonly SharedReader<Item>[] {
  const iterator = source[Symbol.asyncIterator]();
  let present = readers;
  let waiting: PromiseWithResolvers<IteratorResult<Item>>[] = [];
  const goOn = () => {
    if (waiting.length === 0 || waiting.length < present) return;
    const served = waiting;
    waiting = [];
    iterator.next().then(
      (result) => {
        for (const { resolve } of served) resolve(result);
      },
      (error: unknown) => {
        for (const { reject } of served) reject(error);
      },
    );
  };
  return Array.from({ length: readers }, () => {
    let gone = false;
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next() {
        if (gone) return Promise.resolve({ done: true, value: undefined });
        const turn = Promise.withResolvers<IteratorResult<Item>>();
        waiting.push(turn);
        goOn();
        return turn.promise;
      },
      async return() {
        if (!gone) {
          gone = true;
          present -= 1;
          if (present === 0) await iterator.return?.();
          else goOn();
        }
        return { done: true, value: undefined };
      },
    };
  });
}
