import type { LogEntry } from '@edgewood/logs';
import { z } from 'zod';
import { isoText, isoTime } from './json-values.ts';

/** Longest message that is shown, in characters: some programs log whole files. */
const MESSAGE_LENGTH = 2_000;

const entry = z
  .object({
    time: isoText,
    device_id: z.string(),
    program: z.string(),
    level: z.string().describe('as the log has it: a word or a digit'),
    message: z.string().describe(`of a longer one, the first ${MESSAGE_LENGTH} characters and …`),
  })
  .meta({ id: 'Entry', description: 'one line of a log' });

/** Lines of a log. */
export const entriesAnswer = z
  .object({
    entries: z.array(entry).describe('in order of time'),
    more: z.boolean().describe('whether there are more than were asked for'),
  })
  .describe('lines of a log');

/** Snake_case, ISO times. */
export function formatEntries(of: {
  readonly entries: readonly LogEntry[];
  readonly more: boolean;
}): z.input<typeof entriesAnswer> {
  const entries = of.entries.map(({ timeMs, deviceId, program, level, message }) => {
    return { time: isoTime(timeMs), device_id: deviceId, program, level, message: shorten(message) };
  });
  return { entries, more: of.more };
}

function shorten(message: string): string {
  return message.length <= MESSAGE_LENGTH ? message : `${message.slice(0, MESSAGE_LENGTH)}…`;
}
