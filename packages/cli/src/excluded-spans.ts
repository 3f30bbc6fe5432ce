import { parseTimeSpan } from '@edgewood/logs';
import { type ExcludedSpan, spansOfLabels } from '@edgewood/trainer';
import { UsageError } from './failure.ts';
import { readLabels } from './read-labels.ts';

export interface ExcludingOptions {
  /** Each `from..to`. */
  readonly exclude?: readonly string[];
  /** A file of labels. */
  readonly labels?: string;
  readonly timeZone: string;
}

/**
 * What training is told to leave out: the spans of `--exclude`, of all devices, and what `--labels` knows of.
 *
 * @throws {UsageError} of what is no span; {LogError} `BAD_TIME`, `BAD_SPAN`, `FILE_UNREADABLE`;
 *   {TrainingError} `BAD_LABELS`.
 */
export async function excludedSpans({ exclude = [], labels, timeZone }: ExcludingOptions): Promise<ExcludedSpan[]> {
  const spans = exclude.map((text) => parseExcluded(text, timeZone));
  return labels === undefined ? spans : [...spans, ...spansOfLabels(await readLabels(labels))];
}

function parseExcluded(text: string, timeZone: string): ExcludedSpan {
  const [from, to, ...more] = text.split('..');
  if (from === undefined || to === undefined || more.length > 0) {
    throw new UsageError(`--exclude must be two times such as 2025-05-03T10:00..2025-05-03T14:00, got '${text}'`);
  }
  return { ...parseTimeSpan(from, to, timeZone), devices: 'all', reason: '--exclude' };
}
