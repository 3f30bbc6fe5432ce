import { readLogCsv } from '@edgewood/logs';
import type { ModelMetadata } from '@edgewood/models';
import {
  type AgentShare,
  type AlertBudget,
  type BudgetChoice,
  budgetPerDeviceAndWeek,
  chooseThresholds,
  DEFAULT_ALERT_BUDGET,
  FEWEST_DAYS,
  formatAlertBudget,
  type HeldOutScores,
  heldOutOf,
  type LogSpan,
  parseAlertBudget,
  scoreHeldOut,
  surveyLog,
  TrainingError,
} from '@edgewood/trainer';
import { UsageError } from './failure.ts';
import { formatNumber, formatTable, formatTime, ProgressLine, printLine, printWarning } from './terminal.ts';
import { parseBounds } from './time-bounds.ts';
import type { TrainOptions } from './train-and-save.ts';
import { type ResolvedTrainOptions, trainingInput } from './training-input.ts';

/** What becomes of a budget in the metadata of each agent's version. */
export type AlertBudgets = ReadonlyMap<string, NonNullable<ModelMetadata['alert_budget']>>;

const DAY_MS = 86_400_000;

/**
 * Chooses the thresholds of agents that are trained together, so that their alarms keep to one budget: each learns from the
 * first days of the log and judges the last ones. Says what was chosen and what is to be expected.
 *
 * @throws {UsageError} of a budget that is none; what {@link trainingInput} and reading the log throw.
 * @returns nothing of agents that the log has too little of; nothing at all without a budget.
 */
export async function chooseAlertBudget(
  options: ResolvedTrainOptions,
  agents: readonly string[],
): Promise<AlertBudgets> {
  if (options.alertBudget === false) return new Map();
  const budget = readAlertBudget(options.alertBudget) ?? DEFAULT_ALERT_BUDGET;
  const programs = [...new Set(agents.flatMap((agent) => inputOf(options, agent).extractor.programs))];
  const survey = await surveyLog(readWithProgress(options, 'a look at'), { programs, ...parseBounds(options) });
  if (survey === undefined) return new Map(); // training says what is missing
  const heldOut = heldOutOf(survey);
  if (heldOut === undefined) return withoutHoldOut(readAlertBudget(options.alertBudget), agents, survey);
  const scores = await scoreAll(options, agents, heldOut);
  const perDeviceAndWeek = budgetPerDeviceAndWeek(budget, survey.devices);
  const spanMs = heldOut.toMs - heldOut.fromMs;
  const choice = chooseThresholds({ agents: scores, devices: survey.devices, spanMs }, perDeviceAndWeek);
  printChoice(budget, choice, { ...heldOut, devices: survey.devices });
  const span = { start: isoTime(heldOut.fromMs), end: isoTime(heldOut.toMs) };
  return new Map(
    [...choice.agents].map(([agent, share]) => {
      const held_out = { ...span, devices: scores.get(agent)?.devices ?? 0 };
      return [agent, { ...promiseOf(budget, share), held_out }];
    }),
  );
}

function readAlertBudget(text: string | undefined): AlertBudget | undefined {
  const budget = text === undefined ? undefined : parseAlertBudget(text);
  if (budget !== undefined || text === undefined) return budget;
  const allowed = 'expected 1/device/week, 2/device/day, or 10/week of all devices together, at most 1000 a week';
  throw new UsageError(`--alert-budget: ${allowed}; got '${text}'`);
}

const inputOf = (options: ResolvedTrainOptions, agent: string) => trainingInput({ ...options, agent });
const isoTime = (timeMs: number) => new Date(timeMs).toISOString();

function promiseOf(budget: AlertBudget, share: AgentShare) {
  return {
    budget: formatAlertBudget(budget),
    per_device_and_week: share.perDeviceAndWeek,
    thresholds: share.thresholds,
    expected_per_device_and_week: share.expectedPerDeviceAndWeek,
  };
}

/** What was asked for is promised all the same, with an equal share for each agent; what nobody asked for is not. */
function withoutHoldOut(
  asked: AlertBudget | undefined,
  agents: readonly string[],
  { fromMs, toMs, devices }: LogSpan & { readonly devices: number },
): AlertBudgets {
  const days = ((toMs - fromMs) / DAY_MS).toFixed(1);
  const why = `the log covers ${days} days, and ${FEWEST_DAYS} are needed to hold out one`;
  if (asked === undefined) {
    printLine(`no thresholds for an alert budget: ${why}; the built-in ones hold`);
    return new Map();
  }
  printWarning(`no thresholds are learnt for the alert budget: ${why}; the built-in ones hold`);
  const perDeviceAndWeek = budgetPerDeviceAndWeek(asked, devices) / agents.length;
  const budget = formatAlertBudget(asked);
  const unknown = { thresholds: {}, expected_per_device_and_week: null, held_out: null };
  return new Map(agents.map((agent) => [agent, { budget, per_device_and_week: perDeviceAndWeek, ...unknown }]));
}

async function scoreAll(options: ResolvedTrainOptions, agents: readonly string[], heldOut: LogSpan) {
  const scores = new Map<string, HeldOutScores>();
  for (const agent of agents) {
    const read = () => readWithProgress(options, `${agent}, days held out:`);
    try {
      scores.set(agent, await scoreHeldOut({ read, training: inputOf(options, agent), heldOut }));
    } catch (error) {
      if (!(error instanceof TrainingError)) throw error; // too little of this agent before the days held out
    }
  }
  return scores;
}

async function* readWithProgress({ inputFile, timeZone }: TrainOptions, what: string): ReturnType<typeof readLogCsv> {
  const progress = new ProgressLine();
  let entries = 0;
  try {
    for await (const chunk of readLogCsv(inputFile, { timeZone })) {
      entries += chunk.length;
      progress.show(() => `${what} ${formatNumber(entries)} entries`);
      yield chunk;
    }
  } finally {
    progress.end();
  }
}

function printChoice(budget: AlertBudget, choice: BudgetChoice, of: LogSpan & { readonly devices: number }): void {
  const days = (of.toMs - of.fromMs) / DAY_MS;
  const heldOut = `${days} days of ${of.devices} devices held out, from ${formatTime(of.fromMs)}`;
  printLine(`alert budget ${formatAlertBudget(budget)}: ${heldOut}`);
  const titles = ['agent', 'surprise from', 'score below', 'alerts a device and week'];
  const rows = [...choice.agents].map(([agent, { thresholds, expectedPerDeviceAndWeek }]) => [
    agent,
    thresholds.surprise?.toFixed(2) ?? '–',
    thresholds.forest?.toFixed(4) ?? '–',
    expectedPerDeviceAndWeek.toFixed(2),
  ]);
  const columns = titles.map((title, at) => ({ title, align: at === 0 ? ('left' as const) : ('right' as const) }));
  printLine(formatTable(columns, rows));
  const weekly = choice.expectedPerWeek.toFixed(1);
  printLine(`expected: ${weekly} alerts a week, ${(choice.expectedPerWeek / of.devices).toFixed(2)} a device`);
  if (choice.extrapolated) {
    printLine('so few alerts that the days held out would show none: thresholds are carried on beyond what they had');
  }
  printLine();
}
