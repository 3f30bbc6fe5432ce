/** The service as a process of its own: `node serve.ts CONFIG [FROM_MS TO_MS [exit]]`. Why it failed is a line of its log. */
import { runService } from '../run-service.ts';

const [configPath, from, to, exit] = process.argv.slice(2);
const iso = (timeMs: string) => new Date(Number(timeMs)).toISOString();
const replay = from === undefined || to === undefined ? undefined : { from: iso(from), to: iso(to) };
try {
  await runService({ configPath, env: process.env, replay, exitAfterReplay: exit === 'exit' });
} catch (error) {
  console.log(JSON.stringify({ level: 'fatal', msg: (error as Error).message }));
  process.exitCode = 1;
}
