import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AnyStep,
  constant,
  createEngine,
  type Engine,
  each,
  fn,
  get,
  lambda,
  loader,
  loadMany,
  loadOne,
  makeSchema,
} from '../../src/index.ts';

const test = suite('steps of planType that planForType uses when types are met later [R2, R5, R6]');

interface Thing {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
}

const things: readonly Thing[] = ['a', 'c'].map((id) => ({ id, kind: id.toUpperCase(), name: `name ${id}` }));
const thingOf = new Map(things.map((thing) => [thing.id, thing]));

let calls = 0;
const byId = loader<Thing, string>({
  name: 'test.captured.byId',
  load: (ids) => {
    calls++;
    return ids.map((id) => thingOf.get(id) ?? null);
  },
});
const listOf = loader<readonly Thing[], string>({
  name: 'test.captured.list',
  load: (names) => names.map(() => things),
});
const kindOf = fn('test.captured.kind', (kind: unknown) => kind);

type Plan = (...steps: AnyStep[]) => AnyStep;
const planTypes: Record<string, ($thing: AnyStep) => { readonly $own: () => AnyStep }> = {
  'one step': ($thing) => {
    const $id = get($thing, 'id');
    return { $own: () => loadOne($id, byId) as AnyStep };
  },
  'a chain of steps': ($thing) => {
    const $own = loadOne(get($thing, 'id'), byId) as AnyStep;
    return { $own: () => $own };
  },
};

function schemaOf(name: string) {
  const shared: Plan = () => loadMany(constant('x'), listOf) as AnyStep;
  return makeSchema({
    typeDefs: `
      type Query { things(ids: [ID!]!): [Thing] }
      interface Thing { id: ID name: String shared: [Thing] }
      type A implements Thing { id: ID name: String shared: [Thing] }
      type C implements Thing { id: ID name: String shared: [Thing] }`,
    objects: {
      Query: {
        plans: {
          things: (_root: AnyStep, { $ids }: { $ids: AnyStep }) =>
            each($ids, ($id) => loadOne($id, byId) as AnyStep) as AnyStep,
        },
      },
      A: { plans: { shared } },
      C: { plans: { shared } },
    } as never,
    interfaces: {
      Thing: {
        planType: ($thing: AnyStep) => {
          const { $own } = (planTypes[name] as (typeof planTypes)[string])($thing);
          return { $__typename: lambda(get($thing, 'kind'), kindOf as never), planForType: $own };
        },
      },
    } as never,
  });
}

const operations = [
  '... on A @include(if: $on) { shared { id name } } ... on C { shared { id name } }',
  'id @include(if: $on) ... on A { name } ... on C { id }',
  '... on A @include(if: $on) { id name } ... on C @skip(if: $on) { name }',
  '... on A { shared @include(if: $on) { ... on A { name } ... on C { id shared { name } } } } ... on C { name }',
];

const turns = [
  [true, false],
  [false, true, false],
] as const;

for (const name of Object.keys(planTypes)) {
  for (const selections of operations) {
    test(`${name}: ${selections}`, async () => {
      const schema = schemaOf(name);
      const document = parse(`query ($ids: [ID!]!, $on: Boolean!) { things(ids: $ids) { ${selections} } }`);
      const answer = async (engine: Engine, ids: readonly string[], on: boolean): Promise<string> => {
        const args = { document, variableValues: { ids, on } };
        const text = await engine.executeToString(args);
        assert.equal(JSON.parse(text), JSON.parse(JSON.stringify(await engine.execute(args))));
        assert.not.match(text, '"errors"');
        assert.not.match(text, 'null');
        return text;
      };
      for (const codegen of ['never', 'always', 'auto'] as const) {
        for (const flags of turns) {
          for (const ids of [['c', 'a'], ['a', 'c'], ['a'], ['c']]) {
            const engine = createEngine({ schema, codegen });
            const imported = createEngine({ schema, codegen });
            for (const on of flags) {
              // Each of these plans has met the types of one request only.
              const expected = await answer(createEngine({ schema, codegen: 'never' }), ids, on);
              assert.is(await answer(engine, ids, on), expected, `${codegen}: ${ids}, ${on} in ${flags}`);
              imported.importPlan(JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(document)))));
              assert.is(await answer(imported, ids, on), expected, `imported: ${codegen}: ${ids}, ${on} in ${flags}`);
            }
          }
        }
      }
    });
  }
}

test('a step that no branch needs does not run', async () => {
  const engine = createEngine({ schema: schemaOf('a chain of steps') });
  const document = parse('query ($ids: [ID!]!) { things(ids: $ids) { __typename } }');
  for (let run = 0; run < 3; run++) {
    calls = 0;
    await engine.execute({ document, variableValues: { ids: ['a', 'c'] } });
    assert.is(calls, 1);
  }
});

test.run();
