/** What alarms were about: the signals that were the most surprising ones. */
import type { AgentBacktest } from './backtest-agent.ts';
import { reportSection, shown } from './report-markup.ts';

/** Signals that are shown. */
const MOST_SIGNALS = 15;

export interface SignalCount {
  readonly signal: string;
  /** Windows with an alarm in which no signal was more surprising. */
  readonly windows: number;
  /** How surprising it was in them: the upper one of two in the middle, and the largest. */
  readonly medianScore: number;
  readonly largestScore: number;
}

/** Those that caused the most alarms first. */
export function leadingSignals(runs: readonly Pick<AgentBacktest, 'judged'>[]): readonly SignalCount[] {
  const scores = new Map<string, number[]>();
  for (const { judged } of runs) {
    for (const { reasons } of judged) {
      const [first] = reasons;
      if (first === undefined) continue;
      const before = scores.get(first.signal);
      if (before === undefined) scores.set(first.signal, [first.score]);
      else before.push(first.score);
    }
  }
  return [...scores].map(([signal, of]) => signalCount(signal, of)).sort((a, b) => b.windows - a.windows);
}

function signalCount(signal: string, scores: readonly number[]): SignalCount {
  const ordered = scores.toSorted((a, b) => a - b);
  const [medianScore = 0, largestScore = 0] = [ordered[ordered.length >> 1], ordered.at(-1)];
  return { signal, windows: scores.length, medianScore, largestScore };
}

/** Bars; empty where no surprise was an alarm. */
export function signalSection(title: string, runs: readonly Pick<AgentBacktest, 'judged'>[]): string {
  const signals = leadingSignals(runs);
  const most = signals[0]?.windows ?? 0;
  if (most === 0) return '';
  const bars = signals.slice(0, MOST_SIGNALS).map(({ signal, windows, medianScore, largestScore }) => {
    const width = Math.max(1, Math.round((windows / most) * 100));
    const spread = `surprise ${medianScore.toFixed(1)}, at most ${largestScore.toFixed(1)}`;
    return `<dt>${shown(signal)}</dt><dd><span class="bar" style="width:${width}%"></span>${windows} <span class="soft">${spread}</span></dd>`;
  });
  const more = signals.length > MOST_SIGNALS ? `<p class="soft">and ${signals.length - MOST_SIGNALS} more</p>` : '';
  const what =
    '<p class="soft">Windows with an alarm, by the signal that was the most surprising; the middle one and the largest of its surprises.</p>';
  return reportSection(title, what, `<dl class="bars">${bars.join('\n')}</dl>`, more);
}
