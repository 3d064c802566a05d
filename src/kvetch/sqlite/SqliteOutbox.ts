import { noteText, parseNote } from '../codec/noteText.ts';
import type { OutboxNote } from '../shards/rows.ts';
import { type DueNote, NOTE_GRACE_MS, type OutboxStore } from '../shards/ShardStore.ts';
import type { Statements } from './Statements.ts';

const due = `SELECT note_id, shard, due_us, note_keys FROM kvetch_outbox
  WHERE due_us <= ? AND (due_us, note_id) > (?, ?) ORDER BY due_us, note_id LIMIT ?`;

interface NoteColumns {
  readonly note_id: string;
  readonly shard: number;
  readonly due_us: number;
  readonly note_keys: string;
}

/** The outbox of one SQLite store. */
export class SqliteOutbox implements OutboxStore {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** Within the transaction of its caller. */
  put(note: OutboxNote | undefined): void {
    if (note === undefined) return;
    const { id, shard } = note;
    this.#statements.run(
      'INSERT INTO kvetch_outbox VALUES (?, ?, ?, ?)',
      ...[id, shard, inMicroseconds(NOTE_GRACE_MS), noteText(note)],
    );
  }

  readNotes(after: DueNote | null, limit: number, withinMs = 0): readonly DueNote[] {
    const place = [after?.dueUs ?? -1, after?.id ?? ''];
    const rows = this.#statements.all<NoteColumns>(due, inMicroseconds(withinMs), ...place, limit);
    return rows.map((row) => ({
      id: row.note_id,
      shard: row.shard,
      dueUs: row.due_us,
      ...parseNote(row.note_keys),
    }));
  }

  settleNotes(ids: readonly string[]): void {
    this.#statements.writeEach(ids, (id) => this.#statements.run('DELETE FROM kvetch_outbox WHERE note_id = ?', id));
  }

  postponeNotes(ids: readonly string[], delayMs: number): void {
    const sql = 'UPDATE kvetch_outbox SET due_us = ? WHERE note_id = ?';
    this.#statements.writeEach(ids, (id) => this.#statements.run(sql, inMicroseconds(delayMs), id));
  }
}

function inMicroseconds(delayMs: number): number {
  return (Date.now() + delayMs) * 1000;
}
