import { AGENT_PROFILES } from '@edgewood/features';
import { TrainingError } from '@edgewood/trainer';
import { UsageError } from './failure.ts';
import { printLine, printWarning, styled } from './terminal.ts';
import { type TrainOptions, trainAndSave } from './train-and-save.ts';

/** `edgewood train`: one agent, or each one that ships with Edgewood on its own programs with its own model. */
export async function trainAgents(options: TrainOptions): Promise<void> {
  if (options.agent !== 'all') return trainAndSave(options);
  const { modelName, features, programs } = options;
  if (modelName !== undefined || features !== undefined || programs !== undefined) {
    throw new UsageError('--model-name, --features and --programs are of one agent, not of all');
  }
  let trained = 0;
  const poor: string[] = [];
  for (const { name } of AGENT_PROFILES) {
    if (trained > 0) printLine();
    const outcome = await trainIfLogged({ ...options, agent: name });
    if (outcome === 'trained') trained += 1;
    if (outcome === 'poor') poor.push(name);
  }
  if (poor.length > 0) throw new TrainingError('POOR_MODEL', `not saved, as said above: ${poor.join(', ')}`);
  if (trained === 0) throw new TrainingError('NO_ENTRIES', 'no agent has enough entries of its programs in the span');
}

/** Says why an agent is not trained: the log has too little of its programs, or the model would be poor. */
async function trainIfLogged(options: TrainOptions): Promise<'trained' | 'little' | 'poor'> {
  try {
    printLine(styled('bold', options.agent));
    await trainAndSave(options);
    return 'trained';
  } catch (error) {
    if (!(error instanceof TrainingError)) throw error;
    printWarning(`${options.agent} is not trained: ${error.message}`);
    return error.code === 'POOR_MODEL' ? 'poor' : 'little';
  }
}
