/** The file of a baseline: JSON in ASCII, numbers to four significant digits. */
import type { Baseline, DeviceBaseline, SignalBaseline } from './baseline.ts';
import { BASELINE_SCHEMA_VERSION, type BaselineFile, checkedBaselineFile, NUMBER_LIMITS } from './baseline-schema.ts';
import { SurpriseError } from './errors.ts';
import { packNumbers, rounded, unpackNumbers } from './packed-numbers.ts';
import { SCALES } from './scales.ts';
import { HOUR_KINDS, HOURS_PER_DAY } from './slot-time.ts';
import { windowNormsFile, windowNormsOf } from './window-norms-json.ts';

/** Largest file that is written or read, in bytes: 16 MiB. A month of eight devices takes about 0.6 MB. */
export const MAX_BASELINE_BYTES = 16 * 1024 * 1024;
const NOT_ASCII = /[\x7f-\uffff]/g;

/**
 * What to write; {@link parseBaseline} reads it, as {@link roundedBaseline} is.
 *
 * @throws {SurpriseError} `BAD_BASELINE` for a baseline with more, or with other numbers, than a file may have.
 */
export function formatBaseline(baseline: Baseline): Uint8Array {
  const what = 'the baseline';
  const content = checkedBaselineFile(fileOf(baseline), what);
  baselineOf(content, what); // what could not be read is not written
  const text = JSON.stringify(content).replace(NOT_ASCII, escaped);
  const bytes = new TextEncoder().encode(`${text}\n`);
  requireSize(bytes, what);
  return bytes;
}

/**
 * @param bytes untrusted.
 * @param name of the file, for messages.
 * @throws {SurpriseError} `BAD_BASELINE` for a file that is damaged, of a newer Edgewood, or contradicts itself.
 */
export function parseBaseline(bytes: Uint8Array, name: string): Baseline {
  requireSize(bytes, name);
  return baselineOf(checkedBaselineFile(jsonOf(bytes, name), name), name);
}

/**
 * The baseline as its file gives it back, so that what was tried is what is used. Rounding again changes nothing.
 *
 * @throws {SurpriseError} as {@link formatBaseline}.
 */
export function roundedBaseline(baseline: Baseline): Baseline {
  return parseBaseline(formatBaseline(baseline), 'the baseline');
}

function fileOf({ deviceDays, fleetSilences, kindHours, signals, devices, windowNorms }: Baseline): BaselineFile {
  const places = new Map([...kindHours.keys()].map((kind, at) => [kind, at]));
  return {
    schema_version: BASELINE_SCHEMA_VERSION,
    scales_minutes: SCALES.map(({ minutes }) => minutes),
    device_days: rounded(deviceDays),
    silences_minutes: packNumbers(fleetSilences),
    kinds: [...kindHours].map(([name, hours]) => ({ name, hours })),
    signals: signals.map(({ name, low, fleetMeans, fleetDispersions, calibrations }) => ({
      name,
      low,
      means: packNumbers(fleetMeans),
      dispersions: fleetDispersions.map(rounded),
      calibrations: calibrations.map(({ slope, knots }) => ({ slope: rounded(slope), knots: knots.map(rounded) })),
    })),
    devices: [...devices.values()].map(({ id, means, dispersions, longestSilences, kinds }) => ({
      id,
      means: packNumbers(means),
      dispersions: packNumbers(dispersions),
      silences_minutes: packNumbers(longestSilences),
      kinds: [...kinds].map((kind) => places.get(kind) ?? -1).sort((a, b) => a - b),
    })),
    ...(windowNorms && { window_norms: windowNormsFile(windowNorms) }),
  };
}

function baselineOf(file: BaselineFile, name: string): Baseline {
  const kinds = file.kinds.map((kind) => kind.name);
  const signals = file.signals.map((of, at) => signalOf(of, `${name}: signals.${at}`));
  const devices = file.devices.map((of, at) => deviceOf(of, signals.length, kinds, `${name}: devices.${at}`));
  return {
    fleetSilences: silencesOf(file.silences_minutes, name),
    signals,
    devices: new Map(devices.map((device) => [device.id, device])),
    kindHours: new Map(file.kinds.map((kind) => [kind.name, kind.hours])),
    deviceDays: file.device_days,
    ...(file.window_norms && { windowNorms: windowNormsOf(file.window_norms, `${name}: window_norms`) }),
  };
}

function signalOf(of: BaselineFile['signals'][number], place: string): SignalBaseline {
  const { name, low, means, dispersions, calibrations } = of;
  const fleetMeans = unpackNumbers(means, HOUR_KINDS, NUMBER_LIMITS.mean, `${place}.means`);
  return { name, low, fleetMeans, fleetDispersions: dispersions, calibrations };
}

function deviceOf(
  of: BaselineFile['devices'][number],
  signals: number,
  kinds: readonly string[],
  place: string,
): DeviceBaseline {
  const { mean, dispersion } = NUMBER_LIMITS;
  return {
    id: of.id,
    means: unpackNumbers(of.means, signals * HOUR_KINDS, mean, `${place}.means`),
    dispersions: unpackNumbers(of.dispersions, signals * SCALES.length, dispersion, `${place}.dispersions`),
    longestSilences: silencesOf(of.silences_minutes, place),
    kinds: new Set(of.kinds.map((at) => kindAt(kinds, at, place))),
  };
}

function silencesOf(list: readonly number[], place: string): Float64Array {
  return unpackNumbers(list, HOURS_PER_DAY, NUMBER_LIMITS.silenceMinutes, `${place}: silences_minutes`);
}

function kindAt(kinds: readonly string[], at: number, place: string): string {
  const kind = kinds[at];
  if (kind !== undefined) return kind;
  throw new SurpriseError('BAD_BASELINE', `${place}.kinds must be below ${kinds.length}, got ${at}`);
}

function requireSize(bytes: Uint8Array, name: string): void {
  if (bytes.length <= MAX_BASELINE_BYTES) return;
  throw new SurpriseError('BAD_BASELINE', `${name} has ${bytes.length} bytes; at most ${MAX_BASELINE_BYTES} are read`);
}

function jsonOf(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new SurpriseError('BAD_BASELINE', `${name} is not JSON in UTF-8`, { cause: error });
  }
}

/** Names are whatever a device logs; ASCII reads the same everywhere. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
