import { formatNumber, printWarning } from './terminal.ts';

/** Says that entries were passed over for their time, as `inTimeOrder` does; nothing if there were none. */
export function printLate(entries: number): void {
  if (entries === 0) return;
  const what = entries === 1 ? '1 entry is' : `${formatNumber(entries)} entries are`;
  printWarning(`${what} hours behind those around, or a month from all others; passed over (a clock that was wrong?)`);
}
