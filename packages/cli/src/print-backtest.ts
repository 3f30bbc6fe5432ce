import type { SurpriseReason } from '@edgewood/surprise';
import { alarmEpisodes, type Episode } from '@edgewood/trainer';
import type { AgentBacktest, Detector, Finding } from './backtest-agent.ts';
import { formatNumber, formatTable, formatTime, printable, printLine } from './terminal.ts';

const WEEK_MS = 604_800_000;
/** Episodes that are listed. */
const LISTED_EPISODES = 10;
/** Reasons that are told of each. */
const LISTED_REASONS = 3;
const REASONS_WIDTH = 100;

/** What was replayed, how many alarms each detector raised, and the most surprising episodes with their reasons. */
export function printBacktest(
  runs: readonly AgentBacktest[],
  detectors: readonly Detector[],
  surpriseThreshold: number,
): void {
  for (const { agent, version, span, entries, devices } of runs) {
    const when = span === undefined ? 'no window to judge' : `${formatTime(span.fromMs)} to ${formatTime(span.toMs)}`;
    printLine(`${agent} ${version}: ${when}, ${devices.length} devices, ${formatNumber(entries)} entries`);
  }
  printLine();
  printLine(alarmTable(runs, detectors, surpriseThreshold));
  if (detectors.includes('surprise')) printSurprises(runs);
}

/** The alarms of a detector, of all agents, in order of time. */
export function alarmsOfDetector(runs: readonly AgentBacktest[], detector: Detector): readonly Finding[] {
  return runs
    .flatMap(({ findings }) => findings.filter((finding) => finding.isAlarm && finding.detector === detector))
    .sort((a, b) => a.atMs - b.atMs);
}

function alarmTable(runs: readonly AgentBacktest[], detectors: readonly Detector[], surpriseThreshold: number): string {
  const rows = runs.flatMap((run) => detectors.map((detector) => alarmRow(run, detector, surpriseThreshold)));
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

function alarmRow(run: AgentBacktest, detector: Detector, surpriseThreshold: number): string[] {
  const alarms = alarmsOfDetector([run], detector);
  const episodes = alarmEpisodes(alarms).length;
  const deviceWeeks = run.span && ((run.span.toMs - run.span.fromMs) * run.devices.length) / WEEK_MS;
  return [
    run.agent,
    detector,
    detector === 'forest' ? 'decision < 0' : `surprise ≥ ${surpriseThreshold}`,
    formatNumber(run.windows[detector]),
    formatNumber(alarms.length),
    formatNumber(episodes),
    deviceWeeks ? (episodes / deviceWeeks).toFixed(2) : '–',
  ];
}

function printSurprises(runs: readonly AgentBacktest[]): void {
  const episodes = alarmEpisodes(alarmsOfDetector(runs, 'surprise'));
  if (episodes.length === 0) return;
  const worst = episodes.toSorted((a, b) => b.worst.score - a.worst.score).slice(0, LISTED_EPISODES);
  printLine();
  printLine(worst.length < episodes.length ? `The ${worst.length} most surprising episodes:` : 'What was surprising:');
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

function episodeRow({ fromMs, toMs, deviceId, worst }: Episode<Finding>): string[] {
  const reasons = worst.reasons.slice(0, LISTED_REASONS).map(reasonInWords);
  const [first, last] = [formatTime(fromMs), formatTime(toMs)];
  return [first, last, printable(deviceId), worst.score.toFixed(2), printable(reasons.join('\n'))];
}

/** `minutes with wifi:psk_mismatch, hostapd: 12 in 15 min, usually 0.3`. */
function reasonInWords({ signal, minutes, count, expected }: SurpriseReason): string {
  const span = minutes < 60 ? `${minutes} min` : `${minutes / 60} h`;
  return `${signal}: ${formatNumber(count)} in ${span}, usually ${formatNumber(expected)}`;
}
