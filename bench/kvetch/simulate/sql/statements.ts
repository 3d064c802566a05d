import {
  asDecimal,
  compare,
  type Env,
  type Equal,
  type Expression,
  isColumn,
  isTrue,
  Parser,
  type Source,
  tokensOf,
  unknownStatement,
} from './Parser.ts';
import { DUPLICATE_KEY, keyText, type Row, SqlError, type Table, type Tables, type Value } from './Tables.ts';

/** What a statement gives: rows, or how many it found. `looked`: how many rows it took to find that. */
export type Answer = ReadonlyArray<readonly Value[]> | { readonly affectedRows: number };

type Run = (env: Env) => Answer;
type Select = (env: Env) => ReadonlyArray<readonly Value[]>;

/** Statements that differ in their literals alone are read once. */
const known = new Map<string, Run>();
const MAX_KNOWN = 4000;

/** Runs one statement as a whole, or not at all. */
export function runStatement(tables: Tables, sql: string, values: readonly Value[] = []): Answer {
  if (sql.startsWith('CREATE TABLE')) {
    tables.create(/^CREATE TABLE IF NOT EXISTS (\w+)/.exec(sql)?.[1] ?? '', sql);
    return { affectedRows: 0 };
  }
  if (sql.startsWith(HOLDINGS)) return holdings(tables, sql);
  return runRead(tables, sql, values);
}

/** Every program asks every server for its shards, and each knows 4,096: an answer is kept until it changes. */
const HOLDINGS = 'SELECT shard, state, epoch FROM kvetch_shards WHERE epoch >=';
const told = new WeakMap<Tables, { readonly versions: string; readonly answer: Answer }>();

function holdings(tables: Tables, sql: string): Answer {
  const versions = `${tables.table('kvetch_shards').version} ${tables.table('kvetch_meta').version}`;
  const last = told.get(tables);
  if (last?.versions === versions) return last.answer;
  const answer = runRead(tables, sql, []);
  told.set(tables, { versions, answer });
  return answer;
}

function runRead(tables: Tables, sql: string, values: readonly Value[]): Answer {
  const { tokens, params } = tokensOf(sql, values);
  const shape = tokens.join(' ');
  let run = known.get(shape);
  if (run === undefined) {
    if (known.size >= MAX_KNOWN) known.clear();
    run = parse(new Parser(tokens, tables), tables, sql);
    known.set(shape, run);
  }
  const { mark } = tables;
  try {
    return run({ tables, params, rows: {} });
  } catch (error) {
    tables.back(mark);
    throw error;
  }
}

function parse(parser: Parser, tables: Tables, sql: string): Run {
  parser.parseSelect = () => select(parser, tables);
  const run = statement(parser, tables, sql);
  if (parser.at !== parser.tokens.length) parser.fail('the end');
  return run;
}

function statement(parser: Parser, tables: Tables, sql: string): Run {
  const first = parser.tokens[parser.at];
  if (first === 'SELECT' || first === '(') return select(parser, tables);
  if (parser.take('INSERT', 'INTO')) return insert(parser, tables);
  if (parser.take('UPDATE')) return update(parser, tables);
  if (parser.take('DELETE', 'FROM')) return remove(parser, tables);
  throw unknownStatement(sql);
}

function sourceOf(name: string, table = name): Source {
  return { name, isTable: true, columns: (tables) => tables.table(table).columns };
}

/** Selects, one behind the other. */
function select(parser: Parser, tables: Tables): Select {
  const branches: Core[] = [];
  do {
    const isInParentheses = parser.take('(');
    branches.push(selectCore(parser, tables));
    if (isInParentheses) parser.need(')');
  } while (parser.take('UNION', 'ALL'));
  const [first] = branches as [Core, ...Core[]];
  if (branches.length === 1) return first.run;
  const isMixed = first.isColumn.map((is, at) => branches.some((branch) => branch.isColumn[at] !== is));
  return (env) =>
    branches.flatMap(({ run }) =>
      run(env).map((row) => row.map((value, at) => (isMixed[at] === true ? asDecimal(value) : value))),
    );
}

interface From {
  readonly source: Source;
  /** The rows; a table's are looked up where the condition allows. */
  readonly rows: (env: Env, equals: readonly Equal[]) => Iterable<Row>;
  readonly on: Expression | null;
  readonly isLeft: boolean;
}

interface Core {
  readonly run: Select;
  readonly names: readonly string[];
  /** Which of what is selected are columns. */
  readonly isColumn: readonly boolean[];
}

