import type { OutboxNote } from '../shards/rows.ts';

type NoteContent = Pick<OutboxNote, 'keys' | 'needsCache' | 'needsListener'>;

const CACHE = 1;
const LISTENER = 2;

/** The content of a note, as text: a number for the processes that can finish it, then the keys. */
export function noteText({ keys, needsCache, needsListener }: NoteContent): string {
  return JSON.stringify([(needsCache ? CACHE : 0) | (needsListener ? LISTENER : 0), ...keys]);
}

export function parseNote(text: string): NoteContent {
  const [needs, ...keys] = JSON.parse(text) as [number, ...string[]];
  return { keys, needsCache: (needs & CACHE) !== 0, needsListener: (needs & LISTENER) !== 0 };
}
