/** The service as a process of its own: `node serve.ts CONFIG [FROM_MS TO_MS [exit]]`. Why it failed is a line of its log. */
import { loadConfig } from '../config.ts';
import { runService } from '../run-service.ts';

const [path, fromMs, toMs, exit] = process.argv.slice(2);
const replay = fromMs === undefined ? undefined : { fromMs: Number(fromMs), toMs: Number(toMs) };
try {
  const config = await loadConfig(path, process.env);
  await runService({ config, env: process.env, replay, exitAfterReplay: exit === 'exit' });
} catch (error) {
  console.log(JSON.stringify({ level: 'fatal', msg: (error as Error).message }));
  process.exitCode = 1;
}
