/** A service that never comes to its end: `node serve-stuck.ts CONFIG STOP_DEADLINE_MS`. Its log source cannot be closed. */
import { MemoryLogSource } from '../../../logs/src/testing/memory-log-source.ts';
import { runService } from '../run-service.ts';

class StuckLogSource extends MemoryLogSource {
  override close(): Promise<void> {
    console.log(JSON.stringify({ level: 'info', msg: 'closing the source' }));
    return new Promise(() => {});
  }
}

const [configPath, stopDeadlineMs] = process.argv.slice(2);
await runService({
  configPath,
  env: process.env,
  parts: { source: new StuckLogSource() },
  stopDeadlineMs: Number(stopDeadlineMs),
});
