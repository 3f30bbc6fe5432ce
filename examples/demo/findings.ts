import { styleText } from 'node:util';
import { formatTable } from '../../packages/cli/src/terminal.ts';
import { incidentsHit, type LabelledIncident } from './labelled-incidents.ts';

/** Of an incident that is none of the labelled ones. */
const NONE = '–';
const READ_ON =
  '\nRead on: README.md (the four stages), docs/detection.md (how it is found), ARCHITECTURE.md (how it is built).';

/** What `/api/incidents` answers, as far as the table needs it. */
interface ListedIncident {
  readonly agent: string;
  readonly device_id: string | null;
  readonly start: string;
  readonly end: string;
  readonly anomaly_count: number;
  readonly severity: number;
  readonly why: string;
  readonly model_version: string | null;
}

/** Asks the service what it found and shows it beside the incidents that the sample is labelled with. */
export async function printFindings(
  address: string,
  labels: readonly LabelledIncident[],
  span: { readonly trainedUntil: string; readonly end: string },
): Promise<void> {
  const answer = await fetch(new URL('/api/incidents?limit=1000', address));
  if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status}: ${await answer.text()}`);
  const { incidents } = (await answer.json()) as { incidents: ListedIncident[] };
  const hit = new Set<LabelledIncident>();
  const rows = incidents.toReversed().map((incident) => {
    const [fromMs, toMs] = [Date.parse(incident.start), Date.parse(incident.end)];
    const labelled = incidentsHit({ deviceId: incident.device_id, fromMs, toMs }, labels);
    for (const label of labelled) hit.add(label);
    return [
      `${clock(fromMs)}–${clock(toMs).slice(6)}`,
      incident.agent,
      incident.device_id ?? 'all',
      String(incident.anomaly_count),
      incident.severity.toFixed(2),
      incident.why,
      labelled.length === 0 ? NONE : labelled.map(({ kind }) => kind).join(', '),
    ];
  });
  const columns = [
    { title: 'time (UTC)' },
    { title: 'agent' },
    { title: 'device' },
    { title: 'windows', align: 'right' as const },
    { title: 'severity', align: 'right' as const },
    { title: 'why', maxWidth: 64 },
    { title: 'labelled incident' },
  ];
  console.log(`\n${styleText('bold', `What was found: ${incidents.length} incidents`)}`);
  console.log(formatTable(columns, rows));
  const model = incidents.find(({ model_version }) => model_version !== null)?.model_version ?? undefined;
  printSummary(labels, hit, span, model);
  const others = rows.filter((cells) => cells.at(-1) === NONE).length;
  console.log(`${others} of the ${rows.length} incidents found are none of those.`);
  console.log(READ_ON);
}

function printSummary(
  labels: readonly LabelledIncident[],
  hit: ReadonlySet<LabelledIncident>,
  { trainedUntil, end }: { readonly trainedUntil: string; readonly end: string },
  modelVersion: string | undefined,
): void {
  const fromMs = Date.parse(`${trainedUntil}Z`);
  const inSpan = labels.filter((incident) => incident.toMs > fromMs && incident.fromMs < Date.parse(end));
  const missed = inSpan.filter((incident) => !hit.has(incident)).map(({ kind }) => kind);
  console.log(
    `\nFound ${inSpan.length - missed.length} of the ${inSpan.length} labelled incidents of this span, by model ${modelVersion}.`,
  );
  if (missed.length > 0) console.log(`Not seen: ${missed.join(', ')}.`);
}

/** `05-02 12:05`. */
function clock(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(5, 16).replace('T', ' ');
}
