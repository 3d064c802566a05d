import { literalRow, type SqlValue } from './literals.ts';
import type { Session } from './Session.ts';

/** An INSERT of rows that all have the same columns. */
export interface Insert {
  /** Up to and with `VALUES `. */
  readonly head: string;
  /** What follows the rows: ` ON DUPLICATE KEY UPDATE …`, or nothing. */
  readonly tail: string;
}

const MAX_ROWS = 200;
/** As text; a statement of one row is prepared and takes its body as it is. */
const MAX_TEXT_BYTES = 1 << 20;

/**
 * Inserts rows in the order they are in, which is that of their keys: two writers lock what they share in the same
 * order. One row is a prepared statement, more are literals.
 */
export async function insertRows(
  session: Session,
  { head, tail }: Insert,
  rows: ReadonlyArray<SqlValue[]>,
): Promise<void> {
  let texts: string[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (texts.length > 0) await session.write(`${head}${texts.join(', ')}${tail}`);
    texts = [];
    bytes = 0;
  };
  for (const row of rows) {
    const size = row.reduce<number>((sum, value) => sum + (Buffer.isBuffer(value) ? 2 * value.length : 16), 0);
    if (texts.length === MAX_ROWS || bytes + size > MAX_TEXT_BYTES) await flush();
    if (rows.length === 1 || size > MAX_TEXT_BYTES) {
      await session.preparedWrite(`${head}(${row.map(() => '?').join(', ')})${tail}`, row);
    } else {
      texts.push(literalRow(row));
      bytes += size;
    }
  }
  await flush();
}
