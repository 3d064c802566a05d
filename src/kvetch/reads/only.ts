import { itemAt } from '../../utils/itemAt.ts';
import type { Entry } from '../shards/ShardStore.ts';

/** The entry of a request for one thing. Throws the error of one that failed. */
export function only<T>(entries: ReadonlyArray<Entry<T>>): T {
  const entry = itemAt(entries, 0);
  if (entry instanceof Error) throw entry;
  return entry;
}
