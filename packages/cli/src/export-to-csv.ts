import { AGENT_PROFILES, agentProfile } from '@edgewood/features';
import { exportLogs, manifestPathOf, parseTimeSpan } from '@edgewood/logs';
import { interruption, UsageError } from './failure.ts';
import { openLogDatabase } from './log-database.ts';
import { formatDuration, formatNumber, formatTime, ProgressLine, printLine, printWarning } from './terminal.ts';
import { TOOL_VERSION } from './tool-version.ts';

export interface ExportOptions {
  readonly startDate: string;
  readonly endDate: string;
  readonly outputFile: string;
  readonly programs?: readonly string[];
  readonly agent?: string;
  readonly timeZone: string;
  readonly config?: string;
}

/** `edgewood export`. */
export async function exportToCsv(options: ExportOptions): Promise<void> {
  const query = {
    span: parseTimeSpan(options.startDate, options.endDate, options.timeZone),
    programs: programsOf(options),
  };
  const signal = interruption();
  const source = await openLogDatabase(options.config);
  try {
    const { description, warnings } = await source.check(signal);
    printLine(description);
    for (const warning of warnings) printWarning(warning);
    const expected = await source.estimateRows(query, signal);
    const startedAtMs = Date.now();
    const progress = new ProgressLine();
    const manifest = await exportLogs(source, query, options.outputFile, {
      signal,
      software: `edgewood ${TOOL_VERSION}`,
      onProgress: ({ rows }) => progress.show(() => progressText(rows, expected, Date.now() - startedAtMs)),
    }).finally(() => progress.end());
    const { rows, first_timestamp: first, last_timestamp: last } = manifest;
    const span =
      first === null || last === null ? '' : `, ${formatTime(Date.parse(first))} to ${formatTime(Date.parse(last))}`;
    printLine(`${formatNumber(rows)} entries${span} → ${options.outputFile}`);
    printLine(`what is in it: ${manifestPathOf(options.outputFile)}`);
    if (rows === 0) printWarning('no entry in this span; check the programs and the dates');
  } finally {
    await source.close();
  }
}

function programsOf({ programs, agent }: ExportOptions): readonly string[] | 'all' {
  if (programs !== undefined && agent !== undefined) {
    throw new UsageError('--programs and --agent exclude each other: an agent brings its own programs');
  }
  if (agent === 'all') return [...new Set(AGENT_PROFILES.flatMap((profile) => profile.programs))];
  if (agent !== undefined) return agentProfile(agent).programs;
  return programs ?? 'all';
}

function progressText(rows: number, expected: number, elapsedMs: number): string {
  const perSecond = rows / Math.max(elapsedMs / 1000, 0.001);
  const rest = expected > rows ? `, about ${formatDuration(((expected - rows) / perSecond) * 1000)} left` : '';
  return `${formatNumber(rows)} entries, ${formatNumber(Math.round(perSecond))} a second${rest}`;
}
