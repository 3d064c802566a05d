import type { Entry } from '../shards/ShardStore.ts';

/** Maps a batch entry by entry; what throws becomes the error of its entry, and errors stay. */
export function mapEntries<TIn, TOut>(
  entries: ReadonlyArray<Entry<TIn>>,
  map: (entry: TIn, at: number) => Entry<TOut>,
): ReadonlyArray<Entry<TOut>> {
  const out: Entry<TOut>[] = new Array(entries.length);
  for (let at = 0; at < entries.length; at++) {
    const entry = entries[at] as Entry<TIn>;
    out[at] = entry instanceof Error ? entry : attempt(() => map(entry, at));
  }
  return out;
}

/** The value of a function, or the error that it threw. */
export function attempt<T>(run: () => T): T | Error {
  try {
    return run();
  } catch (error) {
    return error instanceof Error ? error : new TypeError(String(error));
  }
}
