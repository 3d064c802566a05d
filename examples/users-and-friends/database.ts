/** People and friendships in SQLite, and every statement that is sent to it counted. */
import { createRequire } from 'node:module';

export interface User {
  readonly id: string;
  readonly name: string;
  readonly city: string;
}

interface Sqlite {
  exec(sql: string): unknown;
  prepare(sql: string): { all(...values: readonly (string | number)[]): unknown[] };
  close(): unknown;
}

export class Database {
  /** The statements that were run, in order. */
  readonly statements: string[] = [];
  readonly #sqlite: Sqlite = open();

  /** The users with these ids, in their order; null where there is none. */
  users(ids: readonly string[]): Array<User | null> {
    const rows = this.#all<User>('SELECT id, name, city FROM users WHERE id IN (SELECT value FROM json_each(?))', ids);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  /** For each city the ids of its first users, by name. */
  userIdsIn(cities: readonly string[], first: number): string[][] {
    const rows = this.#all<{ city: string; id: string }>(
      `SELECT city, id FROM (
         SELECT city, id, name, row_number() OVER (PARTITION BY city ORDER BY name, id) AS place
         FROM users WHERE city IN (SELECT value FROM json_each(?))
       ) WHERE place <= ? ORDER BY place`,
      cities,
      first,
    );
    return valuesOf(
      cities,
      rows.map(({ city, id }) => [city, id]),
    );
  }

  /** For each user the ids of the first friends: as many as asked for of each, in one statement. */
  friendIds(userIds: readonly string[], first: number): string[][] {
    const rows = this.#all<{ userId: string; friendId: string }>(
      `SELECT userId, friendId FROM (
         SELECT userId, friendId, row_number() OVER (PARTITION BY userId ORDER BY since, friendId) AS place
         FROM friends WHERE userId IN (SELECT value FROM json_each(?))
       ) WHERE place <= ? ORDER BY userId, place`,
      userIds,
      first,
    );
    return valuesOf(
      userIds,
      rows.map(({ userId, friendId }) => [userId, friendId]),
    );
  }

  friendCounts(userIds: readonly string[]): number[] {
    const rows = this.#all<{ userId: string; count: number }>(
      'SELECT userId, count(*) AS count FROM friends WHERE userId IN (SELECT value FROM json_each(?)) GROUP BY userId',
      userIds,
    );
    const byUser = new Map(rows.map(({ userId, count }) => [userId, count]));
    return userIds.map((id) => byUser.get(id) ?? 0);
  }

  close(): void {
    this.#sqlite.close();
  }

  /** Makes the tables and `count` users with up to 12 friends each. The same ones every time. */
  fill(count: number): void {
    const at = (words: readonly string[], n: number) => words[n % words.length];
    const users = Array.from({ length: count }, (_, n) => ({
      id: `u${n}`,
      name: `${at(['Mia', 'Noor', 'Tariq', 'Lena', 'Ivo', 'Suri', 'Paul'], n)} ${at(['Abel', 'Brandt', 'Cruz'], n * 5)} ${n}`,
      city: at(['Lisbon', 'Oslo', 'Graz', 'Lyon'], n * 7),
    }));
    const friends = users.flatMap(({ id }, n) =>
      Array.from({ length: (n * 5) % 13 }, (_, k) => ({
        id,
        friend: `u${(n * 31 + k * k * 17 + 1) % count}`,
        since: k,
      })),
    );
    this.#sqlite.exec(`
      CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL);
      CREATE TABLE friends (userId TEXT NOT NULL, friendId TEXT NOT NULL, since INTEGER NOT NULL, PRIMARY KEY (userId, friendId));
      INSERT INTO users ${selectOf(users, ['id', 'name', 'city'])};
      INSERT OR IGNORE INTO friends ${selectOf(friends, ['id', 'friend', 'since'])};
    `);
  }

  #all<TRow>(sql: string, keys: readonly string[], ...more: readonly number[]): TRow[] {
    this.statements.push(sql);
    return this.#sqlite.prepare(sql).all(JSON.stringify(keys), ...more) as TRow[];
  }
}

/** For each key the values that pairs have for it. A statement's rows have to go back to where they belong. */
function valuesOf(keys: readonly string[], pairs: ReadonlyArray<readonly [key: string, value: string]>): string[][] {
  const byKey = new Map<string, string[]>(keys.map((key) => [key, []]));
  for (const [key, value] of pairs) byKey.get(key)?.push(value);
  return keys.map((key) => byKey.get(key) ?? []);
}

/** SQL that yields generated rows. */
function selectOf(rows: readonly object[], columns: readonly string[]): string {
  const json = JSON.stringify(rows).replaceAll("'", "''");
  return `SELECT ${columns.map((name) => `value ->> '${name}'`).join(', ')} FROM json_each('${json}')`;
}

/** The SQLite that comes with Node, from Node 22.13 on; before, the package libsql. */
function open(): Sqlite {
  const require = createRequire(import.meta.url);
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 13)) return new (require('node:sqlite').DatabaseSync)(':memory:');
  return new (require('libsql'))(':memory:');
}
