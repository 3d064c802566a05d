import { crc32 } from 'node:zlib';
import { type Row, SqlError, type Tables, type Value } from './Tables.ts';

/** What an expression is evaluated with: the present row of each table, by its name in the statement. */
export interface Env {
  readonly tables: Tables;
  readonly params: readonly Value[];
  readonly rows: Readonly<Record<string, Row | null>>;
  /** The rows that an aggregate is about. */
  readonly group?: readonly Env[];
  /** The row that could not be inserted: `VALUES(column)`. */
  readonly inserted?: Row;
}

/** A table must have this value in this column: what a look-up can use. */
export interface Equal {
  readonly source: string;
  readonly column: string;
  readonly values: readonly Expression[];
}

export interface Expression {
  readonly run: (env: Env) => Value;
  readonly equals?: readonly Equal[];
  /** The tables of whose rows it is made. */
  readonly sources: ReadonlySet<string>;
  readonly isAggregate: boolean;
}

export interface Source {
  readonly name: string;
  /** Whether it is a table itself, and not what a SELECT gives. */
  readonly isTable: boolean;
  readonly columns: (tables: Tables) => readonly string[];
}

const NONE: ReadonlySet<string> = new Set();

/** The tokens of a statement with `?` in the place of literals, and these. */
export interface Tokens {
  readonly tokens: readonly string[];
  readonly params: readonly Value[];
}

const TOKEN = /\s+|x'([0-9a-f]*)'|'([^']*)'|(\d+)|([A-Za-z_@][\w@]*)|(<>|<=|>=|[-+*=<>(),.?|&])/gy;

export function tokensOf(sql: string, values: readonly Value[] = []): Tokens {
  const tokens: string[] = [];
  const params: Value[] = [];
  let next = 0;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < sql.length) {
    const from = TOKEN.lastIndex;
    const found = TOKEN.exec(sql);
    if (found === null) throw new SyntaxError(`The simulated server cannot read ${sql.slice(from, from + 60)}`);
    const [, hex, text, number, word, sign] = found;
    if (word !== undefined) tokens.push(word);
    else if (sign !== undefined && sign !== '?') tokens.push(sign);
    else if (hex === undefined && text === undefined && number === undefined && sign === undefined) continue;
    else {
      tokens.push('?');
      if (hex !== undefined) params.push(Buffer.from(hex, 'hex'));
      else if (text !== undefined) params.push(text);
      else if (number !== undefined) params.push(Number(number));
      else params.push(values[next++] ?? null);
    }
  }
  return { tokens, params };
}

/** Compares two values as MySQL does: bytes as bytes. */
export function compare(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (Buffer.isBuffer(a) || Buffer.isBuffer(b)) return Buffer.compare(bytesOf(a), bytesOf(b));
  if (typeof a === 'number' || typeof b === 'number') return Number(a) - Number(b);
  return String(a) < String(b) ? -1 : a === b ? 0 : 1;
}

export function bytesOf(value: Value): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(String(value));
}

export const isTrue = (value: Value): boolean => value !== null && value !== 0;
const flag = (is: boolean): Value => (is ? 1 : 0);
const numberOf = (value: Value): number => Number(Buffer.isBuffer(value) ? value.toString() : value);

type Call = (args: readonly Value[], env: Env) => Value;

const calls: Readonly<Record<string, Call>> = {
  COALESCE: (args) => args.find((value) => value !== null) ?? null,
  IF: ([is = null, yes = null, no = null]) => (isTrue(is) ? yes : no),
  GREATEST: (args) => args.reduce((a, b) => (compare(a, b) >= 0 ? a : b)),
  LEAST: (args) => args.reduce((a, b) => (compare(a, b) <= 0 ? a : b)),
  CRC32: ([value = null]) => crc32(bytesOf(value)),
  CONCAT: (args) => Buffer.concat(args.map(bytesOf)),
  LOWER: ([value = null]) => (value === null ? null : String(value).toLowerCase()),
  HEX: ([value = null]) => (value === null ? null : bytesOf(value).toString('hex').toUpperCase()),
  LEFT: ([value = null, length = 0]) => bytesOf(value).subarray(0, Number(length)),
  NOW: (_, { tables }) => tables.nowUs() / 1e6,
  UNIX_TIMESTAMP: ([value = null]) => value,
};

const aggregates: Readonly<Record<string, (values: readonly Value[]) => Value>> = {
  COUNT: (values) => values.length,
  SUM: (values) => values.reduce<number>((sum, value) => sum + Number(value), 0),
  BIT_XOR: (values) => values.reduce<number>((mix, value) => (mix ^ Number(value)) >>> 0, 0),
};

/** What a subquery in an expression gives. */
export type ParseSelect = () => (env: Env) => ReadonlyArray<readonly Value[]>;

/** Reads expressions, and makes functions of them. */
export class Parser {
  readonly tokens: readonly string[];
  at = 0;
  /** How many literals were read. */
  params = 0;
  /** The tables whose columns have no name before them. */
  scope: readonly Source[] = [];
  readonly #tables: Tables;
  parseSelect: ParseSelect = () => {
    throw new SyntaxError('no SELECT is expected');
  };

