/** Does something when its turn has come. */
export type InTurn = <Result>(task: () => Promise<Result>) => Promise<Result>;

/** Lets so many tasks run at the same time; the others wait, first come, first served. */
export function createTurns(places: number): InTurn {
  const waiting: (() => void)[] = [];
  let free = places;
  return async (task) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
