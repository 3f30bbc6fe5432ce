import { serviceReportSchema } from '@edgewood/models';
import type { HttpApp, HttpParts } from './http-parts.ts';
import { errorAnswers } from './route-errors.ts';

/** What deployers want to know. */
export function reportRoutes(app: HttpApp, { control }: HttpParts): void {
  app.get(
    '/api/report',
    {
      schema: {
        operationId: 'getReport',
        summary: 'What the models in use have done',
        description:
          'For deployers: which version each agent judges by, why not another, and what it has found since it was ' +
          'loaded. The same as service_report.json in the model directory, as of now.',
        tags: ['models'],
        response: {
          200: serviceReportSchema.meta({ id: 'ServiceReport', description: 'the models in use' }),
          ...errorAnswers(503),
        },
      },
    },
    () => control.report(),
  );
}
