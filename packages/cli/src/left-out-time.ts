/** What training did not learn from, for people and for the version's metadata. */
import type { ModelMetadata } from '@edgewood/models';
import { type LeftOutTime, spansOfHours, type TrainingReport } from '@edgewood/trainer';
import { formatNumber, formatTable, formatTime, printable, printLine, printWarning } from './terminal.ts';

/** So many suspicious hours are printed, and so many spans of a kind are kept in the metadata. */
const TOLD = { printed: 10, kept: 500 };

/** Nothing if all was learnt from. */
export function leftOutMetadata({ leftOut, fromMs, toMs }: TrainingReport): Pick<ModelMetadata, 'left_out'> {
  const excluded = leftOut.excluded.filter((span) => span.fromMs < toMs && span.toMs > fromMs);
  const suspicious = leftOut.suspicious?.leftOut ?? [];
  if (excluded.length + suspicious.length === 0) return {};
  const spanOf = (span: { readonly fromMs: number; readonly toMs: number }) => ({
    start: new Date(span.fromMs).toISOString(),
    end: new Date(span.toMs).toISOString(),
  });
  return {
    left_out: {
      excluded_spans: excluded.length,
      excluded_windows: leftOut.excludedWindows,
      excluded: excluded
        .slice(0, TOLD.kept)
        .map((span) => ({ ...spanOf(span), devices: devicesOf(span.devices), reason: span.reason })),
      suspicious_hours: suspicious.length,
      suspicious_windows: leftOut.suspiciousWindows,
      suspicious: spansOfHours(suspicious.slice(0, TOLD.kept)).map((span, at) => ({
        ...spanOf(span),
        devices: devicesOf(span.devices),
        reason: span.reason,
        score: suspicious[at]?.score ?? 0,
      })),
    },
  };
}

function devicesOf(devices: readonly string[] | 'all'): string[] | 'all' {
  return devices === 'all' ? devices : [...devices];
}

/** Says which time was left out and why; nothing if none was. */
export function printLeftOut({ excludedWindows, suspicious, suspiciousWindows }: LeftOutTime): void {
  if (excludedWindows > 0) printLine(`excluded, as not looked at: ${formatNumber(excludedWindows)} windows`);
  if (suspicious === undefined || suspicious.found === 0) return;
  const hours = suspicious.found === 1 ? '1 hour' : `${formatNumber(suspicious.found)} hours`;
  const much = `${hours} of a device, ${formatNumber(suspicious.share * 100)} % of what is learnt from`;
  if (suspicious.leftOut.length === 0) {
    printWarning(`${much}, are suspicious: too many for incidents, so nothing is left out`);
    return;
  }
  const windows = `with ${formatNumber(suspiciousWindows)} windows`;
  printLine(`left out as suspicious: ${much}, ${windows}; --keep-all learns from them. The most surprising:`);
  printLine(
    formatTable(
      [{ title: 'hour' }, { title: 'device' }, { title: 'score', align: 'right' }, { title: 'because of' }],
      suspicious.leftOut
        .slice(0, TOLD.printed)
        .map(({ hour, deviceId, score, signal, minutes }) => [
          formatTime(hour * 3_600_000),
          printable(deviceId),
          score.toFixed(1),
          printable(`${signal} in ${minutes} min`),
        ]),
    ),
  );
}
