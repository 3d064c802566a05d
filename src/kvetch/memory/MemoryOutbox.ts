import type { OutboxNote } from '../shards/rows.ts';
import { type DueNote, NOTE_GRACE_MS, type OutboxStore } from '../shards/ShardStore.ts';

/** The outbox of one memory store. */
export class MemoryOutbox implements OutboxStore {
  readonly #notes = new Map<string, DueNote>();

  put(note: OutboxNote | undefined): void {
    if (note !== undefined) this.#notes.set(note.id, { ...note, dueUs: inMicroseconds(NOTE_GRACE_MS) });
  }

  readNotes(after: DueNote | null, limit: number, withinMs = 0): readonly DueNote[] {
    const nowUs = inMicroseconds(withinMs);
    const due = [...this.#notes.values()].filter(
      (note) => note.dueUs <= nowUs && (after === null || compareNotes(note, after) > 0),
    );
    return due.sort(compareNotes).slice(0, limit);
  }

  settleNotes(ids: readonly string[]): void {
    for (const id of ids) this.#notes.delete(id);
  }

  postponeNotes(ids: readonly string[], delayMs: number): void {
    for (const id of ids) {
      const note = this.#notes.get(id);
      if (note !== undefined) this.#notes.set(id, { ...note, dueUs: inMicroseconds(delayMs) });
    }
  }
}

export function inMicroseconds(delayMs: number): number {
  return (Date.now() + delayMs) * 1000;
}

function compareNotes(a: DueNote, b: DueNote): number {
  return a.dueUs - b.dueUs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
