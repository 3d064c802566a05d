/**
 * `npm run soak:kvetch -- --seconds 10`: writers, cleaners and movers at the same rows for so long, and what is left
 * wrong after one quiet pass of the cleaners; then, for as long, writers and readers while Redis is cut off, hangs, is full
 * and is restored, clocks differ and commits come late. The exit code is 1 when anything is wrong. `--only race | faults`.
 */
import { parseArgs } from 'node:util';
import { redisForTests } from '../../support/redisServer.ts';
import { mysqlForTests } from '../../support/servers.ts';
import { race } from './race.ts';
import { soakFaults } from './soakFaults.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, only: { type: 'string', default: 'race,faults' } },
});
const [server, redis] = [await mysqlForTests(), await redisForTests()];
if (server === null || redis === null) throw new Error('A MySQL server and a Redis are needed.');

const ending = (): (() => boolean) => {
  const end = performance.now() + Number(values.seconds) * 1000;
  return () => performance.now() > end;
};
if (values.only.includes('race')) {
  const { writes, cleanings, repairs, moves } = await race(server, redis, ending());
  console.log(
    `${writes} writes, ${cleanings} runs of the cleaners that repaired ${repairs} rows under way, ${moves} moves of 2,048 shards: nothing is left wrong`,
  );
}
if (values.only.includes('faults')) {
  const { writes, reads, plainWrites, relayed, faults } = await soakFaults(server, ending());
  const list = Object.entries(faults).map(([name, count]) => `${count} x ${name}`);
  console.log(
    `${writes} writes, ${plainWrites} of plain edges by three clocks, ${reads} reads, ${relayed} notes relayed, ${list.join(', ')}: no read shows less than it must`,
  );
}
process.exit();
