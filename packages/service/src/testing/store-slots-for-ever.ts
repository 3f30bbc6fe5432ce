/** Stores slot after slot, from the cursor on, until it is killed; a line for each. `node store-slots-for-ever.ts FILE` */
import { openSqliteAnomalyStore } from '../anomalies/sqlite-anomaly-store.ts';
import { slotsOfStep, WINDOW_MS } from './anomaly-store-contract.ts';

const store = openSqliteAnomalyStore(process.argv[2] ?? '');
const progress = await store.progress('wifi');
for (let n = (progress?.cursorMs ?? 0) / WINDOW_MS; ; n += 1) {
  for (const slot of slotsOfStep(n)) await store.append(slot);
  console.log(n);
}
