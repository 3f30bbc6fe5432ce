import { AGENT_PROFILES } from '@edgewood/features';
import { TrainingError } from '@edgewood/trainer';
import { type AlertBudgets, chooseAlertBudget } from './choose-alert-budget.ts';
import { excludedSpans } from './excluded-spans.ts';
import { UsageError } from './failure.ts';
import { printLine, printWarning, styled } from './terminal.ts';
import { openTarget, type TrainingTarget, type TrainOptions, trainAndSave } from './train-and-save.ts';
import type { ResolvedTrainOptions } from './training-input.ts';

/** `edgewood train`: one agent, or each one that ships with Edgewood on its own programs with its own model. */
export async function trainAgents(given: TrainOptions): Promise<void> {
  const options = { ...given, excluded: await excludedSpans(given) };
  if (options.agent !== 'all') return trainOne(options);
  const { modelName, features, programs } = options;
  if (modelName !== undefined || features !== undefined || programs !== undefined) {
    throw new UsageError('--model-name, --features and --programs are of one agent, not of all');
  }
  const agents = AGENT_PROFILES.map(({ name }) => name);
  const target = await openTarget(options);
  const budgets = await chooseAlertBudget(options, agents);
  let trained = 0;
  const poor: string[] = [];
  for (const agent of agents) {
    if (trained > 0) printLine();
    const outcome = await trainIfLogged({ ...options, agent }, target, budgets);
    if (outcome === 'trained') trained += 1;
    if (outcome === 'poor') poor.push(agent);
  }
  if (poor.length > 0) throw new TrainingError('POOR_MODEL', `not saved, as said above: ${poor.join(', ')}`);
  if (trained === 0) throw new TrainingError('NO_ENTRIES', 'no agent has enough entries of its programs in the span');
}

async function trainOne(options: ResolvedTrainOptions): Promise<void> {
  const target = await openTarget(options);
  await trainAndSave(options, target, await chooseAlertBudget(options, [options.agent]));
}

/** Says why an agent is not trained: the log has too little of its programs, or the model would be poor. */
async function trainIfLogged(
  options: ResolvedTrainOptions,
  target: TrainingTarget,
  budgets: AlertBudgets,
): Promise<'trained' | 'little' | 'poor'> {
  try {
    printLine(styled('bold', options.agent));
    await trainAndSave(options, target, budgets);
    return 'trained';
  } catch (error) {
    if (!(error instanceof TrainingError)) throw error;
    printWarning(`${options.agent} is not trained: ${error.message}`);
    return error.code === 'POOR_MODEL' ? 'poor' : 'little';
  }
}
