/** What would have been found with other thresholds. */
import type { Detector } from '@edgewood/detection';
import { type AlarmQuality, type IncidentLabels, judgeAlarms } from '@edgewood/trainer';
import type { AgentBacktest, Finding } from './backtest-agent.ts';
import { shown } from './report-markup.ts';
import type { Bounds } from './time-bounds.ts';

/** Thresholds that are tried, in the terms of `--alarms-file`. */
const TRIED = {
  forest: { from: 0.45, to: 0.85, step: 0.01 },
  surprise: { from: 2, to: 12, step: 0.25 },
} as const;
const WIDTH = 600;
const HEIGHT = 200;

export interface SweepPoint {
  readonly threshold: number;
  /** Found of those to be found, in [0, 1]; 0 if there are none. */
  readonly recall: number;
  /** Incidents found, of these and the false episodes together, in [0, 1]; undefined without an alarm. */
  readonly precision: number | undefined;
  readonly falsePerDeviceAndWeek: number;
}

/** The quality at each threshold, the lowest first. */
export function sweepThresholds(
  runs: readonly Pick<AgentBacktest, 'findings'>[],
  detector: Detector,
  labels: IncidentLabels,
  bounds: Bounds,
): readonly SweepPoint[] {
  const { from, to, step } = TRIED[detector];
  let left: readonly Finding[] = runs
    .flatMap(({ findings }) => findings.filter((finding) => finding.detector === detector))
    .sort((a, b) => a.atMs - b.atMs);
  return Array.from({ length: Math.round((to - from) / step) + 1 }, (_, at) => {
    const threshold = Math.round((from + at * step) * 100) / 100;
    left = left.filter(({ score }) => score >= threshold);
    return sweepPoint(threshold, judgeAlarms(labels, left, bounds));
  });
}

function sweepPoint(threshold: number, { incidents, falseEpisodes, falsePerDeviceAndWeek }: AlarmQuality): SweepPoint {
  const found = incidents.filter(({ delayMs }) => delayMs !== undefined).length;
  const told = found + falseEpisodes;
  return {
    threshold,
    recall: incidents.length === 0 ? 0 : found / incidents.length,
    precision: told === 0 ? undefined : found / told,
    falsePerDeviceAndWeek,
  };
}

/**
 * Precision and recall over the threshold.
 *
 * @param points at least two.
 * @param current where alarms begin now, in the same terms.
 */
export function sweepChart(title: string, points: readonly SweepPoint[], current: number): string {
  const [from, to] = [points[0]?.threshold ?? 0, points.at(-1)?.threshold ?? 1];
  const x = (threshold: number) => Math.round(Math.max(0, Math.min(1, (threshold - from) / (to - from))) * WIDTH);
  const y = (share: number) => Math.round((1 - share) * HEIGHT * 0.96 + HEIGHT * 0.02);
  const line = (of: (point: SweepPoint) => number | undefined) => {
    const known = points.flatMap((point) => {
      const share = of(point);
      return share === undefined ? [] : [`${x(point.threshold)} ${y(share)}`];
    });
    return known.length === 0 ? '' : `M${known.join('L')}`;
  };
  const marks = [from, (from + to) / 2, to].map((at) => `<span>${Number(at.toFixed(2))}</span>`).join('');
  const grid = [0, 0.5, 1].map((share) => `M0 ${y(share)}H${WIDTH}`).join('');
  return `<figure class="sweep"><figcaption>${shown(title)}</figcaption>
<div class="plot"><div class="shares" aria-hidden="true"><span>100 %</span><span>50 %</span><span>0</span></div>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${shown(`Precision and recall over the threshold: ${title}`)}">
<path class="grid" d="${grid}"/><path class="threshold" d="M${x(current)} 0V${HEIGHT}"/>
<path class="precision" d="${line(({ precision }) => precision)}"/><path class="recall" d="${line(({ recall }) => recall)}"/>
</svg></div>
<div class="thresholds" aria-hidden="true">${marks}</div></figure>`;
}
