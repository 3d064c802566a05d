import type { FaultPoint } from '../../../src/kvetch/KvetchContext.ts';
import { mysqlShards } from '../../../src/kvetch-mysql.ts';
import { todoStore } from '../todo.ts';

/** Creates a list with a key, and dies at a point. argv: databases, point, owner, key. */
const [databases = '[]', point, owner = '', idempotencyKey = ''] = process.argv.slice(2);
const kvetch = todoStore(mysqlShards((JSON.parse(databases) as string[]).map((uri) => ({ uri }))), {
  async faults(at: FaultPoint) {
    if (at !== point) return;
    await new Promise((resolve) => setTimeout(resolve, 100)); // what goes side by side is done
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => {});
  },
});
await kvetch.createObject('List', { owner }, { idempotencyKey });
process.exit(3); // it should have died
