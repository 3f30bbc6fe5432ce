import { z } from 'zod';
import { CHANGE_KINDS } from '../anomalies/anomaly-store.ts';
import { formatMessage, PASSING_EVENTS, type PassingEvent } from './event-json.ts';
import { EventStream, resumeSeq } from './event-stream.ts';
import { HttpError } from './http-errors.ts';
import type { HttpLimits } from './http-limits.ts';
import type { HttpApp, HttpParts } from './http-parts.ts';
import { errorAnswers } from './route-errors.ts';

const WHICH = 'must be the id of an event';

/** What happens, as it happens. */
export function eventRoutes(app: HttpApp, { store, events, log }: HttpParts, limits: HttpLimits): void {
  const streams = new Set<EventStream>();
  const endings: (() => void)[] = [];
  app.addHook('onReady', async () => {
    for (const kind of CHANGE_KINDS) endings.push(events.on(kind, () => wakeAll(streams)));
    for (const name of Object.keys(PASSING_EVENTS) as PassingEvent[]) {
      const format = PASSING_EVENTS[name] as (event: object) => object; // each takes the event of its name
      endings.push(events.on(name, (event) => tellAll(streams, formatMessage({ event: name, data: format(event) }))));
    }
  });
  app.addHook('onClose', async () => {
    for (const end of endings.splice(0)) end();
  });

  app.get(
    '/api/events',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'listenToEvents',
        summary: 'What happens, as it happens',
        description:
          'Server-sent events. Those about anomalies and incidents have an id, and Last-Event-ID goes on after it ' +
          `without a gap; their data is a Change. Others are told once, without an id: ${Object.keys(PASSING_EVENTS).join(', ')}.`,
        tags: ['events'],
        headers: z.looseObject({
          'last-event-id': z
            .string()
            .regex(/^\d{1,15}$/, WHICH)
            .transform(Number)
            .optional(),
        }),
        response: {
          200: { description: 'events', content: { 'text/event-stream': { schema: z.string() } } },
          ...errorAnswers(503),
        },
      },
    },
    async (request, reply) => {
      const afterSeq = await resumeSeq(store, request.headers['last-event-id']);
      if (streams.size >= limits.streams) {
        throw new HttpError(503, 'TOO_MANY_STREAMS', `there are ${limits.streams} event streams already`, {
          'retry-after': String(Math.ceil(limits.retryMs / 1000)),
        });
      }
      reply.hijack();
      reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...STREAM_HEADERS });
      const stream = new EventStream({ response: reply.raw, changes: store, afterSeq, limits });
      streams.add(stream);
      stream
        .run()
        .catch((error: Error) => log.error({ err: error }, `an event stream ended: ${error.message}`))
        .finally(() => streams.delete(stream));
    },
  );
}

const STREAM_HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' };

function wakeAll(streams: ReadonlySet<EventStream>): void {
  for (const stream of streams) stream.wake();
}

function tellAll(streams: ReadonlySet<EventStream>, message: string): void {
  for (const stream of streams) stream.tell(message);
}
