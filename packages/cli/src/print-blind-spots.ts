import type { BlindSpot, SightReport, UnreadProgram } from '@edgewood/features';
import type { UnknownReport } from '@edgewood/surprise';
import { formatNumber, formatTable, printable, printLine, printWarning } from './terminal.ts';

/** What several devices have alike stands in one row; a wider cell is wrapped, in characters. */
const WIDTHS = { incident: 36, devices: 24, why: 32, remedy: 48, message: 90 };
/** So many devices of a row are named. */
const NAMED_DEVICES = 12;

/** The incidents that devices cannot show, with the devices, the reason and the remedy. */
export function printBlindSpots({ devices, devicesPassedOver }: SightReport): void {
  const byIncident = new Map<string, { readonly spot: BlindSpot; readonly deviceIds: string[] }>();
  for (const { deviceId, blindSpots } of devices) {
    for (const spot of blindSpots) {
      const row = byIncident.get(spot.incident) ?? { spot, deviceIds: [] };
      row.deviceIds.push(deviceId);
      byIncident.set(spot.incident, row);
    }
  }
  printLine();
  if (byIncident.size === 0) printLine('No kind of incident is known to be hidden.');
  else printIncidents([...byIncident.values()]);
  if (devicesPassedOver > 0) {
    printWarning(`${formatNumber(devicesPassedOver)} devices or more were passed over: more than are kept apart`);
  }
}

function printIncidents(rows: readonly { readonly spot: BlindSpot; readonly deviceIds: readonly string[] }[]): void {
  printLine('Incidents that would not be seen:');
  const table = rows.map(({ spot, deviceIds }) => [
    spot.incident,
    printable(namesOf(deviceIds)),
    spot.because,
    spot.remedy,
  ]);
  const columns = [
    { title: 'incident', maxWidth: WIDTHS.incident },
    { title: 'devices', maxWidth: WIDTHS.devices },
    { title: 'why, of the first', maxWidth: WIDTHS.why },
    { title: 'remedy', maxWidth: WIDTHS.remedy },
  ];
  printLine(formatTable(columns, table));
}

function namesOf(deviceIds: readonly string[]): string {
  const named = deviceIds.slice(0, NAMED_DEVICES).join(', ');
  return deviceIds.length > NAMED_DEVICES ? `${named} and ${deviceIds.length - NAMED_DEVICES} more` : named;
}

/** The programs whose lines no agent reads. */
export function printUnread(unread: readonly UnreadProgram[], top: number): void {
  printLine();
  if (unread.length === 0) {
    printLine('Every program in the log is read by an agent.');
    return;
  }
  const share = unread.reduce((sum, program) => sum + program.share, 0);
  printLine(`Programs that no agent reads, ${percent(share)} of the entries:`);
  const columns = [
    { title: 'program' },
    { title: 'entries', align: 'right' as const },
    { title: 'share', align: 'right' as const },
    { title: 'devices', align: 'right' as const },
  ];
  const rows = unread
    .slice(0, top)
    .map(({ program, lineCount, share, deviceCount }) => [
      program === undefined ? '(further ones)' : printable(program) || '(none)',
      formatNumber(lineCount),
      percent(share),
      formatNumber(deviceCount),
    ]);
  printLine(formatTable(columns, rows));
}

/** The messages that an agent reads and no pattern knows. */
export function printUnknown({ agents, templates, otherLineCount }: UnknownReport, top: number): void {
  printLine();
  for (const { agent, lineCount, unknownCount } of agents) {
    if (lineCount === 0) continue;
    const share = percent(unknownCount / lineCount);
    printLine(
      `${agent}: no pattern knows ${formatNumber(unknownCount)} of ${formatNumber(lineCount)} entries (${share})`,
    );
  }
  if (templates.length === 0) return;
  printLine();
  printLine(`The most frequent of ${formatNumber(templates.length)} unknown messages, by their first example:`);
  const columns = [
    { title: 'agent' },
    { title: 'program' },
    { title: 'entries', align: 'right' as const },
    { title: 'devices', align: 'right' as const },
    { title: 'example', maxWidth: WIDTHS.message },
  ];
  const rows = templates
    .slice(0, top)
    .map(({ agent, program, lineCount, deviceCount, example }) => [
      agent,
      printable(program),
      formatNumber(lineCount),
      formatNumber(deviceCount),
      printable(example),
    ]);
  printLine(formatTable(columns, rows));
  if (otherLineCount > 0) printLine(`${formatNumber(otherLineCount)} entries are of further templates`);
}

/** `0 %`, `< 0.1 %`, `12.3 %`. */
function percent(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1 %';
  return `${formatNumber(Math.round(share * 1000) / 10)} %`;
}
