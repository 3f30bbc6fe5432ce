import { type ComparisonAnswer, comparisonAnswer, ServiceError } from '@edgewood/service';
import { askService, type ServiceAddress } from './ask-service.ts';
import { agreementSentences, formatOneSided, type OneSidedEpisode } from './print-comparison.ts';
import { formatNumber, formatTime, printable, printLine } from './terminal.ts';

export interface CompareOptions extends ServiceAddress {
  /** ISO 8601 with a zone; as the service understands it. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly json?: boolean;
}

type Comparison = NonNullable<ComparisonAnswer['comparison']>;

/**
 * `edgewood models compare`: how the candidate in the shadow does, as a service has seen it.
 *
 * @throws {ServiceError} `NO_ANSWER`, also for an answer that is no comparison.
 */
export async function compareModels(agent: string, { since, until, json, ...address }: CompareOptions): Promise<void> {
  const query = new URLSearchParams({ ...(since !== undefined && { since }), ...(until !== undefined && { until }) });
  const said = await askService(address, `api/models/${encodeURIComponent(agent)}/comparison?${query}`);
  const { success, data, error } = comparisonAnswer.safeParse(said);
  if (!success) throw new ServiceError('NO_ANSWER', `${address.url} gives no comparison: ${error.message}`);
  if (json === true) printLine(JSON.stringify(data, null, 2));
  else for (const line of comparisonLines(data)) printLine(line);
}

function comparisonLines(answer: ComparisonAnswer): readonly string[] {
  const { agent, current_version: current, candidate_version: candidate, comparison, advice } = answer;
  if (comparison === null || current === null || candidate === null) {
    return [printable(`${agent}: nothing can be compared: ${answer.unknown ?? 'the service does not say why'}`)];
  }
  const { since, until, limited, device_weeks: weeks } = comparison;
  const span = `${formatTime(Date.parse(since))} to ${formatTime(Date.parse(until))}, ${formatNumber(weeks)} weeks of a device`;
  const table = tableOf(comparison, current, candidate);
  const sentences = [
    `${agent}: ${candidate} in the shadow of ${current}, ${span}${limited ? '; older windows are left out' : ''}`,
    ...agreementSentences(numbersOf(comparison), [current, candidate]),
    ...rankSentence(comparison),
    alertSentence(comparison),
  ];
  return [
    ...sentences.map(printable),
    ...(table === undefined ? [] : ['', table]),
    ...(advice === null ? [] : ['', printable(advice)]),
  ];
}

function numbersOf({ windows, agreement, kappa, odd_windows: alarms, alerts: episodes }: Comparison) {
  return { windows, agreement: agreement ?? undefined, kappa: kappa ?? undefined, alarms, episodes };
}

function rankSentence({ rank_correlation: { score, surprise } }: Comparison): readonly string[] {
  const said = [
    ...(score === null ? [] : [`${score.toFixed(3)} by forest scores`]),
    ...(surprise === null ? [] : [`${surprise.toFixed(3)} by surprise`]),
  ];
  return said.length === 0 ? [] : [`They put windows into the same order (Spearman): ${said.join(', ')}.`];
}

function alertSentence({ alerts, alerts_per_device_and_week: rates }: Comparison): string {
  const rate = (value: number | null) => (value === null ? '–' : formatNumber(Number(value.toFixed(2))));
  return (
    `Alerts for each device and week: ${rate(rates.current)} now, ${rate(rates.candidate)} with the candidate; ` +
    `${alerts.avoided} avoided, ${alerts.added} new.`
  );
}

/** The newest alerts of one side only. */
function tableOf({ avoided, added }: Comparison, current: string, candidate: string): string | undefined {
  const episodes = [...avoided.map((of) => episodeOf(of, current)), ...added.map((of) => episodeOf(of, candidate))];
  if (episodes.length === 0) return undefined;
  return formatOneSided(episodes.sort((a, b) => a.fromMs - b.fromMs));
}

function episodeOf(alert: Comparison['avoided'][number], only: string): OneSidedEpisode {
  const { from, to, device_id: deviceId, surprise, score, why } = alert;
  return { only, fromMs: Date.parse(from), toMs: Date.parse(to), deviceId, surprise, score, because: why ?? '' };
}
