import type { RunningService } from './edgewood-command.ts';

/** How many anomalies are shown as they are found; all of them are in the table at the end. */
const SHOWN_LINES = 8;

/**
 * Follows the service's log until it says that the replay is finished, showing what a person wants to see of it.
 *
 * @returns where the service answers.
 */
export async function replayOf(service: RunningService): Promise<{ address: string }> {
  let address: string | undefined;
  let anomalies = 0;
  for await (const line of service.lines) {
    const { level, msg, address: listening, replay } = JSON.parse(line);
    address ??= listening;
    const anomaly = level === 'warn' && msg.includes('severity');
    if (anomaly) anomalies += 1;
    if (msg.includes(': over: ')) continue; // the table says it
    if (!anomaly || anomalies <= SHOWN_LINES) console.log(msg);
    else if (anomalies === SHOWN_LINES + 1) console.log('…');
    if (replay === 'finished' && address !== undefined) {
      drain(service.lines);
      return { address };
    }
  }
  throw new Error(`the service ended with exit code ${await service.ended} before the replay was finished`);
}

/** Goes on reading, so that the service never waits for somebody to read its log. */
async function drain(lines: AsyncIterable<string>): Promise<void> {
  for await (const _ of lines);
}
