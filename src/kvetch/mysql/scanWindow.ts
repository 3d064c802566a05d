import type { ScanRequest } from '../shards/ShardStore.ts';
import { integer } from './literals.ts';

/**
 * The condition of a cleaner's window, or `null` when it is empty. `behind` is the condition for rows after the last
 * one of the page before within the same microsecond: spelt out, because a comparison of rows would not use the index.
 */
export function scanWindow(request: ScanRequest, behind: (key: readonly string[]) => string): string | null {
  const fromUs = Math.max(0, Math.ceil(request.fromUs));
  const toUs = Math.min(Number.MAX_SAFE_INTEGER, Math.floor(request.toUs));
  if (!(fromUs <= toUs) || request.limit === 0) return null;
  const shards = `shard BETWEEN ${integer(request.fromShard)} AND ${integer(request.toShard)}`;
  const window = `${shards} AND updated_us <= ${integer(toUs)} AND updated_us >= `;
  if (request.after === null) return `${window}${fromUs}`;
  const [us, ...key] = JSON.parse(request.after) as [number, ...string[]];
  const start = integer(Math.max(fromUs, us));
  return start > us ? `${window}${start}` : `${window}${start} AND (updated_us > ${start} OR ${behind(key)})`;
}
