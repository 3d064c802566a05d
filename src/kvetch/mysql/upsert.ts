import { literal, literalRow, type SqlValue } from './literals.ts';
import { numberAt } from './rowMapping.ts';
import type { Session } from './Session.ts';
import { fencedShard, fencedShardOf } from './shardStates.ts';

/** An INSERT of rows that all have the same columns. */
export interface Insert {
  /** Up to and with `VALUES `. */
  readonly head: string;
  /** The end of the statement: ` ON DUPLICATE KEY UPDATE …`, or nothing. */
  readonly tail: string;
  /** Which of the columns is `shard`: the fence stands there. */
  readonly shardAt: number;
  /** The fence's condition on shards, where it is not that they are open. */
  readonly fence?: string;
}

const MAX_ROWS = 400;
/** As text; a statement of one row is prepared and takes its body as it is. */
const MAX_TEXT_BYTES = 1 << 20;

/**
 * Inserts rows in their order, which is that of their keys: two writers lock common rows in the same
 * order. One row is a prepared statement, more are literals. A statement with a row whose shard is not open here is
 * refused (see `Fence`).
 */
export async function insertRows(
  session: Session,
  { head, tail, shardAt, fence = session.fence }: Insert,
  rows: ReadonlyArray<SqlValue[]>,
): Promise<void> {
  let waiting: SqlValue[][] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const [first, ...others] = waiting;
    if (first === undefined) return;
    const columns = first.map(literal);
    columns[shardAt] = fencedShard(new Set(waiting.map((row) => numberAt(row, shardAt))), fence);
    await session.put(`${head}${[`(${columns.join(', ')})`, ...others.map(literalRow)].join(', ')}${tail}`);
    waiting = [];
    bytes = 0;
  };
  for (const row of rows) {
    const size = row.reduce<number>((sum, value) => sum + (Buffer.isBuffer(value) ? 2 * value.length : 16), 0);
    if (waiting.length === MAX_ROWS || bytes + size > MAX_TEXT_BYTES) await flush();
    if (rows.length === 1 || size > MAX_TEXT_BYTES) {
      const columns = row.map((_, at) => (at === shardAt ? fencedShardOf('?', fence) : '?'));
      await session.put(`${head}(${columns.join(', ')})${tail}`, row);
    } else {
      waiting.push(row);
      bytes += size;
    }
  }
  await flush();
}
