import { mysqlShards } from '../../../src/kvetch-mysql.ts';
import { todoStore } from '../todo.ts';

/** A process that patches one object: argv is the server, the database, the id, what its keys begin with, how many. */
const [uri = '', database = '', id = '', prefix = '', count = '0'] = process.argv.slice(2);
const kvetch = todoStore(mysqlShards([{ uri, database }]));
await kvetch.getObject(id); // connected
console.log('ready');
await new Promise((resolve) => process.stdin.once('data', resolve));
const begin = performance.now();
const answers = await Promise.allSettled(
  Array.from({ length: Number(count) }, (_, n) => kvetch.updateObject(id, { [`${prefix}${n}`]: n })),
);
const failures = answers.flatMap((answer) => (answer.status === 'rejected' ? [String(answer.reason)] : []));
console.log(JSON.stringify({ ms: Math.round(performance.now() - begin), failures }));
await kvetch.close();
process.exit();
