import { noteText, parseNote } from '../codec/noteText.ts';
import { idOfBytes } from '../ids/idBytes.ts';
import type { OutboxNote } from '../shards/rows.ts';
import { type DueNote, NOTE_GRACE_MS, type OutboxStore } from '../shards/ShardStore.ts';
import type { FencedServer } from './FencedServer.ts';
import { idBytes, idLiteral, integer, literal, pageLimit } from './literals.ts';
import type { Session } from './Session.ts';
import { NOW_US } from './serverClock.ts';
import { toFailure } from './serverErrors.ts';

const head = 'INSERT INTO kvetch_outbox (note_id, shard, due_us, note_keys)';
const due = `${NOW_US} + ${NOTE_GRACE_MS * 1000}`;

/**
 * Leaves notes in the transaction of a session. `condition`: a table and what must be true of one of its rows, else there
 * is nothing to finish.
 */
export async function putNotes(
  session: Session,
  notes: ReadonlyArray<OutboxNote | undefined>,
  condition?: string,
): Promise<void> {
  const rows = notes.flatMap((note) => (note === undefined ? [] : [valuesOf(note)]));
  if (rows.length === 0) return;
  const texts = rows.map(([id, shard, keys]) => `${literal(id)}, ${literal(shard)}, ${due}, ${literal(keys)}`);
  const values =
    condition === undefined
      ? `VALUES ${texts.map((text) => `(${text})`).join(', ')}`
      : texts.map((text) => `SELECT ${text} FROM ${condition}`).join(' UNION ALL ');
  await session.put(`${head} ${values}`);
}

function valuesOf(note: OutboxNote): [id: Buffer, shard: number, keys: Buffer] {
  return [idBytes(note.id), integer(note.shard, 4095), Buffer.from(noteText(note))];
}

/** The outbox of one MySQL database. Notes are due by the clock of its server. */
export class MysqlOutbox implements OutboxStore {
  readonly #to: FencedServer;

  constructor(to: FencedServer) {
    this.#to = to;
  }

  async readNotes(after: DueNote | null, limit: number, withinMs = 0): Promise<readonly DueNote[]> {
    await this.#to.open();
    const behind =
      after === null
        ? ''
        : ` AND due_us >= ${integer(after.dueUs)} AND (due_us > ${integer(after.dueUs)} OR note_id > ${idLiteral(after.id)})`;
    const sql = `SELECT note_id, shard, due_us, note_keys FROM kvetch_outbox
  WHERE due_us <= ${NOW_US} + ${integer(withinMs * 1000)}${behind} ORDER BY due_us, note_id LIMIT ${pageLimit(limit)}`;
    const rows = await this.#to.server.read((session) =>
      session.rows<[id: Buffer, shard: number, dueUs: number, keys: unknown]>(sql),
    );
    return rows.map(([id, shard, dueUs, keys]) => ({
      id: idOfBytes(id),
      shard: shard,
      dueUs: dueUs,
      ...parseNote(String(keys)),
    }));
  }

  async settleNotes(ids: readonly string[]): Promise<void> {
    await this.#write(`DELETE FROM kvetch_outbox`, ids);
  }

  async postponeNotes(ids: readonly string[], delayMs: number): Promise<void> {
    await this.#write(`UPDATE kvetch_outbox SET due_us = ${NOW_US} + ${integer(delayMs * 1000)}`, ids);
  }

  async #write(statement: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#to.open();
    const sql = `${statement} WHERE note_id IN (${[...ids].sort().map(idLiteral).join(', ')})`;
    await this.#to.server
      .write((session) => session.write(sql))
      .catch((error: unknown) => {
        throw toFailure(error);
      });
  }
}
