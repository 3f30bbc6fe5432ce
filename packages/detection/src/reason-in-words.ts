import type { SurpriseReason } from '@edgewood/surprise';

/** `minutes with wifi:psk_mismatch, hostapd: 12 in 15 min, usually 0.3`; names in it are as the log has them. */
export function reasonInWords({ signal, minutes, count, expected }: SurpriseReason): string {
  const span = minutes < 60 ? `${minutes} min` : `${minutes / 60} h`;
  return `${signal}: ${count.toLocaleString('en-US')} in ${span}, usually ${roughly(expected)}`;
}

/** Two digits, or whole: an expectation is no measurement. */
function roughly(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toLocaleString('en-US', { maximumSignificantDigits: 2 });
}
