import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AnyStep,
  connection,
  constant,
  createEngine,
  each,
  first,
  fn,
  get,
  lambda,
  loader,
  loadMany,
  makeSchema,
  object,
  registerSteps,
  Step,
} from '../../src/index.ts';

/** Connections wherever a field may be: in lists, in branches of interfaces, and behind fields of interfaces. */
const test = suite('connections in lists and behind interfaces');

const people = [{ id: '1' }, { id: '2' }, { id: '3' }];
const pages = loader<readonly object[], string>({
  name: 'test.connectionPlaces.pages',
  load: (ids, { page }) => ids.map(() => people.slice(0, page?.limit ?? people.length)),
  pagination: {},
});
const rows = ($parent: AnyStep, fieldArgs: object) =>
  connection(loadMany(get($parent, 'id') as never, pages), { fieldArgs }) as AnyStep;
const ofOne = (_parent: AnyStep, fieldArgs: object) => connection(loadMany(constant('1'), pages), { fieldArgs });
const typeOf = fn('test.connectionPlaces.typeOf', (id: unknown) => (id === '2' ? 'B' : 'A'));
/** A connection for each item of a list of the request; the last one has none. */
const listOf = (_parent: AnyStep, fieldArgs: object) =>
  each(constant(['1', '2', null]), ($id) => connection(loadMany($id as AnyStep, pages), { fieldArgs })) as AnyStep;
const tables = (_parent: AnyStep, fieldArgs: object) =>
  each(constant([[], []]), () => listOf(_parent, fieldArgs)) as AnyStep;
/** The same list for each row, and of connections for the row. */
const ofParent = ($parent: AnyStep, fieldArgs: object) =>
  each(constant([1, 2]), () => rows($parent, fieldArgs)) as AnyStep;
const fields = `id: ID rows(first: Int): Rows anyRows(first: Int): AnyRows shared(first: Int): Rows
  list(first: Int): [Rows] anyList(first: Int): [AnyRows] ofParent(first: Int): [Rows]`;
const parts = 'nodes: [Thing] pageInfo: PageInfo totalCount: Int';
const plans = { rows, anyRows: rows, shared: ofOne, list: listOf, anyList: listOf, ofParent } as never;
const schema = makeSchema({
  typeDefs: `
    type Query { list: [A] things: [Thing] anyRows(first: Int): AnyRows tables(first: Int): [[Rows]] one(first: Int): Rows }
    interface Thing { ${fields} }
    type A implements Thing { ${fields} }
    type B implements Thing { ${fields} }
    type Rows { ${parts} }
    interface AnyRows { ${parts} }
    type Many implements AnyRows { ${parts} }
    type PageInfo { hasNextPage: Boolean }`,
  objects: {
    Query: {
      plans: {
        list: () => constant(people) as AnyStep,
        things: () => each(constant(['1', '2']), ($id) => object({ id: $id })) as AnyStep,
        anyRows: ofOne as never,
        tables: tables as never,
        one: ((_parent: AnyStep, fieldArgs: object) => first(listOf(_parent, fieldArgs) as never)) as never,
      },
    },
    A: { plans },
    B: { plans },
  },
  interfaces: {
    Thing: {
      planType: ($thing) => ({ $__typename: lambda(get($thing, 'id') as AnyStep, typeOf) }),
    },
    AnyRows: { planType: () => ({ $__typename: constant('Many') as never }) },
  },
});

