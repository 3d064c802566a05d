import { groupBy } from '../../utils/groupBy.ts';
import type { MysqlShardStore } from './MysqlShardStore.ts';
import type { SqlRow } from './rowMapping.ts';
import { COLLATION, changesTable, ENGINE, type Table, tables } from './tables.ts';

/** The columns and keys of a table, as the database reports them. */
interface Found {
  readonly options: SqlRow;
  /** Type and whether NULL may be in it, by column. */
  readonly columns: ReadonlyMap<string, string>;
  /** Columns by key, in their order. */
  readonly keys: ReadonlyMap<string, string>;
}

/** The problems of a server's tables: a sentence each, with what mends it. */
export interface TableProblems {
  /** Of tables that are gone: not much else works then. */
  readonly gone: readonly string[];
  /** Of the others. */
  readonly wrong: readonly string[];
}

export async function checkTables(store: MysqlShardStore): Promise<TableProblems> {
  const database = await store.database();
  const ask = async (columns: string, view: string, order: string): Promise<ReadonlyMap<string, readonly SqlRow[]>> => {
    const sql = `SELECT table_name, ${columns} FROM information_schema.${view}
  WHERE table_schema = DATABASE() ORDER BY table_name, ${order}`;
    return groupBy(await database.read((session) => session.rows(sql)), ([table]) => String(table));
  };
  const [options, columns, keys] = await Promise.all([
    ask('engine, row_format, table_collation', 'tables', 'engine'),
    ask('column_name, column_type, is_nullable', 'columns', 'ordinal_position'),
    ask('index_name, column_name, non_unique, sub_part', 'statistics', 'index_name, seq_in_index'),
  ]);
  const wanted = store.changes.areKept ? [...tables, changesTable] : tables;
  const gone = wanted.filter(({ name }) => !options.has(name));
  const wrong = wanted.flatMap((table) => {
    const [row] = options.get(table.name) ?? [];
    if (row === undefined) return [];
    const found: Found = {
      options: row,
      columns: columnsOf(columns.get(table.name)),
      keys: keysOf(keys.get(table.name)),
    };
    return problemsOf(table, found).map((problem) => `Table ${table.name} of "${store.name}": ${problem}`);
  });
  return {
    gone: gone.map(
      ({ name }) =>
        `Server "${store.name}" has no table ${name}, or its user has no rights on it: "kvetch init" creates it, and a restored backup or "kvetch clean" fills it.`,
    ),
    wrong,
  };
}

function problemsOf(
  table: Table,
  { options: [, engine, rowFormat, collation], columns, keys }: Found,
): readonly string[] {
  const mend = (change: string): string => `ALTER TABLE ${table.name} ${change};`;
  const problems: string[] = [];
  const compare = (what: string, seen: string | undefined, wanted: string, change: string): void => {
    if (seen === wanted) return;
    const is = seen === undefined ? 'is missing' : `is "${seen}"`;
    problems.push(`${what} ${is} and must be "${wanted}". ${mend(change)}`);
  };
  for (const [name, definition] of Object.entries(table.columns)) {
    const change = columns.has(name) ? 'MODIFY' : 'ADD';
    compare(`column "${name}"`, columns.get(name), typeOf(definition), `${change} ${name} ${definition}`);
  }
  for (const name of columns.keys()) {
    if (!(name in table.columns)) problems.push(`column "${name}" is none of the store's. ${mend(`DROP ${name}`)}`);
  }
  const primary = `unique (${table.primaryKey.join(', ')})`;
  const drop = keys.has('PRIMARY') ? 'DROP PRIMARY KEY, ' : '';
  compare('the primary key', keys.get('PRIMARY'), primary, `${drop}ADD PRIMARY KEY (${table.primaryKey.join(', ')})`);
  for (const [name, of] of Object.entries(table.keys)) {
    const before = keys.has(name) ? `DROP KEY ${name}, ` : '';
    compare(`key "${name}"`, keys.get(name), `(${of.join(', ')})`, `${before}ADD KEY ${name} (${of.join(', ')})`);
  }
  const storage = `ENGINE=${engine} ROW_FORMAT=${String(rowFormat).toUpperCase()}`;
  compare('the storage', storage, ENGINE, ENGINE);
  compare('the collation', String(collation), COLLATION, `DEFAULT CHARACTER SET utf8mb4 COLLATE ${COLLATION}`);
  return problems;
}

/** MySQL up to 5.7 and MariaDB report the widths of numbers, which mean nothing. */
function typeOf(definition: string): string {
  return definition
    .toLowerCase()
    .replace(/int\(\d+\)/, 'int')
    .replace(/ default .*| auto_increment/, '');
}

function columnsOf(rows: readonly SqlRow[] = []): Found['columns'] {
  return new Map(
    rows.map(([, name, type, isNullable]) => [
      String(name),
      typeOf(`${type} ${isNullable === 'YES' ? '' : 'not '}null`),
    ]),
  );
}

/** A prefix of a column is reported as `column(length)`. */
function keysOf(rows: readonly SqlRow[] = []): Found['keys'] {
  const keys = new Map<string, { isUnique: boolean; columns: string[] }>();
  for (const [, key, column, nonUnique, prefix] of rows) {
    const known = keys.get(String(key)) ?? { isUnique: Number(nonUnique) === 0, columns: [] };
    known.columns.push(`${column}${prefix === null ? '' : `(${prefix})`}`);
    keys.set(String(key), known);
  }
  return new Map(
    [...keys].map(([key, { isUnique, columns }]) => [key, `${isUnique ? 'unique ' : ''}(${columns.join(', ')})`]),
  );
}
