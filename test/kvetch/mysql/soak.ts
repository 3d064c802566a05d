/**
 * `npm run soak:kvetch -- --seconds 10`: writers, cleaners and movers at the same rows for so long, and what is left
 * wrong after one quiet pass of the cleaners; then, for as long, writers and readers while Redis is cut off, hangs, is full
 * and is restored, clocks differ and commits come late; then the same on a Galera cluster behind HAProxy whose nodes are killed. The exit
 * code is 1 when anything is wrong. `--only race | faults | galera`.
 */
import { parseArgs } from 'node:util';
import { type GaleraNode, startGalera } from '../../support/galera.ts';
import { startHaproxy } from '../../support/haproxy.ts';
import { find } from '../../support/needs.ts';
import { redisForTests, sleep } from '../../support/redisServer.ts';
import { mysqlForTests } from '../../support/servers.ts';
import { race } from './race.ts';
import { type FaultCounts, soakFaults } from './soakFaults.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, only: { type: 'string', default: 'race,faults,galera' } },
});
const [server, redis] = [await mysqlForTests(), await redisForTests()];
if (!server.isThere || !redis.isThere) throw new Error('A MySQL server and a Redis are needed: npm run test:servers');

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
const tell = (counts: FaultCounts): void => {
  const { writes, reads, plainWrites, failedRounds, failedReads, relayed, faults, oldest } = counts;
  const list = Object.entries(faults).map(([name, count]) => `${count} x ${name}`);
  console.log(
    `${writes} writes, ${plainWrites} of plain edges by three clocks, ${reads} reads, ${relayed} notes relayed, ${list.join(', ')}; ${failedReads} objects and ${failedRounds} rounds of plain writes had errors: no read shows less than it must; the oldest answers were ${ages(oldest)}`,
  );
};
/** How long an answer was behind a write, by what became of the removal that the write sent to Redis. */
function ages(oldest: FaultCounts['oldest']): string {
  return Object.entries(oldest)
    .map(([removal, ms]) => `${Math.round(ms)} ms (${removal})`)
    .join(', ');
}
if (values.only.includes('faults')) tell(await soakFaults(server, ending()));
if (values.only.includes('galera') && (find('galera') === null || find('haproxy') === null))
  console.log('without Galera: npm run test:servers installs it, and HAProxy');
else if (values.only.includes('galera')) {
  const cluster = await startGalera(3);
  const proxy = await startHaproxy(cluster.nodes.map(({ port }) => port));
  let databases = 0;
  const loseNode = async (): Promise<void> => {
    const node = cluster.nodes[Math.floor(Math.random() * cluster.nodes.length)] as GaleraNode;
    await node.kill();
    await sleep(1000 + Math.random() * 2000);
    await node.start();
  };
  try {
    const place = {
      ...{ uri: proxy.uri, newDatabase: () => `soak_${databases++}`, loseNode },
      session: { wsrep_sync_wait: 7 },
    };
    tell(await soakFaults(place, ending()));
  } finally {
    await proxy.stop();
    await cluster.remove();
  }
}
process.exit();
