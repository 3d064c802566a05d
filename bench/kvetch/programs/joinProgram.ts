import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise';
import type { Operation, Variables } from '../workloads.ts';
import type { ProgramKind } from './Program.ts';

type Answer = (pool: Pool, variables: never) => Promise<object>;

const answers: Readonly<Record<Operation, Answer>> = {
  async view(pool, { id }: { readonly id: string }) {
    const [rows] = await pool.execute<RowDataPacket[][]>({
      sql: `SELECT u.name, l.id, l.title, i.id, i.text, i.done, i.priority
        FROM users u JOIN lists l ON l.owner = u.id JOIN items i ON i.list = l.id
        WHERE u.id = ? ORDER BY l.pos, i.pos`,
      values: [id],
      rowsAsArray: true,
    });
    const lists: { readonly id: unknown; readonly title: unknown; readonly items: object[] }[] = [];
    for (const [, listId, title, itemId, text, done, priority] of rows) {
      if (lists.at(-1)?.id !== listId) lists.push({ id: listId, title, items: [] });
      lists.at(-1)?.items.push({ id: itemId, text, done: Boolean(done), priority });
    }
    return { user: { id, name: rows[0]?.[0], lists } };
  },
  async objects(pool, { ids }: { readonly ids: readonly string[] }) {
    const [rows] = await pool.query<RowDataPacket[][]>({
      sql: 'SELECT id, text, done, priority FROM items WHERE id IN (?)',
      values: [ids],
      rowsAsArray: true,
    });
    const found = new Map(
      rows.map(([id, text, done, priority]) => [id as unknown, { id, text, done: Boolean(done), priority }]),
    );
    return { items: ids.map((id) => found.get(id) ?? null) };
  },
  async pages(pool, { ids }: { readonly ids: readonly string[] }) {
    const [rows] = await pool.query<RowDataPacket[][]>({
      sql: 'SELECT list, id FROM items WHERE list IN (?) ORDER BY list, pos',
      values: [ids],
      rowsAsArray: true,
    });
    const pages = new Map(ids.map((id): [unknown, { readonly toId: unknown }[]] => [id, []]));
    for (const [list, toId] of rows) pages.get(list)?.push({ toId });
    return { pages: [...pages.values()].map((all) => ({ edges: all.slice(0, 3), hasNextPage: all.length > 3 })) };
  },
  async index(pool, { username }: { readonly username: string }) {
    const [[row]] = await pool.execute<RowDataPacket[]>('SELECT id, name FROM users WHERE username = ?', [username]);
    return { userByName: { id: row?.id, name: row?.name } };
  },
};

/** One statement on one server with ordinary tables: no shards, no cache, a column for every attribute. */
export const joinProgram: ProgramKind = {
  name: 'join',
  title: 'one SQL statement on one server',
  async open({ relational }) {
    const pool = createPool({ uri: relational, connectionLimit: 10 });
    return {
      ask: async (operation: Operation, variables: Variables) =>
        JSON.stringify({ data: await answers[operation](pool, variables as never) }),
      write: async (id, text) => void (await pool.execute('UPDATE items SET text = ? WHERE id = ?', [text, id])),
      close: () => pool.end(),
    };
  },
};
