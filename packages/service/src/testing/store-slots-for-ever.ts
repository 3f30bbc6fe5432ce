/** Stores slot after slot, two anomalies each, from the cursor on, until it is killed. `node store-slots-for-ever.ts FILE` */
import { openSqliteAnomalyStore } from '../anomalies/sqlite-anomaly-store.ts';
import { anomalyOf, slotOf } from './anomaly-store-contract.ts';

const store = openSqliteAnomalyStore(process.argv[2] ?? '');
console.log('ready');
for (let n = (store.cursorMs('wifi') ?? 0) / 300_000; ; n += 1)
  store.append(slotOf(n, anomalyOf('a', n), anomalyOf('b', n)));
