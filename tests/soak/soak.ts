/**
 * Lets a service live for a week in minutes, and shows what it held all the while.
 *
 *   npm run soak                            a week
 *   EDGEWOOD_SOAK_HOURS=24 npm run soak     a day
 */
import { formatCurve, formatSummary } from './memory-curve.ts';
import { judgeSoak, runSoak } from './run-soak.ts';

const WEEK_HOURS = 168;
const hours = Number(process.env.EDGEWOOD_SOAK_HOURS ?? WEEK_HOURS);
const report = await runSoak(hours);
console.log(formatCurve(report.hours));
judgeSoak(report);
console.log(formatSummary(report));
