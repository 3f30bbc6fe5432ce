import type { Samples } from '@edgewood/isolation-forest';
import type { WindowPlace } from './normalised-windows.ts';

/** Windows; `places[row]` tells where a row of the samples comes from. */
export interface PlacedSamples {
  readonly samples: Samples;
  readonly places: readonly WindowPlace[];
}

/** The windows of which `isKept` says so, in their order; a copy. */
export function keptWindows(
  { samples, places }: PlacedSamples,
  isKept: (place: WindowPlace) => boolean,
): PlacedSamples {
  const { data, nFeatures } = samples;
  const kept = new Float64Array(data.length);
  const keptPlaces: WindowPlace[] = [];
  for (const [row, place] of places.entries()) {
    if (!isKept(place)) continue;
    kept.set(data.subarray(row * nFeatures, (row + 1) * nFeatures), keptPlaces.length * nFeatures);
    keptPlaces.push(place);
  }
  const nSamples = keptPlaces.length;
  return { samples: { data: kept.subarray(0, nSamples * nFeatures), nSamples, nFeatures }, places: keptPlaces };
}
