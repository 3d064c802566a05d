import { itemAt } from '../../utils/itemAt.ts';
import type { Entry } from '../shards/ShardStore.ts';

/** Maps a batch entry by entry; a thrown error is the answer of its entry, and errors stay. */
export function mapEntries<TIn, TOut>(
  entries: ReadonlyArray<Entry<TIn>>,
  map: (entry: TIn, at: number) => Entry<TOut>,
): ReadonlyArray<Entry<TOut>> {
  const out: Entry<TOut>[] = new Array(entries.length);
  for (let at = 0; at < entries.length; at++) {
    const entry = itemAt(entries, at);
    try {
      out[at] = entry instanceof Error ? entry : map(entry, at);
    } catch (error) {
      out[at] = toError(error);
    }
  }
  return out;
}

/** The value of a function, or the error that it threw. */
export function attempt<T>(run: () => T): T | Error {
  try {
    return run();
  } catch (error) {
    return toError(error);
  }
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new TypeError(String(thrown));
}
