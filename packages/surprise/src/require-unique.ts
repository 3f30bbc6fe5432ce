import { SurpriseError } from './errors.ts';

/**
 * @param place what the names are of, for messages.
 * @throws {SurpriseError} `BAD_BASELINE` for a name that stands twice.
 */
export function requireUnique(place: string, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const each of names) {
    if (seen.has(each)) throw new SurpriseError('BAD_BASELINE', `${place}: ${JSON.stringify(each)} stands twice`);
    seen.add(each);
  }
}
