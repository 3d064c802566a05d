import { buildSchema, execute as graphqlExecute, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { compareResults } from '../conformance/compareResults.ts';

/** A schema in which everything is reached from everywhere: objects that all implement one interface. */
function schemaOfSize(types: number): ReturnType<typeof buildSchema> {
  const objects = Array.from({ length: types }, (_, n) => {
    const next = (n + 1) % types;
    return `type T${n} implements Node { id: ID! n${n}: Int next: T${next} node: Node any: Any arg(in: In${n}): String }
      input In${n} { a: Int = ${n} b: In${next} }`;
  });
  const union = Array.from({ length: types }, (_, n) => `T${n}`).join(' | ');
  return buildSchema(`interface Node { id: ID! } union Any = ${union} type Query { t0: T0 node: Node nodes: [Node!]! any: Any }
    ${objects.join('\n')}`);
}

const small = schemaOfSize(20);
const large = schemaOfSize(1500);
const operations = [
  '{ t0 { id next { id next { id n2 arg(in: { b: { b: { a: 1 } } }) } } } }',
  '{ nodes { id __typename ... on T3 { n3 next { n4 } } ... on T4 { n4 } ... on Node { id } } any { __typename } }',
  '{ node { ... on T1 { node { ... on T2 { node { id } } } } } }',
];
const node = (n: number, more: object = {}): object => ({ __typename: `T${n}`, id: n, [`n${n}`]: n, ...more });
const rootValue = {
  t0: { id: 0, next: { id: 1, next: { ...node(2), arg: ({ in: given }: { in: object }) => JSON.stringify(given) } } },
  nodes: [node(3, { next: { n4: 44 } }), node(4), node(5)],
  any: node(6),
  node: node(1, { node: node(2, { node: node(7) }) }),
};

const test = suite('schemas of 1,500 types');

for (const operation of operations) {
  test(`answers as graphql-js does: ${operation}`, () => {
    const document = parse(operation);
    const expected = graphqlExecute({ schema: large, document, rootValue }) as never;
    const actual = createEngine({ schema: large }).execute({ document, rootValue }) as never;
    assert.is(compareResults(expected, actual, true), null);
  });

  test(`a plan is as large as in a schema of 20 types: ${operation} [R2 R7]`, () => {
    const sizes = [small, large].map((schema) => {
      const engine = createEngine({ schema });
      engine.execute({ document: parse(operation), rootValue });
      const { steps, layers, outputs, guards } = engine.prepare(parse(operation)).plan;
      return { sizes: [steps, layers, outputs, guards].map(({ length }) => length), ...engine.stats().planCache };
    });
    assert.equal(sizes[1], sizes[0]);
  });
}

test('planning asks each type at most once for each field of an abstract selection', () => {
  const schema = schemaOfSize(1500);
  let asked = 0;
  for (const type of Object.values(schema.getTypeMap())) {
    if (!('getFields' in type) || type.name.startsWith('__')) continue;
    const getFields = type.getFields.bind(type);
    Object.assign(type, {
      getFields() {
        asked++;
        return getFields();
      },
    });
  }
  const engine = createEngine({ schema });
  engine.execute({ document: parse('{ __typename }') }); // validates the schema, once
  asked = 0;
  const document = parse('{ nodes { id ... on T3 { next { n4 } } } again: nodes { id ... on T3 { next { n4 } } } }');
  engine.execute({ document, rootValue });
  assert.ok(asked < 2 * 1500 + 50, `${asked} times`);
  asked = 0;
  engine.execute({ document, rootValue });
  assert.is(asked, 0, 'a plan that is there asks nothing');
});

test.run();