function selectCore(parser: Parser, tables: Tables): Core {
  parser.need('SELECT');
  const before = parser.scope;
  // what is selected is read again when the tables are known
  const start = parser.at;
  skipTo(parser, ['FROM', 'UNION', 'FOR', 'LOCK']);
  const isFrom = parser.tokens[parser.at] === 'FROM';
  const marks = countMarks(parser.tokens, start, parser.at);
  const froms: From[] = [];
  const from = parser.params;
  parser.params = from + marks;
  if (parser.take('FROM')) froms.push(...fromsOf(parser, tables));
  parser.scope = froms.map(({ source }) => source);
  const afterFrom = { at: parser.at, params: parser.params };
  Object.assign(parser, { at: start, params: from });
  const columns = parser.list(() => {
    const expression = parser.expression();
    const name = parser.take('AS') ? parser.word() : (parser.tokens[parser.at - 1] ?? '');
    return { expression, name };
  });
  if (isFrom) Object.assign(parser, afterFrom);
  const where = parser.take('WHERE') ? parser.expression() : null;
  const groupBy = parser.take('GROUP', 'BY') ? parser.list(() => named(parser, columns)) : null;
  const order = parser.take('ORDER', 'BY')
    ? parser.list(() => ({ by: named(parser, columns), isDown: parser.take('DESC') }))
    : [];
  const limit = parser.take('LIMIT') ? parser.expression() : null;
  const offset = parser.take('OFFSET') ? parser.expression() : null;
  void (parser.take('FOR', 'UPDATE') || parser.take('LOCK', 'IN', 'SHARE', 'MODE'));
  parser.scope = before;
  const isGrouped = groupBy !== null || columns.some(({ expression }) => expression.isAggregate);
  const run: Select = (env) => {
    let found = joined(env, froms, where);
    if (isGrouped) found = grouped(env, found, groupBy);
    if (order.length > 0) {
      const keyed = found.map((one) => ({ one, keys: order.map(({ by }) => by.run(one)) }));
      keyed.sort((a, b) => {
        for (const [i, { isDown }] of order.entries()) {
          const way = compare(a.keys[i] ?? null, b.keys[i] ?? null);
          if (way !== 0) return isDown ? -way : way;
        }
        return 0;
      });
      found = keyed.map(({ one }) => one);
    }
    const skip = Number(offset?.run(env) ?? 0);
    if (limit !== null) found = found.slice(skip, skip + Number(limit.run(env)));
    return found.map((one) => columns.map(({ expression }) => expression.run(one)));
  };
  return {
    run,
    names: columns.map(({ name }) => name),
    isColumn: columns.map(({ expression }) => isColumn(expression)),
  };
}

/** An alias of what is selected, or an expression. */
function named(
  parser: Parser,
  columns: ReadonlyArray<{ readonly name: string; readonly expression: Expression }>,
): Expression {
  const alias = columns.find(({ name }) => name === parser.tokens[parser.at]);
  const next = parser.tokens[parser.at + 1];
  if (alias === undefined || next === '.' || next === '(') return parser.expression();
  parser.at++;
  return alias.expression;
}

function skipTo(parser: Parser, words: readonly string[]): void {
  for (let depth = 0; parser.at < parser.tokens.length; parser.at++) {
    const token = parser.tokens[parser.at] ?? '';
    if (depth === 0 && (token === ')' || words.includes(token))) return;
    if (token === '(') depth++;
    if (token === ')') depth--;
  }
}

function countMarks(tokens: readonly string[], from: number, to: number): number {
  let marks = 0;
  for (let at = from; at < to; at++) if (tokens[at] === '?') marks++;
  return marks;
}

function fromsOf(parser: Parser, tables: Tables): readonly From[] {
  const froms: From[] = [{ ...fromOf(parser, tables), on: null, isLeft: false }];
  for (;;) {
    const isLeft = parser.take('LEFT', 'JOIN');
    if (!isLeft && !parser.take('STRAIGHT_JOIN')) return froms;
    const from = fromOf(parser, tables);
    parser.need('ON');
    parser.scope = [...froms.map(({ source }) => source), from.source];
    froms.push({ ...from, on: parser.expression(), isLeft });
  }
}

function fromOf(parser: Parser, tables: Tables): Pick<From, 'source' | 'rows'> {
  if (parser.take('(')) {
    const start = parser.at;
    const names = namesOf(parser, tables, start);
    const rowsOf = select(parser, tables);
    parser.need(')');
    parser.take('AS');
    const name = parser.word();
    const rows = (env: Env): Iterable<Row> =>
      rowsOf({ ...env, rows: {} }).map((row) => Object.fromEntries(row.map((value, at) => [names[at] ?? '', value])));
    return { source: { name, isTable: false, columns: () => names }, rows };
  }
  const table = parser.word();
  const hint = (): boolean => parser.take('FORCE', 'INDEX');
  const isNamed = /^[a-z]\w*$/.test(parser.tokens[parser.at] ?? '');
  const name = isNamed ? parser.word() : table;
  if (hint()) {
    parser.need('(');
    parser.word();
    parser.need(')');
  }
  return {
    source: sourceOf(name, table),
    rows: (env, equals) => rowsOfTable(env, env.tables.table(table), name, equals),
  };
}

/** The names of a derived table are those of its first branch. */
function namesOf(parser: Parser, tables: Tables, start: number): readonly string[] {
  const { params } = parser;
  const { names } = selectCore(parser, tables);
  Object.assign(parser, { at: start, params });
  return names;
}

function rowsOfTable(env: Env, table: Table, name: string, equals: readonly Equal[]): Iterable<Row> {
  const equal = equals.find(({ source, column }) => source === name && table.isFound(column));
  if (equal === undefined) return table.rows;
  const values = new Map(equal.values.map((value) => value.run(env)).map((value) => [keyText(value), value]));
  return [...values.values()].flatMap((value) => [...(table.find(equal.column, value) ?? [])]);
}

