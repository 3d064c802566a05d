import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AnyStep,
  connection,
  constant,
  createEngine,
  each,
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
const fields = 'id: ID rows(first: Int): Rows anyRows(first: Int): AnyRows shared(first: Int): Rows';
const parts = 'nodes: [Thing] pageInfo: PageInfo totalCount: Int';
const plans = { rows, anyRows: rows, shared: ofOne } as never;
const schema = makeSchema({
  typeDefs: `
    type Query { list: [A] things: [Thing] anyRows(first: Int): AnyRows }
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
const twice = (value: object) => ({ things: [value, value] });
for (const [place, selection, data] of [
  ['a list', `list { rows(first: $first) ${all} }`, { list: [{ rows: answer }, { rows: answer }, { rows: answer }] }],
  ['a field of an interface', `things { rows(first: $first) ${all} }`, twice({ rows: answer })],
  ['a field of interfaces below each other', `things { anyRows(first: 2) ${all} }`, twice({ anyRows: answer })],
  ['a branch', `things { ... on A { rows(first: $first) ${all} } }`, { things: [{ rows: answer }, {}] }],
  ['a branch, moved outwards', `things { ... on A { shared(first: 2) ${all} } }`, { things: [{ shared: answer }, {}] }],
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
