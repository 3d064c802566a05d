/**
 * `npm run soak:kvetch -- --seconds 10`: writers, cleaners and movers at the same rows for so long, and what is left
 * wrong after one quiet pass of the cleaners. The exit code is 1 when anything is.
 */
import { parseArgs } from 'node:util';
import { redisForTests } from '../../support/redisServer.ts';
import { mysqlForTests } from '../../support/servers.ts';
import { race } from './race.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '10' } } });
const [server, redis] = [await mysqlForTests(), await redisForTests()];
if (server === null || redis === null) throw new Error('A MySQL server and a Redis are needed.');

const end = performance.now() + Number(values.seconds) * 1000;
const { writes, cleanings, repairs, moves } = await race(server, redis, () => performance.now() > end);
console.log(
  `${writes} writes, ${cleanings} runs of the cleaners that repaired ${repairs} rows under way, ${moves} moves of 2,048 shards: nothing is left wrong`,
);
process.exit();
