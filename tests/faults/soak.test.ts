/** A day of a service's life in less than a minute; `npm run soak` is a week of it. */
import { after, test } from 'node:test';
import { formatSummary } from '../soak/memory-curve.ts';
import { judgeSoak, runSoak, type SoakReport } from '../soak/run-soak.ts';

const HOURS = Number(process.env.EDGEWOOD_SOAK_HOURS ?? 24);
let report: SoakReport | undefined;

after(() => {
  if (report !== undefined) console.log(formatSummary(report));
});

test(`a service that lives for ${HOURS} h analyses every window once and does not grow`, async () => {
  report = await runSoak(HOURS);
  judgeSoak(report);
});
