import { memoryShards } from '../../../src/kvetch.ts';
import { sqliteShards } from '../../../src/kvetch-sqlite.ts';
import type { OpenBackend } from '../../kvetch/backends.ts';

/** What `--stores` may name. */
export type StoreName = 'memory' | 'late' | 'sqlite' | 'mysql' | 'redis' | 'redismemory';

// the module of backends starts servers: only those who need one load it
const backends = (): Promise<typeof import('../../kvetch/backends.ts')> => import('../../kvetch/backends.ts');

const stores: Readonly<Record<StoreName, () => Promise<OpenBackend>>> = {
  memory: async () => ({ shards: memoryShards(3) }),
  late: async () => (await backends()).lateBackend.open(),
  sqlite: async () => ({ shards: sqliteShards({ directory: (await backends()).temporaryDirectory(), count: 2 }) }),
  mysql: async () => ({ shards: (await backends()).mysqlDatabases(2) }),
  redis: async () => {
    const { mysqlDatabases, behindRedis } = await backends();
    return behindRedis(mysqlDatabases(2));
  },
  redismemory: async () => (await backends()).behindRedis(memoryShards(2)),
};

export function isStore(name: string): name is StoreName {
  return Object.hasOwn(stores, name);
}

export function openStore(name: StoreName): Promise<OpenBackend> {
  return stores[name]();
}
