import type { ShardSpan } from '../shards/ShardStore.ts';
import { MysqlShardStore } from './MysqlShardStore.ts';
import type { MysqlSettings } from './mysqlOptions.ts';
import { ReplicatedStore } from './replicas/ReplicatedStore.ts';

/** The store of a database, with its replicas if it has any. */
export function openStore(settings: MysqlSettings, initial: ShardSpan | null, place: string | null): MysqlShardStore {
  const Store = settings.replicas.length === 0 ? MysqlShardStore : ReplicatedStore;
  return new Store(settings, initial, place);
}
