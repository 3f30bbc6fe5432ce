import { styleText } from 'node:util';
import { formatTable } from '../../packages/cli/src/terminal.ts';
import { incidentsHit, type LabelledIncident } from './labelled-incidents.ts';

/** What `/api/anomalies` answers, as far as the table needs it. */
interface ListedAnomaly {
  readonly device_id: string | null;
  readonly window_start: string;
  readonly window_end: string;
  readonly score: number;
  readonly why: string;
  readonly model_version: string;
}

/** Anomalies of one device, each beginning when the one before ends: an episode, told by its worst window. */
interface Episode {
  readonly deviceId: string | null;
  readonly fromMs: number;
  toMs: number;
  windows: number;
  worst: ListedAnomaly;
}

/** Windows closer than this are one episode, in milliseconds. */
const EPISODE_GAP_MS = 30 * 60_000;

/** Asks the service what it found and shows it beside the incidents that the sample is labelled with. */
export async function printFindings(
  address: string,
  labels: readonly LabelledIncident[],
  span: { readonly trainedUntil: string; readonly end: string },
): Promise<void> {
  const answer = await fetch(new URL('/api/anomalies?limit=1000', address));
  if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status}: ${await answer.text()}`);
  const { anomalies } = (await answer.json()) as { anomalies: ListedAnomaly[] };
  const episodes = episodesOf(anomalies.toReversed());
  const hit = new Set<LabelledIncident>();
  const rows = episodes.map((episode) => {
    const incidents = incidentsHit(episode, labels);
    for (const incident of incidents) hit.add(incident);
    return [
      `${clock(episode.fromMs)}–${clock(episode.toMs).slice(6)}`,
      episode.deviceId ?? 'all',
      String(episode.windows),
      episode.worst.score.toFixed(3),
      episode.worst.why,
      incidents.length === 0 ? '–' : incidents.map(({ kind }) => kind).join(', '),
    ];
  });
  const columns = [
    { title: 'time (UTC)' },
    { title: 'device' },
    { title: 'windows', align: 'right' as const },
    { title: 'score', align: 'right' as const },
    { title: 'why', maxWidth: 64 },
    { title: 'labelled incident' },
  ];
  console.log(
    `\n${styleText('bold', `What was found: ${anomalies.length} anomalous windows in ${episodes.length} episodes`)}`,
  );
  console.log(formatTable(columns, rows));
  printSummary(labels, hit, span, anomalies[0]?.model_version);
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
  console.log(`Not seen: ${missed.join(', ')}.`);
  console.log(
    'Some of these leave no trace in the WiFi programs; for the others five-minute counts are too blunt a tool.',
  );
  console.log(
    '\nRead on: README.md (the four stages), docs/features.md (what is counted), ARCHITECTURE.md (how it is built).',
  );
}

/** @param anomalies the oldest first. */
function episodesOf(anomalies: readonly ListedAnomaly[]): Episode[] {
  const episodes: Episode[] = [];
  const open = new Map<string | null, Episode>();
  for (const anomaly of anomalies) {
    const [fromMs, toMs] = [Date.parse(anomaly.window_start), Date.parse(anomaly.window_end)];
    const current = open.get(anomaly.device_id);
    if (current !== undefined && fromMs - current.toMs < EPISODE_GAP_MS) {
      current.toMs = toMs;
      current.windows += 1;
      if (anomaly.score < current.worst.score) current.worst = anomaly;
      continue;
    }
    const episode = { deviceId: anomaly.device_id, fromMs, toMs, windows: 1, worst: anomaly };
    open.set(anomaly.device_id, episode);
    episodes.push(episode);
  }
  return episodes;
}

/** `05-02 12:05`. */
function clock(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(5, 16).replace('T', ' ');
}