  constructor(tokens: readonly string[], tables: Tables) {
    this.tokens = tokens;
    this.#tables = tables;
  }

  /** Goes on behind these words, if they are there. */
  take(...words: readonly string[]): boolean {
    if (!words.every((word, i) => this.tokens[this.at + i] === word)) return false;
    this.at += words.length;
    return true;
  }

  need(...words: readonly string[]): void {
    if (!this.take(...words)) this.fail(words.join(' '));
  }

  word(): string {
    const word = this.tokens[this.at++] ?? '';
    return /^\w/.test(word) ? word : this.fail('a name');
  }

  fail(wanted: string): never {
    const place = this.tokens.slice(Math.max(0, this.at - 8), this.at + 8).join(' ');
    throw new SyntaxError(`The simulated server expected ${wanted} near: ${place}`);
  }

  list<T>(parse: () => T): readonly T[] {
    const items = [parse()];
    while (this.take(',')) items.push(parse());
    return items;
  }

  expression(): Expression {
    let left = this.#and();
    while (this.take('OR')) left = both(left, this.#and(), (a, b) => (env) => flag(isTrue(a(env)) || isTrue(b(env))));
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.take('AND')) {
      const right = this.#not();
      const joined = both(left, right, (a, b) => (env) => flag(isTrue(a(env)) && isTrue(b(env))));
      left = { ...joined, equals: [...(left.equals ?? []), ...(right.equals ?? [])] };
    }
    return left;
  }

  #not(): Expression {
    if (!this.take('NOT')) return this.#comparison();
    const inner = this.#not();
    return {
      ...inner,
      equals: [],
      run: (env) => {
        const value = inner.run(env);
        return value === null ? null : flag(!isTrue(value));
      },
    };
  }

  #comparison(): Expression {
    const left = this.#bits();
    if (this.take('IS')) {
      const isNot = this.take('NOT');
      this.need('NULL');
      return { ...left, equals: [], run: (env) => flag((left.run(env) === null) !== isNot) };
    }
    if (this.take('BETWEEN')) {
      const low = this.#bits();
      this.need('AND');
      const high = this.#bits();
      const from = compared(left, low, (order) => order >= 0);
      return both(
        from,
        compared(left, high, (order) => order <= 0),
        (a, b) => (env) => flag(isTrue(a(env)) && isTrue(b(env))),
      );
    }
    if (this.take('IN')) {
      this.need('(');
      const values = this.list(() => this.expression());
      this.need(')');
      const run = (env: Env): Value => {
        const value = left.run(env);
        return value === null ? null : flag(values.some((one) => isEqual(value, one.run(env))));
      };
      return { ...combine([left, ...values]), run, equals: equalsOf(left, values) };
    }
    const sign = this.tokens[this.at] ?? '';
    const test = tests[sign];
    if (test === undefined) return left;
    this.at++;
    const right = this.#bits();
    const found = compared(left, right, test);
    return sign === '=' ? { ...found, equals: [...equalsOf(left, [right]), ...equalsOf(right, [left])] } : found;
  }

  #bits(): Expression {
    let left = this.#maskedBits();
    while (this.take('|')) {
      left = both(left, this.#maskedBits(), (a, b) => (env) => arithmetic(a(env), b(env), (x, y) => x | y));
    }
    return left;
  }

  #maskedBits(): Expression {
    let left = this.#sum();
    while (this.take('&'))
      left = both(left, this.#sum(), (a, b) => (env) => arithmetic(a(env), b(env), (x, y) => x & y));
    return left;
  }

  #sum(): Expression {
    let left = this.#product();
    for (;;) {
      const sign = this.take('+') ? 1 : this.take('-') ? -1 : 0;
      if (sign === 0) return left;
      left = { ...both(left, this.#product(), (a, b) => (env) => arithmetic(a(env), b(env), (x, y) => x + sign * y)) };
    }
  }

  #product(): Expression {
    let left = this.#unary();
    while (this.take('*')) {
      left = both(left, this.#unary(), (a, b) => (env) => arithmetic(a(env), b(env), (x, y) => x * y));
    }
    return left;
  }

  #unary(): Expression {
    if (!this.take('-')) return this.#primary();
    const inner = this.#unary();
    return { ...inner, equals: [], run: (env) => arithmetic(0, inner.run(env), (x, y) => x - y) };
  }

  #primary(): Expression {
    if (this.take('?')) {
      const place = this.params++;
      return constant((env) => env.params[place] ?? null);
    }
    if (this.take('NULL')) return constant(() => null);
    if (this.take('FALSE')) return constant(() => 0);
    if (this.take('(')) {
      if (this.tokens[this.at] === 'SELECT') {
        const select = this.parseSelect();
        this.need(')');
        return constant((env) => select({ ...env, rows: {} })[0]?.[0] ?? null);
      }
      const inner = this.expression();
      this.need(')');
      return inner;
    }
    if (this.take('CASE')) return this.#case();
    if (this.take('EXISTS', '(')) {
      const select = this.parseSelect();
      this.need(')');
      return constant((env) => flag(select({ ...env, rows: {} }).length > 0));
    }
    const name = this.word();
    if (this.take('(')) return this.#call(name);
    const column = this.take('.') ? this.word() : null;
    return column === null ? this.#column(null, name) : this.#column(name, column);
  }

  #case(): Expression {
    const subject = this.expression();
    this.need('WHEN');
    const when = this.expression();
    this.need('THEN');
    const then = this.expression();
    this.need('END');
    return {
      ...combine([subject, when, then]),
      run: (env) => (isEqual(subject.run(env), when.run(env)) ? then.run(env) : null),
    };
  }

  #call(name: string): Expression {
    if (name === 'CAST') {
      const inner = this.expression();
      this.need('AS');
      const type = this.word();
      const isText = type === 'CHAR';
      this.need(')');
      const run = (env: Env): Value => {
        const value = inner.run(env);
        return value === null ? null : isText ? String(value) : Math.round(numberOf(value));
      };
      const cast: Expression = { ...inner, equals: [], run };
      if (type === 'UNSIGNED') unsigned.add(cast);
      return cast;
    }
    if (name === 'VALUES') {
      const column = this.word();
      this.need(')');
      return constant((env) => env.inserted?.[column] ?? null);
    }
    const aggregate = aggregates[name];
    if (aggregate !== undefined) {
      const inner = this.take('*') ? constant(() => 1) : this.expression();
      this.need(')');
      const run = (env: Env): Value => aggregate((env.group ?? []).map((one) => inner.run(one)));
      return { sources: inner.sources, isAggregate: true, run };
    }
    const call = calls[name];
    if (call === undefined) this.fail(`a known function, not ${name},`);
    const args = this.take(')') ? [] : this.list(() => this.expression());
    if (args.length > 0) this.need(')');
    const run = (env: Env): Value => {
      const values = args.map((arg) => arg.run(env));
      return call(values, env);
    };
    const isMixed =
      name === 'COALESCE' && args.some((arg) => unsigned.has(arg)) && !args.every((arg) => unsigned.has(arg));
    return { ...combine(args), run: isMixed ? (env) => asDecimal(run(env)) : run };
  }

  #column(of: string | null, column: string): Expression {
    const source = this.scope.find(({ name, columns }) =>
      of === null ? columns(this.#tables).includes(column) : name === of,
    );
    if (source === undefined) this.fail(`a column, not ${column},`);
    const { name, isTable } = source;
    const expression: Expression = {
      run: ({ rows }) => rows[name]?.[column] ?? null,
      sources: new Set([name]),
      isAggregate: false,
    };
    columnOf.set(expression, { source: name, column });
    if (isTable) ofTables.add(expression);
    return expression;
  }
}

