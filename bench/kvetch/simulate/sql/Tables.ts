/** A value of a column: bytes are buffers, as the driver gives them. */
export type Value = number | string | Buffer | null;
export type Row = Readonly<Record<string, Value>>;

/** An error as the driver gives it: the server understood and refused. */
export class SqlError extends Error {
  readonly errno: number;
  readonly sqlState = 'HY000';
  constructor(errno: number, message: string) {
    super(message);
    this.errno = errno;
  }
}

export const NOT_NULL = 1048;
export const DUPLICATE_KEY = 1062;
export const LOCK_WAIT_TIMEOUT = 1205;
const NO_SUCH_TABLE = 1146;

const shardRows = new Map<string, Row>();

/** One table. Rows are found by the values of some columns without looking at the others. */
export class Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly #defaults: ReadonlyMap<string, Value>;
  readonly #required: ReadonlySet<string>;
  readonly #numbers: ReadonlySet<string>;
  readonly #key: readonly string[];
  readonly #rows = new Map<string, Row>();
  readonly #lookups: ReadonlyMap<string, Map<string, Set<Row>>>;
  /** Counts changes. */
  version = 0;

  constructor(name: string, definition: string) {
    const columns: string[] = [];
    const required = new Set<string>();
    const defaults = new Map<string, Value>();
    const numbers = new Set<string>();
    let key: readonly string[] = [];
    for (const line of definition.split('\n').slice(1, -1)) {
      const text = line.trim().replace(/,$/, '');
      const primary = /^PRIMARY KEY \((.*)\)$/.exec(text);
      if (primary !== null) key = (primary[1] ?? '').split(', ');
      if (primary !== null || text.startsWith('KEY ')) continue;
      const column = text.split(' ')[0] ?? '';
      columns.push(column);
      if (/^\w+ [A-Z]*INT /.test(text)) numbers.add(column);
      if (text.includes('NOT NULL')) required.add(column);
      if (text.includes('DEFAULT 0')) defaults.set(column, 0);
    }
    this.name = name;
    this.columns = columns;
    this.#required = required;
    this.#numbers = numbers;
    this.#defaults = defaults;
    this.#key = key;
    const found = [key[0] ?? '', 'from_id', 'value'].filter((column) => columns.includes(column) && key.length > 1);
    this.#lookups = new Map(found.map((column) => [column, new Map<string, Set<Row>>()]));
  }

  get rows(): Iterable<Row> {
    return this.#rows.values();
  }

  get size(): number {
    return this.#rows.size;
  }

  /** The rows with a value in a column; `null` where only a look at all rows tells. */
  find(column: string, value: Value): Iterable<Row> | null {
    if (this.#key.length === 1 && column === this.#key[0]) {
      const row = this.#rows.get(keyText(value));
      return row === undefined ? [] : [row];
    }
    const lookup = this.#lookups.get(column);
    if (lookup === undefined) return null;
    return lookup.get(keyText(value)) ?? [];
  }

  isFound(column: string): boolean {
    return this.#lookups.has(column) || (this.#key.length === 1 && column === this.#key[0]);
  }

  /** The row with defaults; refuses one that lacks a value. */
  complete(given: Row): Row {
    const row: Record<string, Value> = {};
    for (const column of this.columns) {
      const value = given[column] ?? this.#defaults.get(column) ?? null;
      if (value === null && this.#required.has(column))
        throw new SqlError(NOT_NULL, `Column '${column}' cannot be null`);
      row[column] = this.#asStored(column, value);
    }
    if (this.name !== 'kvetch_shards') return row;
    // a thousand servers know of each shard that it was divided: one row stands for all that are equal
    const text = `${row.shard} ${row.state} ${row.epoch}`;
    const same = shardRows.get(text) ?? row;
    shardRows.set(text, same);
    return same;
  }

  /** A column keeps numbers or bytes, whatever it is given. */
  #asStored(column: string, value: Value): Value {
    if (value === null) return null;
    if (this.#numbers.has(column)) return Number(value);
    return Buffer.isBuffer(value) ? value : Buffer.from(String(value));
  }

  like(row: Row): Row | undefined {
    return this.#rows.get(this.#keyOf(row));
  }

  /** Puts a row in the place of another, or of none; `null` removes that one. Returns what undoes it. */
  exchange(before: Row | undefined, after: Row | null): () => void {
    this.#swap(before, after);
    return () => this.#swap(after ?? undefined, before ?? null);
  }

  #swap(before: Row | undefined, after: Row | null): void {
    this.version++;
    if (before !== undefined) {
      for (const [column, lookup] of this.#lookups) {
        const value = keyText(before[column] ?? null);
        const rows = lookup.get(value);
        rows?.delete(before);
        if (rows?.size === 0) lookup.delete(value);
      }
      this.#rows.delete(this.#keyOf(before));
    }
    if (after === null) return;
    this.#rows.set(this.#keyOf(after), after);
    for (const [column, lookup] of this.#lookups) {
      const value = keyText(after[column] ?? null);
      const rows = lookup.get(value);
      if (rows === undefined) lookup.set(value, new Set([after]));
      else rows.add(after);
    }
  }

  #keyOf(row: Row): string {
    return this.#key.map((column) => keyText(row[column] ?? null)).join(' ');
  }
}

/** The tables of one server, the changes that a transaction can take back, and the server's clock. */
export class Tables {
  readonly #tables = new Map<string, Table>();
  readonly nowUs: () => number;
  #undo: Array<() => void> = [];

  constructor(nowUs: () => number) {
    this.nowUs = nowUs;
  }

  create(name: string, definition: string): void {
    if (!this.#tables.has(name)) this.#tables.set(name, new Table(name, definition));
  }

  table(name: string): Table {
    const table = this.#tables.get(name);
    if (table === undefined) throw new SqlError(NO_SUCH_TABLE, `Table '${name}' doesn't exist`);
    return table;
  }

  exchange(table: Table, before: Row | undefined, after: Row | null): void {
    this.#undo.push(table.exchange(before, after));
  }

  /** A place to go back to. */
  get mark(): number {
    return this.#undo.length;
  }

  back(mark: number): void {
    for (const undo of this.#undo.splice(mark).reverse()) undo();
  }

  commit(): void {
    this.#undo = [];
  }
}

export function keyText(value: Value): string {
  return Buffer.isBuffer(value) ? value.toString('latin1') : String(value);
}
