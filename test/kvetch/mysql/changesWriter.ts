/** Creates and updates objects without end, and prints the id of each once it is acknowledged. */
import { mysqlCluster } from '../../../src/kvetch-mysql.ts';
import { todoStore } from '../todo.ts';

const [, , uri = '', ...databases] = process.argv;
const servers = Object.fromEntries(databases.map((database, at) => [`s${at}`, { uri, database }]));
const kvetch = todoStore(mysqlCluster({ servers, connectionLimit: 4 }));
for (let n = 0; ; n++) {
  const write = async (): Promise<void> => {
    const id = await kvetch.createObject('User', { username: `${process.pid} ${n} ${Math.random()}` });
    process.stdout.write(`${id} 1\n`);
    const { version } = await kvetch.updateObject(id, { city: 'Rome' });
    process.stdout.write(`${id} ${version}\n`);
  };
  // a writer that was stopped for long may find its transaction undone: that write is not acknowledged
  await Promise.all([write(), write(), write()]).catch((error: unknown) => process.stderr.write(`${error}\n`));
}
