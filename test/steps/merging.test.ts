import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AnyStep,
  connection,
  constant,
  createEngine,
  type Engine,
  each,
  get,
  lambda,
  loader,
  loadMany,
  loadOne,
  makeSchema,
  object,
  registerSteps,
  Step,
} from '../../src/index.ts';
import { eventually, runner } from './support.ts';

/** Equal steps become one late, when what is read of each of them is known: the one that stays must give all of it. */
const test = suite('steps that become one');

let attributes: (readonly string[] | null)[] = [];
const userById = loader<object, string>({
  name: 'test.merging.user',
  load: (ids, info) => {
    attributes.push(info.attributes);
    return ids.map((id) => ({ id, name: `name ${id}`, email: `email ${id}` }));
  },
});
const friendsOf = loader<readonly object[], string>({
  name: 'test.merging.friends',
  load: (ids, info) => {
    attributes.push(info.attributes);
    return ids.map(() => [
      { id: '1', name: 'a' },
      { id: '2', name: 'b' },
    ]);
  },
  pagination: { cursor: ({ id }: { id: string }) => id } as never,
});

const boss = () => loadOne(constant('1'), userById) as never;
const page = () => connection(loadMany(constant('1'), friendsOf), {}) as never;
const run = runner({
  typeDefs: `
    type Query { boss: User rows: [Row] page: Items whole: String }
    type Row { boss: User page: Items whole: String }
    type User { id: ID name: String email: String }
    type Items { nodes: [User] edges: [Edge] pageInfo: PageInfo }
    type Edge { node: User cursor: String }
    type PageInfo { hasNextPage: Boolean endCursor: String }`,
  plans: {
    Query: {
      boss,
      page,
      rows: () => each(constant([1, 2]), ($n) => $n),
      whole: () => lambda(boss(), (user) => JSON.stringify(user)),
    },
    Row: { boss, page, whole: () => lambda(boss(), (user) => JSON.stringify(user)) },
    User: {},
  },
});

const user = { id: '1', name: 'name 1', email: 'email 1' };

test('a load in a list that is hoisted to another one asks for what both are read for', async () => {
  attributes = [];
  const { data, errors } = await eventually(run('{ boss { name } rows { boss { email } } }'));
  const row = { boss: { email: user.email } };
  assert.equal([data, errors], [{ boss: { name: user.name }, rows: [row, row] }, []]);
  assert.equal(
    attributes.map((names) => [...(names ?? [])].sort()),
    [['email', 'name']],
  );
});

test('what is read as a whole is loaded as a whole', async () => {
  attributes = [];
  const { data, errors } = await eventually(run('{ boss { name } rows { whole } }'));
  const row = { whole: JSON.stringify(user) };
  assert.equal([data, errors], [{ boss: { name: user.name }, rows: [row, row] }, []]);
  assert.equal(attributes, [null]);
});

test('a connection that is hoisted to another one has cursors where one of them wants them', async () => {
  const { data, errors } = await eventually(
    run(
      '{ page { edges { node { name } } pageInfo { hasNextPage } } rows { page { edges { cursor } pageInfo { endCursor } } } }',
    ),
  );
  assert.equal(errors, []);
  const { page: outer, rows } = data as {
    page: { edges: unknown[]; pageInfo: unknown };
    rows: { page: { edges: { cursor: string }[]; pageInfo: { endCursor: string } } }[];
  };
  assert.equal(outer, { edges: [{ node: { name: 'a' } }, { node: { name: 'b' } }], pageInfo: { hasNextPage: false } });
  for (const { page: inner } of rows) {
    assert.ok(inner.edges.every(({ cursor }) => typeof cursor === 'string'));
    assert.is(inner.pageInfo.endCursor, inner.edges[1]?.cursor);
  }
});

/** Needs of equal steps, which one call answers: the one that stays must have been told of them before its plan is written. */
class CountsStep extends Step<Record<string, number>> {
  static override readonly op = 'test.merging.counts';
  readonly #names: Set<string>;

  constructor(name: string) {
    super();
    this.#names = new Set([name]);
  }

  override peerKey(): string {
    return '';
  }

