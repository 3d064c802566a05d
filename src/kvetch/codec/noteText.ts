import type { OutboxNote } from '../shards/rows.ts';

/** What a store keeps of a note beside its id and shard: a JSON list of whether it needs a cache (1 or 0), and the keys. */
export function noteText({ keys, needsCache }: Pick<OutboxNote, 'keys' | 'needsCache'>): string {
  return JSON.stringify([needsCache ? 1 : 0, ...keys]);
}

export function parseNote(text: string): Pick<OutboxNote, 'keys' | 'needsCache'> {
  const [needsCache, ...keys] = JSON.parse(text) as [number, ...string[]];
  return { keys, needsCache: needsCache === 1 };
}