const all = '{ nodes { id } pageInfo { hasNextPage } totalCount }';
const answer = { nodes: [{ id: '1' }, { id: '2' }], pageInfo: { hasNextPage: true }, totalCount: 3 };
const few = [{ nodes: answer.nodes }, { nodes: answer.nodes }, null];
const twice = (value: object) => ({ things: [value, value] });
for (const [place, selection, data] of [
  ['a list', `list { rows(first: $first) ${all} }`, { list: [{ rows: answer }, { rows: answer }, { rows: answer }] }],
  ['a field of an interface', `things { rows(first: $first) ${all} }`, twice({ rows: answer })],
  ['a field of interfaces below each other', `things { anyRows(first: 2) ${all} }`, twice({ anyRows: answer })],
  ['a branch', `things { ... on A { rows(first: $first) ${all} } }`, { things: [{ rows: answer }, {}] }],
  ['a branch, moved outwards', `things { ... on A { shared(first: 2) ${all} } }`, { things: [{ shared: answer }, {}] }],
  ['items of a list', 'list { list(first: 2) { nodes { id } } }', { list: [1, 2, 3].map(() => ({ list: few })) }],
  [
    'items of a list, by aliases and for the row around it',
    `list { a: ofParent(first: $first) ${all} b: ofParent(first: $first) { totalCount } }`,
    { list: [1, 2, 3].map(() => ({ a: [answer, answer], b: [{ totalCount: 3 }, { totalCount: 3 }] })) },
  ],
  ['items of lists in lists', 'tables(first: 2) { nodes { id } }', { tables: [few, few] }],
  ['items of a list behind an interface', 'things { list(first: 2) { nodes { id } } }', twice({ list: few })],
  ['items of a list, as an interface', 'things { anyList(first: 2) { nodes { id } } }', twice({ anyList: few })],
  [
    'items of a streamed list',
    'list { list(first: 2) @stream(initialCount: 1) { nodes { id } } }',
    { list: [1, 2, 3].map(() => ({ list: few })) },
  ],
  [
    'a branch of its own',
    'anyRows(first: 2) { ... on Many { pageInfo { hasNextPage } } }',
    { anyRows: { pageInfo: answer.pageInfo } },
  ],
] as const) {
  test(`a connection has its parts in ${place}`, async () => {
    const document = parse(`query ($first: Int = 2) { __typename ${selection} }`);
    const engine = createEngine({ schema });
    const expected = { data: { __typename: 'Query', ...data } };
    for (let run = 0; run < 2; run++) assert.equal(await engine.execute({ document }), expected);
    assert.equal(JSON.parse(await engine.executeToString({ document })), expected);
    const imported = createEngine({ schema });
    imported.importPlan(JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(document)))));
    assert.equal(await imported.execute({ document }), expected);
  });
}

test('a connection that another step has passed on has no parts, and says so', async () => {
  const { data, errors } = await createEngine({ schema }).execute({
    document: parse('{ one(first: 2) { nodes { id } } }'),
  });
  assert.equal(JSON.parse(JSON.stringify(data)), { one: { nodes: null } });
  assert.match(errors?.[0]?.message ?? '', /^"nodes" was read of the value of a connection, and its parts are steps/);
});

class PlusStep extends Step<number> {
  static override readonly op = 'test.connectionPlaces.plus';

  constructor($number: AnyStep, $global: AnyStep) {
    super();
    this.addDependency($number);
    this.addGlobalDependency($global);
  }

  override execute(_count: number, [numbers, global]: readonly unknown[]): readonly number[] {
    return (numbers as readonly number[]).map((number) => number + (global as number));
  }
}
registerSteps(PlusStep);

test('a global dependency is looked at once, however many ways lead to it', async () => {
  const sum = ([a, b]: readonly number[]) => (Number(a) + Number(b)) % 1000;
  const schema = makeSchema({
    typeDefs: 'type Query { rows: [Row] } type Row { sum(by: Int!): Int }',
    objects: {
      Query: { plans: { rows: () => each(constant([1, 2]), ($n) => $n) as AnyStep } },
      Row: {
        plans: {
          sum: ($row: AnyStep, { $by }: { $by: AnyStep }) => {
            let $sum = $by;
            for (let n = 0; n < 60; n++) $sum = lambda([$sum, $sum] as never, sum as never) as AnyStep;
            return new PlusStep($row, $sum) as AnyStep;
          },
        },
      },
    } as never,
  });
  const result = await createEngine({ schema }).execute({
    document: parse('query ($by: Int!) { rows { sum(by: $by) } }'),
    variableValues: { by: 1 },
  });
  let expected = 1;
  for (let n = 0; n < 60; n++) expected = sum([expected, expected]);
  assert.equal(JSON.parse(JSON.stringify(result)), {
    data: { rows: [{ sum: 1 + expected }, { sum: 2 + expected }] },
  });
});

test.run();
