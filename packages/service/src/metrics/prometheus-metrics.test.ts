import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PrometheusMetrics } from './prometheus-metrics.ts';

test('counters are there at 0 before anything happens', async () => {
  const metrics = new PrometheusMetrics();
  metrics.agentStarted('wifi');
  const text = await metrics.expose();
  for (const name of [
    'windows_analysed',
    'anomalies',
    'cycle_failures',
    'model_load_failures',
    'model_trials_taken_back',
  ]) {
    assert.match(text, new RegExp(`^edgewood_${name}_total\\{agent="wifi"\\} 0$`, 'm'));
  }
  assert.match(text, /^edgewood_cycle_duration_seconds_count\{agent="wifi"\} 0$/m);
  assert.match(text, /^process_resident_memory_bytes \d+/m);
});

test('what is counted is shown by agent', async () => {
  const metrics = new PrometheusMetrics();
  metrics.windowsAnalysed('wifi', 3);
  metrics.windowsAnalysed('wifi', 2);
  metrics.anomalyFound('wifi');
  metrics.cycleFinished('wifi', 0.02);
  const text = await metrics.expose();
  assert.match(text, /^edgewood_windows_analysed_total\{agent="wifi"\} 5$/m);
  assert.match(text, /^edgewood_anomalies_total\{agent="wifi"\} 1$/m);
  assert.match(text, /^edgewood_cycle_duration_seconds_bucket\{le="0.03",agent="wifi"\} 1$/m);
});

test('only the version in use is shown', async () => {
  const metrics = new PrometheusMetrics();
  metrics.modelLoaded('wifi', '20250607_230000');
  metrics.modelLoaded('wifi', '20250608_230000');
  const shown = (await metrics.expose()).split('\n').filter((line) => line.startsWith('edgewood_model_info{'));
  assert.deepEqual(shown, ['edgewood_model_info{agent="wifi",version="20250608_230000"} 1']);
});
