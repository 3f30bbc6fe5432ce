import { readFile } from 'node:fs/promises';
import { LogError } from '@edgewood/logs';
import { type IncidentLabels, parseLabels } from '@edgewood/trainer';

/**
 * Reads a file of labels.
 *
 * @throws {LogError} `FILE_UNREADABLE`; {TrainingError} `BAD_LABELS`.
 */
export async function readLabels(path: string): Promise<IncidentLabels> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new LogError('FILE_UNREADABLE', `cannot read ${path}: ${cause.message}`, { cause });
  });
  return parseLabels(text, path);
}
