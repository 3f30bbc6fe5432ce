import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { AnomalyStore } from '../anomalies/anomaly-store.ts';
import type { Clock } from '../clock.ts';
import type { ServiceConfig } from '../config.ts';
import type { ServiceEvents } from '../events.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { ServiceControl } from '../service-control.ts';
import type { ServiceLog } from '../tell-events.ts';

/** What the answers are made of. */
export interface HttpParts {
  readonly control: ServiceControl;
  readonly store: AnomalyStore;
  readonly events: ServiceEvents;
  readonly metrics: Metrics;
  readonly log: ServiceLog;
  /** Asked at each request, so that they may change; but for host and port. */
  readonly settings: ServiceConfig['http'];
  /** Time of the analysis: what `until` is if nobody says. */
  readonly clock: Clock;
}

/** A server whose routes are described by zod schemas. */
export type HttpApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;
