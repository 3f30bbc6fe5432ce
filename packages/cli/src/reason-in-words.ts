import type { SurpriseReason } from '@edgewood/surprise';
import { formatNumber } from './terminal.ts';

/** `minutes with wifi:psk_mismatch, hostapd: 12 in 15 min, usually 0.3`; names in it are as the log has them. */
export function reasonInWords({ signal, minutes, count, expected }: SurpriseReason): string {
  const span = minutes < 60 ? `${minutes} min` : `${minutes / 60} h`;
  return `${signal}: ${formatNumber(count)} in ${span}, usually ${formatNumber(expected)}`;
}