/** What a condition says of columns before any row is known. */
function knownEquals(where: Expression | null): readonly Equal[] {
  return where?.equals?.filter(({ values }) => values.every(({ sources }) => sources.size === 0)) ?? [];
}

function joined(env: Env, froms: readonly From[], where: Expression | null): readonly Env[] {
  let envs: readonly Env[] = [env];
  for (const { source, rows, on, isLeft } of froms) {
    const equals = on?.equals ?? knownEquals(where);
    const test = on ?? (froms.length === 1 ? where : null);
    envs = envs.flatMap((one) => {
      const found: Env[] = [];
      const tried: Record<string, Row | null> = { ...one.rows };
      const trial = { ...one, rows: tried };
      for (const row of rows(one, equals)) {
        tried[source.name] = row;
        if (test === null || isTrue(test.run(trial))) found.push({ ...one, rows: { ...tried } });
      }
      return found.length === 0 && isLeft ? [{ ...one, rows: { ...one.rows, [source.name]: null } }] : found;
    });
  }
  return where === null || froms.length === 1 ? envs : envs.filter((one) => isTrue(where.run(one)));
}

function grouped(env: Env, rows: readonly Env[], by: readonly Expression[] | null): readonly Env[] {
  if (by === null) return [{ ...(rows[0] ?? env), group: rows }];
  const groups = new Map<string, Env[]>();
  for (const row of rows) {
    const key = by.map((one) => keyText(one.run(row))).join(' ');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()].map((group) => ({ ...(group[0] ?? env), group }));
}

interface Assignment {
  readonly column: string;
  readonly to: Expression;
}

/** Assignments are made from left to right and see earlier ones, as MySQL makes them. */
function assign(env: Env, name: string, table: Table, before: Row, assignments: readonly Assignment[]): void {
  let row = before;
  for (const { column, to } of assignments)
    row = { ...row, [column]: to.run({ ...env, rows: { ...env.rows, [name]: row } }) };
  env.tables.exchange(table, before, table.complete(row));
}

function assignmentsOf(parser: Parser): readonly Assignment[] {
  return parser.list(() => {
    const column = parser.word();
    parser.need('=');
    return { column, to: parser.expression() };
  });
}

function insert(parser: Parser, tables: Tables): Run {
  const name = parser.word();
  parser.need('(');
  const columns = parser.list(() => parser.word());
  parser.need(')');
  const rowsOf = parser.take('VALUES') ? valuesOf(parser) : select(parser, tables);
  parser.scope = [sourceOf(name)];
  const assignments = parser.take('ON', 'DUPLICATE', 'KEY', 'UPDATE') ? assignmentsOf(parser) : null;
  return (env) => {
    const table = env.tables.table(name);
    let affectedRows = 0;
    for (const values of rowsOf(env)) {
      const row = table.complete(Object.fromEntries(columns.map((column, at) => [column, values[at] ?? null])));
      const before = table.like(row);
      if (before === undefined) env.tables.exchange(table, undefined, row);
      else if (assignments === null) throw new SqlError(DUPLICATE_KEY, `Duplicate entry for key '${name}.PRIMARY'`);
      else assign({ ...env, inserted: row }, name, table, before, assignments);
      affectedRows++;
    }
    return { affectedRows };
  };
}

function valuesOf(parser: Parser): Select {
  const rows = parser.list(() => {
    parser.need('(');
    const row = parser.list(() => parser.expression());
    parser.need(')');
    return row;
  });
  return (env) => rows.map((row) => row.map((value) => value.run(env)));
}

function matching(env: Env, name: string, where: Expression, limit = Number.POSITIVE_INFINITY): readonly Row[] {
  const found: Row[] = [];
  const tried: Record<string, Row> = {};
  const trial = { ...env, rows: tried };
  for (const row of rowsOfTable(env, env.tables.table(name), name, knownEquals(where))) {
    if (found.length >= limit) break;
    tried[name] = row;
    if (isTrue(where.run(trial))) found.push(row);
  }
  return found;
}

function update(parser: Parser, tables: Tables): Run {
  const name = parser.word();
  parser.scope = [sourceOf(name)];
  parser.need('SET');
  const assignments = assignmentsOf(parser);
  parser.need('WHERE');
  const where = parser.expression();
  void tables;
  return (env) => {
    const rows = matching(env, name, where);
    for (const row of rows) assign(env, name, env.tables.table(name), row, assignments);
    return { affectedRows: rows.length };
  };
}

function remove(parser: Parser, tables: Tables): Run {
  const name = parser.word();
  parser.scope = [sourceOf(name)];
  parser.need('WHERE');
  const where = parser.expression();
  const limit = parser.take('LIMIT') ? parser.expression() : null;
  void tables;
  return (env) => {
    const rows = matching(env, name, where, limit === null ? undefined : Number(limit.run(env)));
    for (const row of rows) env.tables.exchange(env.tables.table(name), row, null);
    return { affectedRows: rows.length };
  };
}
