/** What alarms were about: the signals that were the most surprising ones. */
import type { AgentBacktest } from './backtest-agent.ts';
import { reportSection, shown } from './report-markup.ts';

/** Signals that are shown. */
const MOST_SIGNALS = 15;

export interface SignalCount {
  readonly signal: string;
  /** Windows with an alarm in which no signal was more surprising. */
  readonly windows: number;
}

/** Those that caused the most alarms first. */
export function leadingSignals(runs: readonly AgentBacktest[]): readonly SignalCount[] {
  const counts = new Map<string, number>();
  for (const { judged } of runs) {
    for (const { reasons } of judged) {
      const signal = reasons[0]?.signal;
      if (signal !== undefined) counts.set(signal, (counts.get(signal) ?? 0) + 1);
    }
  }
  return [...counts].map(([signal, windows]) => ({ signal, windows })).sort((a, b) => b.windows - a.windows);
}

/** Bars; empty where no surprise was an alarm. */
export function signalSection(title: string, runs: readonly AgentBacktest[]): string {
  const signals = leadingSignals(runs);
  const most = signals[0]?.windows ?? 0;
  if (most === 0) return '';
  const bars = signals.slice(0, MOST_SIGNALS).map(({ signal, windows }) => {
    const width = Math.max(1, Math.round((windows / most) * 75));
    return `<dt>${shown(signal)}</dt><dd><span class="bar" style="width:${width}%"></span>${windows}</dd>`;
  });
  const more = signals.length > MOST_SIGNALS ? `<p class="soft">and ${signals.length - MOST_SIGNALS} more</p>` : '';
  const what = '<p class="soft">Windows with an alarm, by the signal that was the most surprising.</p>';
  return reportSection(title, what, `<dl class="bars">${bars.join('\n')}</dl>`, more);
}
