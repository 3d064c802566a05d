/** A process that writes to MySQL and is killed behind the commit, before anybody is told. */
import { pathToFileURL } from 'node:url';
import { createKvetch } from '../../src/kvetch.ts';
import { mysqlShards } from '../../src/kvetch-mysql.ts';
import type { ReactiveSecret } from '../../src/reactive/keys/WireKeys.ts';
import { todoSchema } from '../kvetch/todo.ts';

export const secrets: readonly ReactiveSecret[] = [{ id: 'a', secret: 'a secret of sufficient length' }];

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { place, id } = JSON.parse(process.argv[2] ?? '');
  const changes = {
    recorder: () => null,
    invalidate: async () => {
      process.kill(process.pid, 'SIGKILL');
      return new Promise<boolean>(() => undefined);
    },
  };
  const kvetch = createKvetch({ schema: todoSchema, shards: mysqlShards([place]), changes });
  await kvetch.updateObject(id, { n: 2 });
}
