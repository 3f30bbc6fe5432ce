import { AGENT_PROFILES, agentProfile, SightSurvey } from '@edgewood/features';
import { type LogEntry, readLogCsv } from '@edgewood/logs';
import { UnknownMessages } from '@edgewood/surprise';
import { printBlindSpots, printUnknown, printUnread } from './print-blind-spots.ts';
import { formatNumber, ProgressLine, printLine } from './terminal.ts';
import { type BoundOptions, type Bounds, parseBounds } from './time-bounds.ts';

export interface BlindSpotOptions extends BoundOptions {
  readonly inputFile: string;
  /** Default: all. */
  readonly agents?: readonly string[];
  /** Longest list that is printed of unread programs and of unknown messages, at least 1. */
  readonly top: number;
}

/** `edgewood blind-spots`. */
export async function findBlindSpots(options: BlindSpotOptions): Promise<void> {
  const { inputFile, agents, timeZone, top } = options;
  const profiles = agents?.map(agentProfile) ?? AGENT_PROFILES;
  const bounds = parseBounds(options);
  const sight = new SightSurvey(profiles.flatMap((profile) => profile.programs));
  const unknown = new UnknownMessages(profiles);
  const progress = new ProgressLine();
  let read = 0;
  try {
    for await (const chunk of readLogCsv(inputFile, { timeZone })) {
      const entries = chunk.filter((entry) => isWithin(entry, bounds));
      sight.add(entries);
      unknown.add(entries);
      read += entries.length;
      progress.show(() => `${formatNumber(read)} entries`);
    }
  } finally {
    progress.end();
  }
  const report = sight.report();
  printLine(`${formatNumber(report.lineCount)} entries of ${formatNumber(report.devices.length)} devices`);
  printBlindSpots(report);
  printUnread(report.unread, top);
  printUnknown(unknown.report(), top);
}

function isWithin({ timeMs }: LogEntry, { fromMs, toMs }: Bounds): boolean {
  return (fromMs === undefined || timeMs >= fromMs) && (toMs === undefined || timeMs < toMs);
}
