import { increment } from '../../../src/kvetch.ts';
import { mysqlShards } from '../../../src/kvetch-mysql.ts';
import { todoStore } from '../todo.ts';

/** A process that counts on one object: argv is the server, the database, the id, how many writers, how often each. */
const [uri = '', database = '', id = '', writers = '0', times = '0'] = process.argv.slice(2);
const kvetch = todoStore(mysqlShards([{ uri, database }]));
await kvetch.getObject(id); // connected
console.log('ready');
await new Promise((resolve) => process.stdin.once('data', resolve));
const answers = await Promise.allSettled(
  Array.from({ length: Number(writers) }, async () => {
    for (let n = 0; n < Number(times); n++) await kvetch.updateObject(id, { unread: increment() });
  }),
);
console.log(JSON.stringify(answers.flatMap((answer) => (answer.status === 'rejected' ? [String(answer.reason)] : []))));
await kvetch.close();
process.exit();
