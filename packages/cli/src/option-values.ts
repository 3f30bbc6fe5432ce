import type { IsolationForestParameters } from '@edgewood/isolation-forest';
import { InvalidArgumentError } from 'commander';

/** `hostapd,wpa_supplicant` → its parts; empty ones are refused. */
export function parseList(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.includes('')) throw new InvalidArgumentError('expected a comma-separated list without empty parts');
  return parts;
}

/** The values of an option that may be given several times, in their order. */
export function appendTo(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** `300`, `300s`, `5m`, `1h` → milliseconds. */
export function parseDurationMs(text: string): number {
  const match = /^(\d+)(s|m|h|)$/.exec(text);
  if (match === null) throw new InvalidArgumentError('expected a duration such as 300s, 5m or 1h');
  const unit = { s: 1_000, m: 60_000, h: 3_600_000, '': 1_000 }[match[2] ?? ''] ?? 1_000;
  return Number(match[1]) * unit;
}

export function parseInteger(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new InvalidArgumentError('expected a whole number');
  return Number(text);
}

/** A whole number from 1 on. */
export function parseCount(text: string): number {
  const count = parseInteger(text);
  if (count < 1 || !Number.isSafeInteger(count)) throw new InvalidArgumentError('expected a whole number from 1 on');
  return count;
}

/** As scikit-learn reads it: `auto`, `256` rows, or `0.5` and `1.0` as shares of the rows. */
export function parseMaxSamples(text: string): IsolationForestParameters['maxSamples'] {
  if (text === 'auto') return 'auto';
  if (/^\d+$/.test(text)) return Number(text);
  if (/^\d*\.\d+$/.test(text)) return { fraction: Number(text) };
  throw new InvalidArgumentError(
    'expected auto, a count such as 256, or a share such as 0.5 (1.0 is all rows, 1 is one row)',
  );
}

export function parseContamination(text: string): IsolationForestParameters['contamination'] {
  if (text === 'auto') return 'auto';
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value))
    throw new InvalidArgumentError('expected auto or a number in (0, 0.5]');
  return value;
}

export function parseGrouping(text: string): 'device' | 'global' {
  if (text === 'device' || text === 'global') return text;
  throw new InvalidArgumentError('expected device or global');
}

export function parseDetectors(text: string): 'forest' | 'surprise' | 'both' {
  if (text === 'forest' || text === 'surprise' || text === 'both') return text;
  throw new InvalidArgumentError('expected forest, surprise or both');
}

/** A score above 0. */
export function parseThreshold(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('expected a number above 0');
}

/** A scikit-learn score between -1 and 0. */
export function parseForestThreshold(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > -1 && value < 0) return value;
  throw new InvalidArgumentError('expected a number between -1 and 0, such as -0.6');
}
