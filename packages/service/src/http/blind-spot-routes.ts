import { z } from 'zod';
import type { BlindSpotReport } from '../blind-spots/blind-spot-watch.ts';
import type { HttpApp, HttpParts } from './http-parts.ts';
import { isoText, isoTime } from './json-values.ts';
import { errorAnswers } from './route-errors.ts';

/** Most unknown messages that are listed: the most frequent. */
const LISTED_MESSAGES = 100;

const blindSpot = z.object({
  incident: z.string().describe('that the log would not show'),
  because: z.string().describe('what is missing in it'),
  remedy: z.string().describe('how to change that'),
  source: z.string().describe('where that is known from'),
});
const device = z.object({ device_id: z.string(), entries: z.int(), blind_spots: z.array(blindSpot) });
const unreadProgram = z.object({
  program: z.string().nullable().describe('empty for entries that name none; null for all further ones together'),
  entries: z.int(),
  share: z.number().describe('of all entries'),
  devices: z.int(),
});
const unknownMessage = z.object({
  agent: z.string(),
  program: z.string(),
  template: z.string().describe('without numbers, addresses and names'),
  entries: z.int(),
  devices: z.int(),
  example: z.string().describe('the first of them'),
});
const unknownMessages = z.object({
  agents: z.array(z.object({ agent: z.string(), entries: z.int(), unknown: z.int() })),
  messages: z.array(unknownMessage).describe(`the ${LISTED_MESSAGES} most frequent`),
  further_entries: z.int().describe('of messages beyond those that are kept apart'),
});
const blindSpotsAnswer = z
  .object({
    looked_at: isoText,
    from: isoText.describe('the entries from here'),
    to: isoText.describe('up to here'),
    problem: z.string().nullable().describe('why the last look did not come to its end'),
    entries: z.int(),
    devices: z.array(device),
    devices_passed_over: z.int().describe('beyond those that are kept apart'),
    unread_programs: z.array(unreadProgram).describe('that no agent of this service reads; the most frequent first'),
    unknown_messages: unknownMessages.describe('of the programs of agents, known to no pattern'),
  })
  .describe('what cannot be seen');

/** What the service's agents cannot see in the logs that there are. */
export function blindSpotRoutes(app: HttpApp, { control }: HttpParts): void {
  app.get(
    '/api/blind-spots',
    {
      schema: {
        operationId: 'getBlindSpots',
        summary: 'What cannot be seen, and how to change that',
        description: 'By the entries of one to two days, of all programs; looked at once in an hour.',
        tags: ['agents'],
        response: { 200: blindSpotsAnswer, ...errorAnswers(503) },
      },
    },
    async () => formatBlindSpots(await control.blindSpots()),
  );
}

function formatBlindSpots({ atMs, fromMs, toMs, problem, survey }: BlindSpotReport): z.input<typeof blindSpotsAnswer> {
  const { sight, messages } = survey;
  return {
    looked_at: isoTime(atMs),
    from: isoTime(fromMs),
    to: isoTime(toMs),
    problem: problem ?? null,
    entries: sight.lineCount,
    devices: sight.devices.map(({ deviceId, lineCount, blindSpots }) => {
      return { device_id: deviceId, entries: lineCount, blind_spots: [...blindSpots] };
    }),
    devices_passed_over: sight.devicesPassedOver,
    unread_programs: sight.unread.map(({ program, lineCount, share, deviceCount }) => {
      return { program: program ?? null, entries: lineCount, share, devices: deviceCount };
    }),
    unknown_messages: {
      agents: messages.agents.map(({ agent, lineCount, unknownCount }) => {
        return { agent, entries: lineCount, unknown: unknownCount };
      }),
      messages: messages.templates.slice(0, LISTED_MESSAGES).map(({ agent, program, template, example, ...counts }) => {
        return { agent, program, template, entries: counts.lineCount, devices: counts.deviceCount, example };
      }),
      further_entries: messages.otherLineCount,
    },
  };
}
