/** Labels tell what really happened in a log: incidents to be found, and changes that are none. */
import { TrainingError } from './errors.ts';

export interface LabelledIncident {
  readonly id: string;
  /** `deauth_flood`. */
  readonly kind: string;
  /** `easy`, `medium`, `hard`. */
  readonly difficulty: string;
  readonly deviceId: string;
  /** Every device on which it can be found, the first too. */
  readonly devices: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Whether it is to be found; false: it lies in the data for training. */
  readonly isTest: boolean;
}

/** Something that may look odd and is no incident: a reboot, an upgrade. */
export interface BenignChange {
  readonly kind: string;
  readonly deviceId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface IncidentLabels {
  /** Detectors are judged by what lies behind this moment. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly devices: number;
  readonly incidents: readonly LabelledIncident[];
  readonly benign: readonly BenignChange[];
}

/**
 * Reads labels: JSON with `meta` (`start` or `test_start`, `end`, `devices`), `incidents` and `benign`.
 *
 * @param name of the file, for messages.
 * @throws {TrainingError} `BAD_LABELS`, naming the field.
 */
export function parseLabels(text: string, name: string): IncidentLabels {
  const field = new LabelField(jsonOf(text, name), name);
  const meta = field.get('meta');
  const incidents = field.get('incidents').items();
  const benign = field.get('benign').items();
  return {
    fromMs: (meta.has('test_start') ? meta.get('test_start') : meta.get('start')).time(),
    toMs: meta.get('end').time(),
    devices: meta.get('devices').count(),
    incidents: incidents.map((of) => ({
      id: of.get('id').text(),
      kind: of.get('kind').text(),
      difficulty: of.has('difficulty') ? of.get('difficulty').text() : 'unrated',
      deviceId: of.get('device').text(),
      devices: of
        .get('devices')
        .items()
        .map((device) => device.text()),
      ...spanOf(of),
      isTest: !of.has('split') || of.get('split').text() === 'test',
    })),
    benign: benign.map((of) => ({ kind: of.get('kind').text(), deviceId: of.get('device').text(), ...spanOf(of) })),
  };
}

function spanOf(of: LabelField): { fromMs: number; toMs: number } {
  return { fromMs: of.get('start').time(), toMs: of.get('end').time() };
}

function jsonOf(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TrainingError('BAD_LABELS', `${name} is not JSON`, { cause });
  }
}

/** A value in the file, and the place where it stands. */
class LabelField {
  readonly #value: unknown;
  readonly #place: string;

  constructor(value: unknown, place: string) {
    this.#value = value;
    this.#place = place;
  }

  has(key: string): boolean {
    return typeof this.#value === 'object' && this.#value !== null && Object.hasOwn(this.#value, key);
  }

  get(key: string): LabelField {
    if (!this.has(key)) throw this.#wrong(`an object with ${key}`);
    return new LabelField((this.#value as Record<string, unknown>)[key], `${this.#place}: ${key}`);
  }

  items(): LabelField[] {
    if (!Array.isArray(this.#value)) throw this.#wrong('a list');
    return this.#value.map((value, at) => new LabelField(value, `${this.#place}.${at}`));
  }

  /** Devices may be numbers. */
  text(): string {
    if (typeof this.#value === 'string' || typeof this.#value === 'number') return String(this.#value);
    throw this.#wrong('a text or a number');
  }

  count(): number {
    if (typeof this.#value === 'number' && Number.isInteger(this.#value) && this.#value > 0) return this.#value;
    throw this.#wrong('a whole number above 0');
  }

  time(): number {
    const timeMs = typeof this.#value === 'string' ? Date.parse(this.#value) : Number.NaN;
    if (!Number.isNaN(timeMs)) return timeMs;
    throw this.#wrong('a time such as 2025-05-22T01:55:12.000Z');
  }

  #wrong(expected: string): TrainingError {
    const seen = JSON.stringify(this.#value)?.slice(0, 60) ?? 'nothing';
    return new TrainingError('BAD_LABELS', `${this.#place} must be ${expected}, got ${seen}`);
  }
}