/** Columns of tables. */
const ofTables = new WeakSet<Expression>();
/** Casts to unsigned numbers. */
const unsigned = new WeakSet<Expression>();

/** Whether a number is of a column of a table: all of them are unsigned. */
export function isColumn(expression: Expression): boolean {
  return ofTables.has(expression);
}

/** Signed and unsigned numbers together, and unsigned ones and NULL, are DECIMALs: the driver gives their digits. */
export function asDecimal(value: Value): Value {
  return typeof value === 'number' ? String(value) : value;
}

const columnOf = new WeakMap<Expression, { readonly source: string; readonly column: string }>();

const tests: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '>': (order) => order > 0,
  '<=': (order) => order <= 0,
  '>=': (order) => order >= 0,
};

function constant(run: Expression['run']): Expression {
  return { run, sources: NONE, isAggregate: false };
}

function combine(parts: readonly Expression[]): Omit<Expression, 'run'> {
  return {
    sources: new Set(parts.flatMap(({ sources }) => [...sources])),
    isAggregate: parts.some(({ isAggregate }) => isAggregate),
  };
}

function both(
  a: Expression,
  b: Expression,
  make: (a: Expression['run'], b: Expression['run']) => Expression['run'],
): Expression {
  return { ...combine([a, b]), run: make(a.run, b.run) };
}

function compared(a: Expression, b: Expression, test: (order: number) => boolean): Expression {
  return both(a, b, (x, y) => (env) => {
    const [left, right] = [x(env), y(env)];
    return left === null || right === null ? null : flag(test(compare(left, right)));
  });
}

function equalsOf(left: Expression, values: readonly Expression[]): readonly Equal[] {
  const column = columnOf.get(left);
  if (column === undefined || values.some(({ sources }) => sources.has(column.source))) return [];
  return [{ ...column, values }];
}

function isEqual(a: Value, b: Value): boolean {
  return a !== null && b !== null && compare(a, b) === 0;
}

function arithmetic(a: Value, b: Value, make: (a: number, b: number) => number): Value {
  return a === null || b === null ? null : make(numberOf(a), numberOf(b));
}

/** A statement that the store is not known to send. */
export function unknownStatement(sql: string): SqlError {
  return new SqlError(1064, `The simulated server does not know: ${sql.slice(0, 200)}`);
}
