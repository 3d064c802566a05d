import fc from 'fast-check';
import { type ExecutionResult, parse } from 'graphql';
import {
  constant,
  context,
  createEngine,
  each,
  filter,
  fn,
  get,
  groupBy,
  lambda,
  listLength,
  makeSchema,
  reverse,
  type Step,
} from 'planql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { standardPasses } from '../../src/planner/standardPasses.ts';

/** More of them, from other seeds: `PROPERTY_ATTEMPTS=20000 PROPERTY_SEED=2`. */
const attempts = Number(process.env.PROPERTY_ATTEMPTS ?? 100);
const seed = Number(process.env.PROPERTY_SEED ?? 1);

const test = suite('lists that are planned inside of lists, at random [2.7.8 2.11.2]');

/** An expression over the variables of the callbacks around it. Its rank: how deep its lists are nested. */
type Expression =
  | { readonly kind: 'id' | 'own' | 'constant' | 'matrix' | 'requests' }
  | { readonly kind: 'variable'; readonly at: number }
  | { readonly kind: 'sum'; readonly a: Expression; readonly b: Expression }
  | { readonly kind: 'count' | 'reverse'; readonly list: Expression }
  | { readonly kind: 'each' | 'filter' | 'groups'; readonly list: Expression; readonly inner: Expression };

const MOST_NESTED = 4;

/** Reads expressions off a list of numbers, its end as zeros. */
class Tape {
  readonly #numbers: readonly number[];
  #at = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  #choose<T>(...choices: readonly (() => T)[]): T {
    const number = this.#numbers[this.#at++] ?? 0;
    return (choices[number % choices.length] as () => T)();
  }

  /** `ranks`: of the variables. */
  expression(rank: number, ranks: readonly number[], depth: number): Expression {
    const variables = ranks.flatMap((of, at) => (of === rank ? [() => ({ kind: 'variable', at }) as const] : []));
    const simple: (() => Expression)[] = [...variables];
    if (rank === 0) simple.push(() => ({ kind: 'id' }));
    if (rank === 1) {
      simple.push(
        () => ({ kind: 'constant' }),
        () => ({ kind: 'requests' }),
        () => ({ kind: 'own' }),
      );
    }
    if (rank === 2) simple.push(() => ({ kind: 'matrix' }));
    if (depth === 0) return rank <= 2 ? this.#choose(...simple) : this.#each(rank, ranks, 0);
    const list = (of: number): Expression => this.expression(of, ranks, depth - 1);
    if (rank === 0) {
      return this.#choose<Expression>(
        ...simple,
        () => ({ kind: 'sum', a: list(0), b: list(0) }),
        () => ({ kind: 'sum', a: list(0), b: list(0) }),
        () => ({ kind: 'count', list: list(1) }),
      );
    }
    const filtered = (): Expression => ({
      kind: 'filter',
      list: list(rank),
      inner: this.expression(0, [...ranks, rank - 1], depth - 1),
    });
    const grouped = (): Expression => ({
      kind: 'groups',
      list: list(rank - 1),
      inner: this.expression(0, [...ranks, rank - 2], depth - 1),
    });
    const mapped = (): Expression => this.#each(rank, ranks, depth - 1);
    const reversed = (): Expression => ({ kind: 'reverse', list: list(rank) });
    return this.#choose(mapped, mapped, filtered, ...simple, reversed, ...(rank > 1 ? [grouped] : []));
  }

  #each(rank: number, ranks: readonly number[], depth: number): Expression {
    const of = this.#choose(
      () => 1,
      () => 1,
      () => 2,
    );
    return {
      kind: 'each',
      list: this.expression(of, ranks, depth),
      inner: this.expression(rank - 1, [...ranks, of - 1], depth),
    };
  }
}

interface Row {
  readonly id: number;
  readonly own: readonly (number | null)[] | null;
  readonly friends: readonly Row[];
}
const NUMBERS = [1, 2, 5];
const MATRIX = [[3, 4], null, [], [7]];
const me: Row = { id: 6, own: [8], friends: [] };
const rows: readonly Row[] = [
  { id: 1, own: [2, null, 9], friends: [me] },
  { id: 2, own: null, friends: [] },
  { id: 3, own: [], friends: [{ id: 4, own: [4, 5], friends: [] }, me] },
];
const given = { me, rows, numbers: [0, null, 4] };

