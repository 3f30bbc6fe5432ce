/** What a baseline's file must look like. Nothing in it is believed: not a length, not an index, not a number. */
import { z } from 'zod';
import { UNSEEN } from './calibration.ts';
import { SurpriseError } from './errors.ts';
import { requireUnique } from './require-unique.ts';
import { SCALES } from './scales.ts';
import { MOST_SIGNALS, SignalNames } from './signal-names.ts';
import { windowNormsSchema } from './window-norms-json.ts';

/** The present meaning of the file's fields. */
export const BASELINE_SCHEMA_VERSION = 1;
/**
 * How much a file may make us hold. A place is one signal of one device and takes 424 bytes of a baseline, so that all of
 * them take at most 170 MB, however short the file that asks for them.
 */
export const BASELINE_LIMITS = { devices: 10_000, places: 400_000, kinds: 50_000, nameCharacters: 1_000 } as const;

const DISPERSION = { least: 1e-6, most: 1e6 };
/** Wide enough for whatever is learnt, narrow enough to reckon with. */
export const NUMBER_LIMITS = {
  mean: { least: 1e-15, most: 1e9 },
  dispersion: DISPERSION,
  silenceMinutes: { least: 1, most: 1e7 },
} as const;
const MOST_SURPRISE = 1e9;
const MOST_SLOPE = 1e3;
const MOST_DEVICE_DAYS = 1e9;

/** Lists are not looked into if they are too long: each element could be a problem of its own. */
const upTo = <T extends z.ZodType>(most: number, element: T) => z.array(z.unknown()).max(most).pipe(z.array(element));
const exactly = <T extends z.ZodType>(length: number, element: T) =>
  z.array(z.unknown()).length(length).pipe(z.array(element));
/** As `packed-numbers.ts` reads them, which checks each. */
const packed = z.custom<number[]>((value) => Array.isArray(value) && value.every(Number.isFinite), 'expected numbers');
const name = z.string().max(BASELINE_LIMITS.nameCharacters);

const calibration = z.strictObject({
  slope: z.number().positive().max(MOST_SLOPE),
  knots: exactly(UNSEEN.knots.length, z.number().min(0).max(MOST_SURPRISE)).refine(
    (knots) => knots.every((knot, at) => at === 0 || knot <= (knots[at - 1] ?? 0)),
    'expected knots that fall',
  ),
});

const signal = z.strictObject({
  name,
  low: z.boolean(),
  /** By hour kind, a minute; of a device that training never saw. */
  means: packed,
  /** By scale. */
  dispersions: exactly(SCALES.length, z.number().min(DISPERSION.least).max(DISPERSION.most)),
  /** By scale. */
  calibrations: exactly(SCALES.length, calibration),
});

const device = z.strictObject({
  id: name,
  /** By signal and hour kind, a minute. */
  means: packed,
  /** By signal and scale. */
  dispersions: packed,
  /** By hour of the day, UTC. */
  silences_minutes: packed,
  /** Places in the list of kinds. */
  kinds: upTo(BASELINE_LIMITS.kinds, z.int().min(0)),
});

const schema = z.strictObject({
  schema_version: z.literal(BASELINE_SCHEMA_VERSION),
  /** What it was learnt for: another Edgewood may judge other spans. */
  scales_minutes: exactly(SCALES.length, z.number()).refine(
    (minutes) => SCALES.every((scale, at) => scale.minutes === minutes[at]),
    `expected ${SCALES.map(({ minutes }) => minutes).join(', ')}`,
  ),
  device_days: z.number().positive().max(MOST_DEVICE_DAYS),
  silences_minutes: packed,
  kinds: upTo(BASELINE_LIMITS.kinds, z.strictObject({ name, hours: z.int().min(1) })),
  signals: upTo(MOST_SIGNALS, signal),
  devices: upTo(BASELINE_LIMITS.devices, device),
  /** Only of versions whose forest takes vectors in terms of them. */
  window_norms: windowNormsSchema.optional(),
});

export type BaselineFile = z.infer<typeof schema>;

/**
 * What a file says, if it may: also that names are unique, signals in their places, and the whole not too much.
 *
 * @param fileName for messages.
 * @throws {SurpriseError} `BAD_BASELINE`.
 */
export function checkedBaselineFile(value: unknown, fileName: string): BaselineFile {
  const { success, data, error } = schema.safeParse(value);
  if (!success) throw new SurpriseError('BAD_BASELINE', `${fileName}: ${problemOf(error, value)}`, { cause: error });
  const { signals, devices, kinds } = data;
  requireUnique(`${fileName}: signals`, signals.map(nameOf));
  requireUnique(`${fileName}: kinds`, kinds.map(nameOf));
  requireUnique(`${fileName}: devices`, devices.map(idOf));
  for (const [at, always] of new SignalNames().all.entries()) {
    if (signals[at]?.name === always.name) continue;
    throw new SurpriseError('BAD_BASELINE', `${fileName}: signals.${at} must be '${always.name}'`);
  }
  const places = signals.length * devices.length;
  if (places <= BASELINE_LIMITS.places) return data;
  const seen = `${devices.length} devices with ${signals.length} signals each, together ${places}`;
  throw new SurpriseError('BAD_BASELINE', `${fileName} has ${seen}; at most ${BASELINE_LIMITS.places} are allowed`);
}

const nameOf = (of: { readonly name: string }) => of.name;
const idOf = (of: { readonly id: string }) => of.id;

/** The first problem, and how many more there are. */
function problemOf({ issues }: z.ZodError, value: unknown): string {
  const [issue] = issues;
  const path = issue?.path ?? [];
  const seen = path.reduce<unknown>((of, at) => (of as Record<PropertyKey, unknown>)?.[at], value);
  const further = issues.length > 1 ? `; and ${issues.length - 1} more` : '';
  const message = issue?.message.replace(/, received .*$/, '').slice(0, SHOWN_CHARACTERS);
  return `${path.join('.') || 'the whole'}: ${message}, ${shown(seen)}${further}`;
}

/** How much of something wrong a message shows. */
const SHOWN_CHARACTERS = 80;

function shown(value: unknown): string {
  if (value === undefined) return 'but it is missing';
  if (Array.isArray(value)) return `got ${value.length} elements`;
  if (typeof value === 'object' && value !== null) return 'got an object';
  return `got ${JSON.stringify(value).slice(0, SHOWN_CHARACTERS)}`;
}
