import { formatNumber, printWarning } from './terminal.ts';

/** Says that entries were passed over because they came too late to be put in order; nothing if there were none. */
export function printLate(entries: number): void {
  if (entries === 0) return;
  const what = entries === 1 ? '1 entry is' : `${formatNumber(entries)} entries are`;
  printWarning(`${what} more than two hours older than those around; passed over (a clock that was behind?)`);
}