const add = ([a, b]: readonly (number | null)[]): number => {
  const total = (a ?? 0) + (b ?? 0);
  if (total % 9 === 8) throw new Error(`${total} is too much.`);
  return total;
};
const isOdd = (value: number | null): boolean => (value ?? 0) % 2 === 1;
const groupsOf = <T>(map: ReadonlyMap<unknown, readonly T[]> | null): (readonly T[])[] | null =>
  map && [...map.values()];

// biome-ignore lint/suspicious/noExplicitAny: steps of all ranks
type AnyStep = Step<any>;
const named = { add: fn('lists.add', add), isOdd: fn('lists.isOdd', isOdd), groupsOf: fn('lists.groupsOf', groupsOf) };

function planned(expression: Expression, variables: readonly AnyStep[], $row: AnyStep): AnyStep {
  const of = (inner: Expression, ...more: readonly AnyStep[]): AnyStep => planned(inner, [...variables, ...more], $row);
  switch (expression.kind) {
    case 'id':
    case 'own':
      return get($row, expression.kind);
    case 'constant':
      return constant(NUMBERS);
    case 'matrix':
      return constant(MATRIX);
    case 'requests':
      return get(context(), 'numbers');
    case 'variable':
      return variables[expression.at] as AnyStep;
    case 'sum':
      return lambda([of(expression.a), of(expression.b)], named.add as never);
    case 'count':
      return listLength(of(expression.list));
    case 'reverse':
      return reverse(of(expression.list));
    case 'each':
      return each(of(expression.list), ($item) => of(expression.inner, $item));
    case 'filter':
      return filter(of(expression.list), ($item) => lambda(of(expression.inner, $item), named.isOdd));
    case 'groups':
      return lambda(
        groupBy(of(expression.list), ($item) => of(expression.inner, $item)),
        named.groupsOf,
      );
  }
}

type Value = number | null | Error | readonly Value[];

/** The same for one row. Errors are values: of lists they are items. */
function evaluated(expression: Expression, variables: readonly Value[], row: Row): Value {
  const of = (inner: Expression, ...more: readonly Value[]): Value => evaluated(inner, [...variables, ...more], row);
  switch (expression.kind) {
    case 'id':
    case 'own':
      return row[expression.kind];
    case 'constant':
      return NUMBERS;
    case 'matrix':
      return MATRIX;
    case 'requests':
      return given.numbers;
    case 'variable':
      return variables[expression.at] as Value;
    case 'sum':
      return attempted([of(expression.a), of(expression.b)], (values) => add(values as number[]));
    case 'count':
    case 'reverse':
      return attempted([of(expression.list)], ([list]) => {
        if (list === null) return null;
        const items = list as readonly Value[];
        return expression.kind === 'count' ? items.length : items.toReversed();
      });
    default:
      return attempted([of(expression.list)], ([list]) => {
        if (list === null) return null;
        const items = list as readonly Value[];
        const inner = items.map((item) => of(expression.inner, item));
        return expression.kind === 'each'
          ? inner
          : expression.kind === 'filter'
            ? kept(items, inner)
            : grouped(items, inner);
      });
  }
}

function attempted(values: readonly Value[], f: (values: readonly Value[]) => Value): Value {
  const failed = values.find((value) => value instanceof Error);
  if (failed !== undefined) return failed;
  try {
    return f(values);
  } catch (error) {
    return error as Error;
  }
}

function kept(items: readonly Value[], wanted: readonly Value[]): Value {
  return items.flatMap((item, at) => {
    const value = wanted[at] as Value;
    return value instanceof Error ? [value] : isOdd(value as number | null) ? [item] : [];
  });
}

function grouped(items: readonly Value[], keys: readonly Value[]): Value {
  const failed = keys.find((key) => key instanceof Error);
  if (failed !== undefined) return failed;
  return [...new Set(keys)].map((key) => items.filter((_, at) => keys[at] === key));
}

/** A value as it is in a response; its errors go to `errors`. */
function completed(value: Value, path: readonly (string | number)[], errors: string[]): unknown {
  if (value instanceof Error) {
    errors.push(`${path.join('.')}: ${value.message}`);
    return null;
  }
  return Array.isArray(value) ? value.map((item, at) => completed(item, [...path, at], errors)) : value;
}

interface Attempt {
  readonly rank: number;
  /** A pass that one of the roads goes without. */
  readonly without: string;
  readonly tapes: readonly (readonly number[])[];
}
const passes = [...new Set(standardPasses.map(({ name }) => name))];

