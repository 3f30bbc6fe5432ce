/** The section of a baseline's file that holds window norms. */
import { z } from 'zod';
import { SurpriseError } from './errors.ts';
import { packNumbers, unpackNumbers } from './packed-numbers.ts';
import { requireUnique } from './require-unique.ts';
import { HOUR_KINDS } from './slot-time.ts';
import type { HourlyNorms, WindowNorms } from './window-norms.ts';

/** How much a file may make us hold: a place is one feature of one device and takes 768 bytes, so at most 77 MB. */
export const WINDOW_NORM_LIMITS = { features: 1_000, devices: 10_000, places: 100_000, nameCharacters: 1_000 } as const;

/** Of levels, which are logarithms: wide enough for whatever is counted, narrow enough to reckon with. */
const MEAN = { least: 1e-7, most: 100 };
const SPREAD = { least: 0.01, most: 100 };

const name = z.string().max(WINDOW_NORM_LIMITS.nameCharacters);
/** As `packed-numbers.ts` reads them, which checks each. */
const packed = z.custom<number[]>((value) => Array.isArray(value) && value.every(Number.isFinite), 'expected numbers');
const hourly = { means: packed, spreads: packed };

/** By feature and hour kind. */
export const windowNormsSchema = z.strictObject({
  features: z.array(z.unknown()).min(1).max(WINDOW_NORM_LIMITS.features).pipe(z.array(name)),
  fleet: z.strictObject(hourly),
  devices: z
    .array(z.unknown())
    .max(WINDOW_NORM_LIMITS.devices)
    .pipe(z.array(z.strictObject({ id: name, ...hourly }))),
});

type WindowNormsFile = z.infer<typeof windowNormsSchema>;

/** What to write; {@link windowNormsOf} reads it, rounded. */
export function windowNormsFile({ features, fleet, devices }: WindowNorms): WindowNormsFile {
  return {
    features: [...features],
    fleet: hourlyFile(fleet),
    devices: [...devices].map(([id, norms]) => ({ id, ...hourlyFile(norms) })),
  };
}

/**
 * @param file untrusted, but of the schema's shape.
 * @param place what the section is of, for messages.
 * @throws {SurpriseError} `BAD_BASELINE` for numbers out of their limits or of the wrong count, for a feature or a device
 *   that stands twice, and for more than the limits allow.
 */
export function windowNormsOf({ features, fleet, devices }: WindowNormsFile, place: string): WindowNorms {
  requireUnique(`${place}.features`, features);
  requireUnique(
    `${place}.devices`,
    devices.map(({ id }) => id),
  );
  const places = features.length * devices.length;
  if (places > WINDOW_NORM_LIMITS.places) {
    const seen = `${devices.length} devices with ${features.length} features each, together ${places}`;
    throw new SurpriseError('BAD_BASELINE', `${place} has ${seen}; at most ${WINDOW_NORM_LIMITS.places} are allowed`);
  }
  return {
    features,
    fleet: hourlyOf(fleet, features.length, `${place}.fleet`),
    devices: new Map(
      devices.map(({ id, ...norms }, at) => [id, hourlyOf(norms, features.length, `${place}.devices.${at}`)]),
    ),
  };
}

function hourlyFile({ means, spreads }: HourlyNorms) {
  return { means: packNumbers(means), spreads: packNumbers(spreads) };
}

function hourlyOf(file: WindowNormsFile['fleet'], features: number, place: string): HourlyNorms {
  const length = features * HOUR_KINDS;
  return {
    means: unpackNumbers(file.means, length, MEAN, `${place}.means`),
    spreads: unpackNumbers(file.spreads, length, SPREAD, `${place}.spreads`),
  };
}
