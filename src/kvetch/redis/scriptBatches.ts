import type { CacheKey } from './cacheKeys.ts';

/** What a script is to do with one entry. All calls of a batch have as many arguments. */
export interface ScriptCall {
  readonly key: CacheKey;
  readonly args: ReadonlyArray<string | number>;
}

/** Several entries in one call of a script: what follows its name. */
interface ScriptBatch {
  readonly key: CacheKey;
  readonly positions: readonly number[];
  readonly words: ReadonlyArray<string | number>;
}

/** Redis does nothing else meanwhile: a script is over in a fraction of a millisecond. */
const MAX_ENTRIES = 200;
const MAX_CHARS = 1 << 20;

/** Divides entries among calls; in a Cluster all keys of a call must be of one slot. */
export function toBatches(calls: readonly ScriptCall[], isCluster: boolean): readonly ScriptBatch[] {
  const open = new Map<number, { positions: number[]; chars: number }>();
  const batches: number[][] = [];
  for (const [at, { key, args }] of calls.entries()) {
    const slot = isCluster ? key.slot : 0;
    const chars = args.reduce<number>((sum, arg) => sum + (typeof arg === 'string' ? arg.length : 8), 0);
    let batch = open.get(slot);
    if (batch === undefined || batch.positions.length === MAX_ENTRIES || batch.chars + chars > MAX_CHARS) {
      batch = { positions: [], chars: 0 };
      open.set(slot, batch);
      batches.push(batch.positions);
    }
    batch.positions.push(at);
    batch.chars += chars;
  }
  return batches.map((positions) => toBatch(calls, positions));
}

function toBatch(calls: readonly ScriptCall[], positions: readonly number[]): ScriptBatch {
  const entries = positions.map((at) => calls[at] as ScriptCall);
  const keys = entries.flatMap(({ key }) => [key.entry, key.lease]);
  const args = entries.flatMap((entry) => entry.args);
  return { key: (entries[0] as ScriptCall).key, positions, words: [keys.length, ...keys, ...args] };
}
