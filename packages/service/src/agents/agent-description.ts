import type { WindowGrouping } from '@edgewood/features';
import { z } from 'zod';
import { allowedInstead, problemsOf } from '../config-problems.ts';
import { text, windowLength } from '../config-values.ts';

/** What a third party's agent says about itself. */
export interface AgentDescription {
  readonly name: string;
  readonly programs: readonly string[] | 'all';
  readonly windowMs: number;
  readonly groupBy: WindowGrouping;
}

/** How a function is described by the process that has it. */
const aFunction = z.custom<object>((value) => Object(value).isFunction === true, 'must be a function');

const definitionSchema = z.strictObject(
  {
    name: z.string('must be text').regex(/^[a-z][a-z0-9_-]*$/, 'must be a lower-case word such as ssh'),
    programs: z.union([z.literal('all'), z.array(text).min(1)], "must be a list of program names, or 'all'"),
    window: windowLength,
    groupBy: z.enum(['device', 'global']).default('device'),
    options: aFunction.optional(),
    memory: aFunction.optional(),
    inspect: aFunction,
  },
  'must be an object',
);

/**
 * Checks a definition as the process that loaded it describes it, functions as `{ isFunction: true }`.
 *
 * @returns the description, or everything that is wrong.
 */
export function describeAgent(definition: unknown): { description?: AgentDescription; problems: readonly string[] } {
  const { data, error } = definitionSchema.safeParse(definition, { reportInput: true, error: allowedInstead });
  if (data !== undefined) {
    const { name, programs, window: windowMs, groupBy } = data;
    return { description: { name, programs, windowMs, groupBy }, problems: [] };
  }
  const problems = error.issues.flatMap((issue) => problemsOf(issue, definitionSchema));
  return { problems: problems.map(({ path, message }) => `${path.join('.') || 'the definition'}: ${message}`) };
}
