import { Redis } from 'ioredis';
import { createPool, type Pool, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import { shardOfValue } from '../../../src/kvetch/ids/routing.ts';
import { ITEMS, LIST_TO_ITEM, LISTS, USER_TO_LIST } from '../data.ts';
import type { Operation, Variables } from '../workloads.ts';
import type { Program, ProgramKind } from './Program.ts';

const bytesOf = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');
const hexOf = (id: string): string => id.replaceAll('-', '');

function idOf(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** They are the second line of a body. */
function attributesOf(body: string): Record<string, unknown> {
  return JSON.parse(body.slice(body.indexOf('\n') + 1));
}

/**
 * What one writes for these questions alone, on Kvetch's tables: it knows where ids live, which columns matter and that
 * input is good, checks nothing, and has no time limits. Redis beside it is the common cache-aside: MGET, on a miss the
 * database, then SET; a write deletes. Between a reader's SELECT and its SET that leaves old values behind, for as long
 * as they live; Kvetch's leases and versions are there to prevent it.
 */
class Hand implements Program {
  readonly #pools: readonly Pool[];
  readonly #redis: Redis | null;
  readonly #readsAhead: boolean;
  #fills: Promise<unknown>[] = [];

  constructor(pools: readonly Pool[], redis: Redis | null, readsAhead: boolean) {
    this.#pools = pools;
    this.#redis = redis;
    this.#readsAhead = readsAhead;
  }

  /** Objects and the lists that belong to them: one after the other as the view is written down, or at once. */
  async #both<A, B>(objects: () => Promise<A>, lists: () => Promise<B>): Promise<readonly [A, B]> {
    return this.#readsAhead ? Promise.all([objects(), lists()]) : [await objects(), await lists()];
  }

  async ask(operation: Operation, variables: Variables): Promise<string> {
    const data = await this.#answers[operation](variables as never);
    await Promise.all(this.#fills);
    this.#fills = [];
    return JSON.stringify({ data });
  }

  readonly #answers = {
    view: async ({ id }: { readonly id: string }): Promise<object> => {
      const [[user], [listIds = []]] = await this.#both(
        () => this.#objects([id]),
        () => this.#pages(USER_TO_LIST, [id], LISTS),
      );
      const [lists, itemIds] = await this.#both(
        () => this.#objects(listIds.slice(0, LISTS)),
        () => this.#pages(LIST_TO_ITEM, listIds, ITEMS),
      );
      const items = await this.#objects(itemIds.flatMap((ids) => ids.slice(0, ITEMS)));
      let next = 0;
      const view = lists.map((list, at) => ({
        id: listIds[at],
        title: list?.title,
        items: (itemIds[at] ?? []).slice(0, ITEMS).map((itemId) => itemView(itemId, items[next++])),
      }));
      return { user: { id, name: user?.name, lists: view } };
    },
    objects: async ({ ids }: { readonly ids: readonly string[] }): Promise<object> => {
      const items = await this.#objects(ids);
      return { items: items.map((item, at) => itemView(ids[at] as string, item)) };
    },
    pages: async ({ ids }: { readonly ids: readonly string[] }): Promise<object> => {
      const pages = await this.#pages(LIST_TO_ITEM, ids, 3);
      return {
        pages: pages.map((page) => ({
          edges: page.slice(0, 3).map((toId) => ({ toId })),
          hasNextPage: page.length > 3,
        })),
      };
    },
    index: async ({ username }: { readonly username: string }): Promise<object> => {
      const [id] = await this.#byName(username);
      const [user] = await this.#objects([id as string]);
      return { userByName: { id, name: user?.name } };
    },
  };

  async write(itemId: string, text: string): Promise<void> {
    const pool = this.#pools[serverOf(itemId)] as Pool;
    for (;;) {
      const [[row]] = await pool.query<RowDataPacket[]>('SELECT version, body FROM kvetch_objects WHERE obj_id = ?', [
        bytesOf(itemId),
      ]);
      const [envelope, attributes] = String(row?.body).split('\n') as [string, string];
      const body = `${envelope}\n${JSON.stringify({ ...JSON.parse(attributes), text })}`;
      const [{ affectedRows }] = await pool.query<ResultSetHeader>(
        'UPDATE kvetch_objects SET body = ?, version = version + 1, updated_us = ? WHERE obj_id = ? AND version = ?',
        [Buffer.from(body), Date.now() * 1000, bytesOf(itemId), row?.version],
      );
      if (affectedRows === 1) break;
    }
    await this.#redis?.del(`h:o:${itemId}`);
  }

  async close(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.end()));
    this.#redis?.disconnect();
  }

  #objects(ids: readonly string[]): Promise<ReadonlyArray<Record<string, unknown> | null>> {
    return this.#through(
      ids,
      (id) => `h:o:${id}`,
      (server, missing) => this.#selectObjects(server, missing),
    );
  }

  async #selectObjects(server: number, ids: readonly string[]): Promise<ReadonlyMap<string, Record<string, unknown>>> {
    const [rows] = await (this.#pools[server] as Pool).query<RowDataPacket[][]>({
      sql: 'SELECT obj_id, body FROM kvetch_objects WHERE obj_id IN (?) AND state = 1',
      values: [ids.map(bytesOf)],
      rowsAsArray: true,
    });
    return new Map(rows.map(([id, body]) => [idOf(id as never), attributesOf(String(body))]));
  }

  /** The first ids of each list, one more than asked for. */
  #pages(edge: number, ids: readonly string[], first: number): Promise<ReadonlyArray<readonly string[]>> {
    return this.#through(
      ids,
      (id) => `h:e:${edge}:${first}:${id}`,
      (server, missing) => this.#selectPages(server, edge, missing, first),
    ) as Promise<ReadonlyArray<readonly string[]>>;
  }

  async #selectPages(
    server: number,
    edge: number,
    ids: readonly string[],
    first: number,
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    const branch = (id: string, at: number): string =>
      `(SELECT ${at}, to_id, pos FROM kvetch_edges WHERE edge_id = ${edge} AND from_id = x'${hexOf(id)}' AND state = 1 ORDER BY pos, to_id LIMIT ${first + 1})`;
    const [rows] = await (this.#pools[server] as Pool).query<RowDataPacket[][]>({
      sql: ids.map(branch).join(' UNION ALL '),
      rowsAsArray: true,
    });
    const found = ids.map((): (readonly [string, number])[] => []);
    for (const [at, toId, pos] of rows) found[at as never]?.push([idOf(toId as never), pos as never]);
    for (const list of found) list.sort((a, b) => a[1] - b[1]);
    return new Map(found.map((list, at) => [ids[at] as string, list.map(([id]) => id)]));
  }

  async #byName(username: string): Promise<readonly string[]> {
    const cached = (await this.#redis?.get(`h:u:${username}`)) ?? null;
    if (cached !== null) return [cached];
    const value = `s${username}`;
    const [rows] = await (this.#pools[shardOfValue(value) < 2048 ? 0 : 1] as Pool).query<RowDataPacket[]>(
      "SELECT target_id FROM kvetch_entries WHERE index_name = 'username' AND value = ? AND state = 1",
      [Buffer.from(value)],
    );
    const id = idOf(rows[0]?.target_id);
    if (this.#redis !== null) this.#fills.push(this.#redis.set(`h:u:${username}`, id, 'EX', 3600));
    return [id];
  }

  /** Reads keys through Redis, and what is missing from the servers in parallel. */
  async #through<T>(
    ids: readonly string[],
    keyOf: (id: string) => string,
    select: (server: number, ids: readonly string[]) => Promise<ReadonlyMap<string, T>>,
  ): Promise<readonly T[]> {
    const cached = this.#redis === null ? [] : await this.#redis.mget(ids.map(keyOf));
    const byServer: string[][] = this.#pools.map(() => []);
    for (const [at, id] of ids.entries()) if (typeof cached[at] !== 'string') byServer[serverOf(id)]?.push(id);
    const maps = await Promise.all(
      byServer.map((missing, server) => (missing.length === 0 ? new Map<string, T>() : select(server, missing))),
    );
    const fill = this.#redis === null || maps.every(({ size }) => size === 0) ? null : this.#redis.pipeline();
    for (const map of maps) for (const [id, value] of map) fill?.set(keyOf(id), JSON.stringify(value), 'EX', 3600);
    if (fill !== null) this.#fills.push(fill.exec());
    return ids.map((id, at) =>
      typeof cached[at] === 'string' ? JSON.parse(cached[at] as string) : (maps[serverOf(id)]?.get(id) ?? null),
    );
  }
}

/** The two servers hold a half of the shards each; the shard is in the digits of an id behind its version. */
function serverOf(id: string): number {
  return Number.parseInt(id.slice(15, 18), 16) < 2048 ? 0 : 1;
}

function itemView(id: string, item: Record<string, unknown> | null | undefined): object {
  return { id, text: item?.text, done: item?.done, priority: item?.priority };
}

function program(name: string, title: string, readsAhead: boolean): ProgramKind {
  return {
    name,
    title,
    async open({ mysql, redis }, withRedis) {
      const pools = mysql.map((uri) => createPool({ uri, connectionLimit: 10 }));
      return new Hand(pools, withRedis ? new Redis(redis) : null, readsAhead);
    },
  };
}

export const handProgram: ProgramKind = program('hand', 'by hand on mysql2 and ioredis', false);

/** The same by somebody who noticed that lists can be read together with the objects that they belong to. */
export const handAheadProgram: ProgramKind = program('hand-ahead', 'by hand, lists read with their objects', true);
