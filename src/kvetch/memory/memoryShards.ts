import { KvetchOptionError, quote } from '../errors.ts';
import { LOGICAL_SHARDS } from '../ids/routing.ts';
import type { ShardStore } from '../shards/ShardStore.ts';
import { MemoryShardStore } from './MemoryShardStore.ts';

/**
 * Makes shards in the memory of this process, which are lost with it: `count` stores, among which the logical shards are
 * divided evenly. For tests and examples.
 */
export function memoryShards(count = 1): readonly ShardStore[] {
  if (!Number.isInteger(count) || count < 1 || count > LOGICAL_SHARDS) {
    throw new KvetchOptionError(
      `memoryShards(${quote(count)}): the count must be an integer from 1 to ${LOGICAL_SHARDS}.`,
    );
  }
  return Array.from({ length: count }, (_, at) => new MemoryShardStore(`memory-${at}`));
}
