/** Damaged stores that were set aside, told to whoever listens, also if that began only later. */
export class StoreReplacements {
  #untold: string[] = [];
  #listener: ((setAside: string) => void) | undefined;

  /** @param setAside where the damaged file is now. */
  tell(setAside: string): void {
    if (this.#listener === undefined) this.#untold.push(setAside);
    else this.#listener(setAside);
  }

  /** One listener, who hears of what was before as well. */
  listen(listener: (setAside: string) => void): void {
    this.#listener = listener;
    for (const setAside of this.#untold.splice(0)) listener(setAside);
  }
}
