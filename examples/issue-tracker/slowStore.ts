/** A store behind a network that takes its time, and what was asked of it. */
import type { ShardStore } from 'planql/kvetch';

export interface StoreCounts {
  calls: number;
  keys: number;
  /** The longest chain of calls where each began when the one before had ended. */
  waits: number;
}

/** Delays each read by some milliseconds and counts it. Set the counts to 0 to begin anew. */
export function slowStore(store: ShardStore, milliseconds: number, counts: StoreCounts): ShardStore {
  const answer = async (keys: number, read: () => unknown): Promise<unknown> => {
    counts.calls++;
    counts.keys += keys;
    const wait = counts.waits + 1;
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    const result = await read();
    counts.waits = Math.max(counts.waits, wait);
    return result;
  };
  return new Proxy(store, {
    get(target, name, receiver) {
      const member = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return name === 'answersAtOnce' ? false : member;
      if (!reads.has(name)) return member.bind(target);
      return (requests: object, ...rest: unknown[]) => {
        const lists = Array.isArray(requests) ? [requests] : Object.values(requests).filter(Array.isArray);
        const keys = lists.reduce((sum, list) => sum + list.length, 0);
        return answer(keys, () => member.call(target, requests, ...rest));
      };
    },
  });
}

const reads: ReadonlySet<string | symbol> = new Set([
  ...['read', 'readObjects', 'readEdgePages', 'countEdges', 'readEntryPages', 'browse'],
]);
