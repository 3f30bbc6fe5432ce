import type { SurpriseReason } from '@edgewood/surprise';

/** `minutes with wifi:psk_mismatch, hostapd: 12 in 15 min, usually 0.3`; names in it are as the log has them. */
export function reasonInWords({ signal, minutes, count, expected }: SurpriseReason): string {
  const span = minutes < 60 ? `${minutes} min` : `${minutes / 60} h`;
  return `${signal}: ${inFigures(count)} in ${span}, usually ${inFigures(expected)}`;
}

function inFigures(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: value >= 1000 ? 21 : 4, maximumFractionDigits: 4 });
}