const attempt: fc.Arbitrary<Attempt> = fc.record({
  rank: fc.integer({ min: 0, max: MOST_NESTED }),
  without: fc.constantFrom(...passes),
  tapes: fc.array(fc.array(fc.nat(59), { maxLength: 24 }), { minLength: 1, maxLength: 2 }),
});

function expressionsOf({ rank, tapes }: Attempt): readonly Expression[] {
  return tapes.map((tape) => new Tape(tape).expression(rank, [], 4));
}

const document = (count: number) => {
  const fields = Array.from({ length: count }, (_, at) => `f${at} again${at}: f${at}`).join(' ');
  return parse(`{ me { ${fields} } rows { ${fields} friends { ${fields} } } }`);
};

function expectedOf(expressions: readonly Expression[]): readonly [unknown, string[]] {
  const errors: string[] = [];
  const fields = (row: Row, path: readonly (string | number)[]): Record<string, unknown> =>
    Object.fromEntries(
      expressions.flatMap((expression, at) =>
        [`f${at}`, `again${at}`].map((key) => [key, completed(evaluated(expression, [], row), [...path, key], errors)]),
      ),
    );
  const data = {
    me: fields(me, ['me']),
    rows: rows.map((row, at) => ({
      ...fields(row, ['rows', at]),
      friends: row.friends.map((friend, n) => fields(friend, ['rows', at, 'friends', n])),
    })),
  };
  return [data, errors.sort()];
}

function problemOf(one: Attempt): string | null {
  const expressions = expressionsOf(one);
  const type = `${'['.repeat(one.rank)}Int${']'.repeat(one.rank)}`;
  const fields = expressions.map((_, at) => `f${at}: ${type}`).join(' ');
  const schema = makeSchema({
    typeDefs: `type Query { me: Row rows: [Row] } type Row { ${fields} friends: [Row] }`,
    objects: {
      Query: { plans: { me: () => get(context(), 'me'), rows: () => get(context(), 'rows') } },
      Row: {
        plans: Object.fromEntries(
          expressions.map((expression, at) => [`f${at}`, ($row: AnyStep) => planned(expression, [], $row)]),
        ),
      },
    },
  });
  const expected = JSON.stringify(expectedOf(expressions));
  const request = { document: document(expressions.length), contextValue: given };
  const compare = (road: string, answer: unknown): string | null => {
    const { data, errors = [] } = answer as ExecutionResult;
    const told = errors.map(({ message, path }) => `${path?.join('.')}: ${message}`).sort();
    const seen = JSON.stringify([data, told]);
    return seen === expected ? null : `${road}: ${seen}\nexpected: ${expected}`;
  };
  for (const disabledPasses of [[], [one.without], passes]) {
    const engine = createEngine({ schema, disabledPasses, codegen: disabledPasses.length === 0 ? 'always' : 'never' });
    const problem = compare(`without ${disabledPasses.join()}`, engine.execute(request));
    if (problem !== null) return problem;
    if (disabledPasses.length > 0) continue;
    const exported = JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(request.document))));
    const importing = createEngine({ schema, codegen: 'never' });
    importing.importPlan(exported);
    const imported = compare('imported', importing.execute(request));
    if (imported !== null) return imported;
  }
  return null;
}

test(`${attempts} expressions of lists in lists have the values that plain JavaScript gives them`, () => {
  const { counterexample } = fc.check(
    fc.property(attempt, (one) => problemOf(one) === null),
    { seed, numRuns: attempts },
  );
  const found = counterexample?.[0];
  if (found === undefined) return;
  assert.unreachable(`${JSON.stringify(found)}\n${JSON.stringify(expressionsOf(found))}\n${problemOf(found)}`);
});

test('the expressions are of all kinds, and their callbacks use what is around them', () => {
  const texts = fc.sample(attempt, { seed, numRuns: attempts }).map((one) => JSON.stringify(expressionsOf(one)));
  for (const kind of [
    'id',
    'own',
    'constant',
    'matrix',
    'requests',
    'variable',
    'sum',
    'count',
    'reverse',
    'each',
    'filter',
    'groups',
  ]) {
    const count = texts.filter((text) => text.includes(`"${kind}"`)).length;
    assert.ok(count > attempts / 40, `${kind}: ${count}`);
  }
});

test.run();
