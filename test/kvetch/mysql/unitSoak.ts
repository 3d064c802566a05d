/**
 * `npm run soak:units -- --units 100000 --kills 50`: random units over few objects from several processes that are killed,
 * while a shard moves; `--spread`: over objects on two servers; `--still`: no shard moves, for a Galera cluster at
 * PLANQL_MYSQL_URL. Prints what was counted; the exit code is 1 when the history is not one of whole units.
 */
import { parseArgs } from 'node:util';
import { mysqlForTests } from '../../support/servers.ts';
import { unitRace } from './unitRace.ts';

const { values } = parseArgs({
  options: {
    units: { type: 'string', default: '5000' },
    kills: { type: 'string', default: '10' },
    processes: { type: 'string', default: '3' },
    spread: { type: 'boolean', default: false },
    still: { type: 'boolean', default: false },
  },
});
const server = await mysqlForTests();
if (!server.isThere) throw new Error('A MySQL server is needed: npm run test:servers');
/** The units of a part whose answers were lost are tried in all combinations: so many parts keep that short. */
const KILLS = 5;
const parts = Math.max(1, Math.ceil(Number(values.kills) / KILLS));
let failures = 0;
for (let part = 0; part < parts; part++) {
  const report = await unitRace(server, {
    units: Math.ceil(Number(values.units) / parts),
    kills: Math.min(KILLS, Number(values.kills)),
    processes: Number(values.processes),
    isSpread: values.spread,
    isStill: values.still,
  });
  failures += report.violations.length;
  console.log(JSON.stringify(report));
}
console.log(failures === 0 ? 'no violation' : `${failures} violations`);
process.exit(failures === 0 ? 0 : 1);
