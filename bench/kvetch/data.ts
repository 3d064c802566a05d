import { createConnection } from 'mysql2/promise';
import { idFromKey } from '../../src/kvetch/ids/idFromKey.ts';
import { createKvetch, defineKvetchSchema, type Kvetch, type KvetchSchema } from '../../src/kvetch.ts';
import { mysqlShards } from '../../src/kvetch-mysql.ts';
import { nameOf, textOf } from '../workloads/texts.ts';
import type { Places } from './places.ts';

export const USERS = 100;
export const LISTS = 10;
export const ITEMS = 5;
export const USER_TO_LIST = 10000;
export const LIST_TO_ITEM = 10001;

export const schema: KvetchSchema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'User' },
    { typeId: 2, name: 'List' },
    { typeId: 3, name: 'Item' },
  ],
  edges: [
    { edgeId: USER_TO_LIST, name: 'user_to_list', from: 'User', storedOn: 'List', storedIdAttr: 'owner' },
    { edgeId: LIST_TO_ITEM, name: 'list_to_item', from: 'List', storedOn: 'Item', storedIdAttr: 'list' },
  ],
  indexes: [{ name: 'username', type: 'User', attr: 'username', kind: 'string', unique: true }],
});

/** Ids follow from numbers, so that every process knows them. Each is made once: making them is nobody's work. */
export const userId: (n: number) => string = idsOf(1, 'u');
export const listId: (n: number) => string = idsOf(2, 'l');
export const itemId: (n: number) => string = idsOf(3, 'i');

function idsOf(typeId: number, letter: string): (n: number) => string {
  const ids: string[] = [];
  return (n) => {
    ids[n] ??= idFromKey(typeId, `${letter}${n}`, null);
    return ids[n];
  };
}

const userOf = (n: number) => ({ name: nameOf(n), username: `user${n}` });
const listOf = (n: number) => ({ title: textOf(n), owner: userId(Math.floor(n / LISTS)) });
const itemOf = (n: number) => ({
  text: textOf(n),
  done: n % 3 === 0,
  priority: n % 120,
  list: listId(Math.floor(n / ITEMS)),
});

/** Fills the databases of Kvetch, and the ordinary tables with the same. */
export async function fill({ mysql, relational }: Places): Promise<void> {
  const kvetch = createKvetch({ schema, shards: mysqlShards(mysql, { createDatabase: true }) });
  try {
    await create(kvetch, 'User', 'u', USERS, userOf);
    await create(kvetch, 'List', 'l', USERS * LISTS, listOf);
    await create(kvetch, 'Item', 'i', USERS * LISTS * ITEMS, itemOf);
  } finally {
    await kvetch.close();
  }
  await fillTables(relational);
}

async function create(kvetch: Kvetch, type: string, letter: string, count: number, dataOf: (n: number) => object) {
  const requests = Array.from({ length: count }, (_, n) => ({
    data: { ...dataOf(n) },
    idempotencyKey: `${letter}${n}`,
  }));
  for (const entry of await kvetch.createObjects(type, requests)) if (entry instanceof Error) throw entry;
}

const id = 'CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL';
const text = 'VARCHAR(250) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL';
const tables: readonly string[] = [
  `users (id ${id} PRIMARY KEY, name ${text}, username ${text}, UNIQUE KEY (username))`,
  `lists (id ${id} PRIMARY KEY, owner ${id}, pos INT NOT NULL, title ${text}, KEY (owner, pos))`,
  `items (id ${id} PRIMARY KEY, list ${id}, pos INT NOT NULL, text ${text}, done BOOL NOT NULL, priority INT NOT NULL, KEY (list, pos))`,
];

async function fillTables(uri: string): Promise<void> {
  const { pathname } = new URL(uri);
  const connection = await createConnection(uri.slice(0, -pathname.length));
  const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);
  try {
    await connection.query(`CREATE DATABASE ${pathname.slice(1)}`);
    await connection.changeUser({ database: pathname.slice(1) });
    for (const table of tables) await connection.query(`CREATE TABLE ${table}`);
    const users = numbers(USERS).map((n) => [userId(n), userOf(n).name, userOf(n).username]);
    await connection.query('INSERT INTO users VALUES ?', [users]);
    const lists = numbers(USERS * LISTS).map((n) => [listId(n), listOf(n).owner, n, listOf(n).title]);
    await connection.query('INSERT INTO lists VALUES ?', [lists]);
    const items = numbers(USERS * LISTS * ITEMS).map((n) => {
      const { text, done, priority, list } = itemOf(n);
      return [itemId(n), list, n, text, done, priority];
    });
    await connection.query('INSERT INTO items VALUES ?', [items]);
  } finally {
    await connection.end();
  }
}
