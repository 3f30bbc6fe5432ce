/** Stores slot after slot, two anomalies each, from the cursor on, until it is killed. `node store-slots-for-ever.ts FILE` */
import { openSqliteAnomalyStore } from '../anomalies/sqlite-anomaly-store.ts';
import { slotOf, WINDOW_MS } from './anomaly-store-contract.ts';

const store = openSqliteAnomalyStore(process.argv[2] ?? '');
const progress = await store.progress('wifi');
console.log('ready');
for (let n = (progress?.cursorMs ?? 0) / WINDOW_MS; ; n += 1) {
  await store.append(slotOf(n, { a: { odd: true }, b: { odd: n % 7 < 3 }, c: {} }));
}
