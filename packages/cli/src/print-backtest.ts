import { type Detector, reasonInWords } from '@edgewood/detection';
import { type AlarmEpisode, alarmEpisodes } from '@edgewood/trainer';
import type { AgentBacktest, Finding } from './backtest-agent.ts';
import { formatNumber, formatTable, formatTime, printable, printLine } from './terminal.ts';

const WEEK_MS = 604_800_000;
/** Episodes that are listed. */
const LISTED_EPISODES = 10;
/** Reasons that are told of each. */
const LISTED_REASONS = 3;
const REASONS_WIDTH = 100;

/** What is shown as one: a version, or those of all agents. */
export interface BacktestSide {
  /** `A` or `B` where two versions are compared. */
  readonly name: string | undefined;
  readonly runs: readonly AgentBacktest[];
}

/** What was replayed, how many alarms each detector raised, and the most surprising episodes with their reasons. */
export function printBacktest(sides: readonly BacktestSide[], detectors: readonly Detector[]): void {
  for (const { name, runs } of sides) {
    for (const { agent, version, span, entries, devices } of runs) {
      const when = span === undefined ? 'no window to judge' : `${formatTime(span.fromMs)} to ${formatTime(span.toMs)}`;
      const what = `${named(name, agent)} ${version}`;
      printLine(`${what}: ${when}, ${devices.length} devices, ${formatNumber(entries)} entries`);
    }
  }
  printLine();
  printLine(alarmTable(sides, detectors));
  if (!detectors.includes('surprise')) return;
  for (const side of sides) printSurprises(side);
}

/** `A surprise`, or `surprise` where nothing is compared. */
export function named(side: string | undefined, what: string): string {
  return side === undefined ? what : `${side} ${what}`;
}

/** `A: episodes`, or `Episodes` where nothing is compared. */
export function titled({ name }: BacktestSide, title: string): string {
  return name === undefined ? title.replace(/^./, (first) => first.toUpperCase()) : `${name}: ${title}`;
}

/** The alarms of a detector, of all agents, in order of time. */
export function alarmsOfDetector(runs: readonly AgentBacktest[], detector: Detector): readonly Finding[] {
  return runs
    .flatMap(({ findings }) => findings.filter((finding) => finding.isAlarm && finding.detector === detector))
    .sort((a, b) => a.atMs - b.atMs);
}

function alarmTable(sides: readonly BacktestSide[], detectors: readonly Detector[]): string {
  const rows = sides.flatMap(({ name, runs }) =>
    runs.flatMap((run) => detectors.map((detector) => alarmRow(name, run, detector))),
  );
  const titles = ['windows', 'alarms', 'episodes', 'per device and week'];
  return formatTable(
    [
      { title: 'agent' },
      { title: 'detector' },
      { title: 'alarm if' },
      ...titles.map((title) => ({ title, align: 'right' as const })),
    ],
    rows,
  );
}

function alarmRow(side: string | undefined, run: AgentBacktest, detector: Detector): string[] {
  const alarms = alarmsOfDetector([run], detector);
  const episodes = alarmEpisodes(alarms).length;
  const deviceWeeks = run.span && ((run.span.toMs - run.span.fromMs) * run.devices.length) / WEEK_MS;
  return [
    named(side, run.agent),
    detector,
    alarmCondition(run, detector),
    formatNumber(run.windows[detector]),
    formatNumber(alarms.length),
    formatNumber(episodes),
    deviceWeeks ? (episodes / deviceWeeks).toFixed(2) : '–',
  ];
}

function alarmCondition({ thresholds, scale }: AgentBacktest, detector: Detector): string {
  if (detector === 'surprise') return `surprise ≥ ${thresholds.surprise}`;
  return thresholds.forest === scale.offset ? 'decision < 0' : `score < ${thresholds.forest}`;
}

function printSurprises(side: BacktestSide): void {
  const episodes = alarmEpisodes(alarmsOfDetector(side.runs, 'surprise'));
  if (episodes.length === 0) return;
  const worst = episodes.toSorted((a, b) => b.worst.score - a.worst.score).slice(0, LISTED_EPISODES);
  printLine();
  const title =
    worst.length < episodes.length ? `the ${worst.length} most surprising episodes:` : 'what was surprising:';
  printLine(titled(side, title));
  printLine(
    formatTable(
      [
        { title: 'first alarm' },
        { title: 'last alarm' },
        { title: 'device' },
        { title: 'surprise', align: 'right' },
        { title: 'because of', maxWidth: REASONS_WIDTH },
      ],
      worst.map(episodeRow),
    ),
  );
}

function episodeRow({ fromMs, toMs, deviceId, worst }: AlarmEpisode<Finding>): string[] {
  const reasons = worst.reasons.slice(0, LISTED_REASONS).map(reasonInWords);
  const [first, last] = [formatTime(fromMs), formatTime(toMs)];
  return [first, last, printable(deviceId), worst.score.toFixed(2), printable(reasons.join('\n'))];
}