  override deduplicatedWith(peer: Step): void {
    if (peer instanceof CountsStep) for (const name of this.#names) peer.#names.add(name);
  }

  override finalize(): void {
    this.params = { names: [...this.#names].sort() };
  }

  override execute(count: number): readonly Record<string, number>[] {
    const names = this.params.names as string[];
    return new Array(count).fill(Object.fromEntries(names.map((name) => [name, name.length])));
  }
}
registerSteps(CountsStep);

const counted = (name: string): AnyStep => get(new CountsStep(name), name) as AnyStep;
const people = [{ id: '1' }, { id: '2' }, { id: '3' }];
const pagesOf = loader<readonly object[], string>({
  name: 'test.merging.pages',
  load: (ids, { page }) => ids.map(() => people.slice(0, page?.limit ?? people.length)),
  pagination: {},
});
const items = () => connection(loadMany(constant('1'), pagesOf), { first: constant(1) as never }) as never;
const ofTypes = makeSchema({
  typeDefs: `
    type Query { things(types: [String!]!): [Thing!]! }
    interface Thing { rows: [Row] }
    type A implements Thing { rows: [Row] }
    type B implements Thing { rows: [Row] }
    type Row { likes: Int views: Int shares: Int page: Items boss: User }
    type User { id: ID name: String email: String }
    type Items { nodes: [User] pageInfo: PageInfo edges: [Edge] }
    type Edge { cursor: String }
    type PageInfo { hasNextPage: Boolean hasPreviousPage: Boolean endCursor: String }`,
  objects: {
    Query: {
      plans: {
        things: (_root: AnyStep, { $types }: { $types: AnyStep }) =>
          each($types, ($type) => object({ type: $type })) as AnyStep,
      },
    },
    A: { plans: { rows: () => constant([1, 2]) as AnyStep } },
    B: { plans: { rows: () => constant([1, 2]) as AnyStep } },
    Row: {
      plans: {
        likes: () => counted('likes'),
        views: () => counted('views'),
        shares: () => counted('shares'),
        page: items,
        boss,
      },
    },
    User: {},
  } as never,
  interfaces: { Thing: { planType: ($thing: AnyStep) => ({ $__typename: get($thing, 'type') }) } } as never,
});

for (const [needs, ofA, ofB] of [
  ['counters', 'likes', 'views likes shares'],
  ['pages', 'page { nodes { id } }', 'page { edges { cursor } pageInfo { hasNextPage endCursor } }'],
  ['attributes', 'boss { name }', 'boss { email id }'],
] as const) {
  test(`steps of a type that is met later do not become one with steps that run already: ${needs}`, async () => {
    const text = `query ($types: [String!]!) { things(types: $types) { ... on A { rows { ${ofA} } } ... on B { rows { ${ofB} } } } }`;
    const document = parse(text);
    const answer = async (engine: Engine, types: readonly string[]) => {
      const args = { document, variableValues: { types } };
      const result = JSON.parse(JSON.stringify(await engine.execute(args)));
      assert.equal(JSON.parse(await engine.executeToString(args)), result);
      assert.is(result.errors, undefined, JSON.stringify(result.errors));
      return result.data.things;
    };
    const fresh = createEngine({ schema: ofTypes });
    const [a] = await answer(fresh, ['A']);
    const [b] = await answer(createEngine({ schema: ofTypes }), ['B']);
    for (const codegen of ['never', 'always', 'auto'] as const) {
      for (const order of [
        ['A', 'B'],
        ['B', 'A'],
        ['A', 'A', 'B', 'A'],
      ]) {
        const engine = createEngine({ schema: ofTypes, codegen });
        const imported = createEngine({ schema: ofTypes, codegen });
        for (const type of order) {
          assert.equal(await answer(engine, [type]), [type === 'A' ? a : b], `${codegen} ${order}: ${type}`);
          imported.importPlan(JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(document)))));
          assert.equal(await answer(imported, ['A', 'B']), [a, b], `imported: ${codegen} ${order}`);
        }
        assert.equal(await answer(engine, ['B', 'A']), [b, a]);
      }
    }
  });
}

test.run();
