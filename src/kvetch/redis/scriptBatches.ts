import { itemAt } from '../../utils/itemAt.ts';
import type { CacheKey } from './cacheKeys.ts';

/** An argument of a script. */
export type ScriptArg = string | number;

/** A call of a script for one entry. All calls of a batch have the same number of arguments. */
export interface ScriptCall {
  readonly key: CacheKey;
  readonly args: readonly ScriptArg[];
}

/** The arguments of a script call for several entries. */
interface ScriptBatch {
  readonly key: CacheKey;
  readonly positions: number[];
  readonly words: readonly ScriptArg[];
}

/** Redis runs nothing else during a script, so it must end within a fraction of a millisecond. */
const MAX_ENTRIES = 200;
const MAX_CHARS = 1 << 20;

/** Divides entries among calls; in a Cluster all keys of a call must be of one slot. */
export function toBatches(
  shared: readonly ScriptArg[],
  calls: readonly ScriptCall[],
  isCluster: boolean,
): readonly ScriptBatch[] {
  const open = new Map<number, { readonly positions: number[]; chars: number }>();
  const batches: number[][] = [];
  for (let at = 0; at < calls.length; at++) {
    const { key, args } = itemAt(calls, at);
    const slot = isCluster ? key.slot : 0;
    let chars = 0;
    for (const arg of args) chars += typeof arg === 'string' ? arg.length : 8;
    let batch = open.get(slot);
    if (batch === undefined || batch.positions.length === MAX_ENTRIES || batch.chars + chars > MAX_CHARS) {
      batch = { positions: [], chars: 0 };
      open.set(slot, batch);
      batches.push(batch.positions);
    }
    batch.positions.push(at);
    batch.chars += chars;
  }
  return batches.map((positions) => toBatch(shared, calls, positions));
}

function toBatch(shared: readonly ScriptArg[], calls: readonly ScriptCall[], positions: number[]): ScriptBatch {
  const words: ScriptArg[] = [positions.length];
  for (const at of positions) words.push(itemAt(calls, at).key.entry);
  for (const arg of shared) words.push(arg);
  for (const at of positions) for (const arg of itemAt(calls, at).args) words.push(arg);
  return { key: itemAt(calls, itemAt(positions, 0)).key, positions, words };
}
