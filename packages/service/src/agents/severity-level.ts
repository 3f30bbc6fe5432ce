import type { SeverityLevel } from '../anomalies/anomaly.ts';
import { SEVERITY_LEVELS } from '../anomalies/anomaly.ts';
import type { AgentConfig } from '../config.ts';

/** An agent's rules of severity. */
export type SeveritySettings = AgentConfig['severity'];

/**
 * How bad an anomaly is, in a word: what its severity makes it, or the worst that a rule about its features makes it.
 *
 * @param severity 0 to 1.
 */
export function levelOf(
  severity: number,
  features: readonly { readonly feature: string; readonly value: number }[],
  { medium, high, rules }: SeveritySettings,
): SeverityLevel {
  const byRules = rules
    .filter((rule) => features.some(({ feature, value }) => feature === rule.feature && value >= rule.atLeast))
    .map(({ level }) => SEVERITY_LEVELS.indexOf(level));
  const bySeverity = Number(severity >= medium) + Number(severity >= high && high >= medium);
  return SEVERITY_LEVELS[Math.max(bySeverity, ...byRules)] ?? 'high';
}
