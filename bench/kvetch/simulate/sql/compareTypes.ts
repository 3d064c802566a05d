/**
 * Runs a store on two databases of a real server, and its statements on simulated ones, too. Ends with 1 where a column of an answer has
 * another type.
 *
 *   node --import tsx bench/kvetch/simulate/sql/compareTypes.ts mysql://root@127.0.0.1:3306 one_database another
 */

import './typesOfAnswers.ts'; // before the store, which takes the driver then
import { createKvetch, increment } from '../../../../src/kvetch.ts';
import { mysqlCluster } from '../../../../src/kvetch-mysql.ts';
import { schema } from '../Fleet.ts';
import { answersSeen } from './typesOfAnswers.ts';

const [uri = '', from = '', to = ''] = process.argv.slice(2);
const cluster = mysqlCluster({
  servers: { from: { uri, database: from }, to: { uri, database: to } },
  createDatabase: true,
});
await cluster.init();
const kvetch = createKvetch({ schema, shards: cluster, outboxPollMs: 100 });
const users: string[] = [];
for (let n = 0; n < 12; n++) users.push(await kvetch.createObject('User', { n, handle: `h${n}` }));
const [first = '', second = ''] = users;
for (const owner of users) await kvetch.createObject('Item', { n: 0, owner, seenBy: first });
for (const id of users) {
  await kvetch.updateObject(id, { n: increment() });
  await kvetch.getObject(id);
  await kvetch.getEdges('user_to_item', id);
  await kvetch.countEdges('user_to_item', id);
}
await kvetch.queryIndex('handle', 'h1');
await kvetch.deleteObject(second);
await kvetch.clean({ mode: 'recent', graceMs: 0 });
await kvetch.clean({ graceMs: 0 });
await cluster.move({ from: 'from', to: 'to', shards: [0, 2047] });
await kvetch.clean({ graceMs: 0 });
await kvetch.close();

let same = 0;
let others = 0;
for (const { sql, column, real, simulated } of answersSeen()) {
  const [given, expected] = [simulated, real].map((types) => [...types].sort().join(' or '));
  if (given === expected && column >= 0) same++;
  else {
    others++;
    console.log(`column ${column} is ${expected}, and not ${given}: ${sql}`);
  }
}
console.log(`${same} columns are the same`);
process.exit(others === 0 ? 0 : 1);
