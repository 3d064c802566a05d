import { randomBytes } from 'node:crypto';
import type { MysqlServer } from '../MysqlServer.ts';

/** Two rows of `kvetch_meta`: a number that only rises, and a text that no other database has. */
export interface Pulse {
  /** Empty where there is none. */
  readonly origin: string;
  readonly value: number;
}

/** Something that this process wrote to the primary, to see it arrive at replicas. */
export interface Beat {
  /** Beats of this process are counted from 1. */
  readonly n: number;
  readonly value: number;
  /** When it began, by `performance.now()`. */
  readonly begunAt: number;
}

const key = (name: string): string => `x'${Buffer.from(name).toString('hex')}'`;
const [BEAT, ORIGIN] = [key('beat'), key('origin')];

/** No rows: a server that lacks one of the tables that are read refuses the whole. */
const nothing = ['kvetch_objects', 'kvetch_edges', 'kvetch_ordered', 'kvetch_entries'].map(
  (table) => ` UNION ALL (SELECT '', '' FROM ${table} LIMIT 0)`,
);
const select = `(SELECT k, v FROM kvetch_meta WHERE k IN (${BEAT}, ${ORIGIN}))${nothing.join('')}`;

/** The pulse as a server shows it. */
export async function readPulse(server: MysqlServer): Promise<Pulse> {
  const rows = await server.read((session) => session.rows(select));
  const values = new Map(rows.map(([name, value]) => [String(name), String(value)]));
  return { origin: values.get('origin') ?? '', value: Number(values.get('beat') ?? 0) };
}

/**
 * Raises the pulse of a primary: a replica that shows the result has all that was committed before this call. Of
 * processes that do so at once, one writes.
 */
export async function raisePulse(primary: MysqlServer): Promise<Pulse> {
  let { origin, value } = await readPulse(primary);
  if (origin === '') {
    await primary.write((session) =>
      session.write(
        `INSERT INTO kvetch_meta (k, v) VALUES (${BEAT}, '1'), (${ORIGIN}, '${randomBytes(12).toString('hex')}')
  ON DUPLICATE KEY UPDATE v = v`,
      ),
    );
    ({ origin, value } = await readPulse(primary));
  }
  // if another raises it in between, it does so after this process has looked, which serves as well
  await primary.write((session) =>
    session.write(`UPDATE kvetch_meta SET v = '${value + 1}' WHERE k = ${BEAT} AND v = '${value}'`),
  );
  return { origin, value: value + 1 };
}
