import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentBacktest, ReplayedWindow } from './backtest-agent.ts';
import { leadingSignals, signalSection } from './report-signals.ts';

function windowsOf(leading: readonly (readonly [signal: string, score: number])[]): Pick<AgentBacktest, 'judged'> {
  const judged = leading.map(([signal, score], at): ReplayedWindow => {
    const reason = { minutes: 15, count: 12, expected: 0.3 };
    const reasons = [
      { ...reason, signal, score },
      { ...reason, signal: 'entries', score: score / 2 },
    ];
    const judgement = { score: -0.4, surprise: score, anomalous: true, alarms: ['surprise'] as const, reasons };
    return { deviceId: 'ap-1', fromMs: at * 300_000, toMs: (at + 1) * 300_000, ...judgement };
  });
  return { judged };
}

test('signals are told by how often they were the most surprising, with the spread of their surprises', () => {
  const run = windowsOf([
    ['errors', 5],
    ['stations', 9],
    ['errors', 12],
    ['errors', 6],
  ]);
  assert.deepEqual(leadingSignals([run]), [
    { signal: 'errors', windows: 3, medianScore: 6, largestScore: 12 },
    { signal: 'stations', windows: 1, medianScore: 9, largestScore: 9 },
  ]);
});

test('the most frequent are drawn, the others are counted', () => {
  const run = windowsOf(Array.from({ length: 20 }, (_, at) => [`signal ${at}`, 5] as const));
  const html = signalSection('What alarms were about', [run]);
  assert.equal(html.match(/<dt>/g)?.length, 15);
  assert.match(html, /and 5 more/);
  assert.equal(signalSection('What alarms were about', [windowsOf([])]), '');
});
