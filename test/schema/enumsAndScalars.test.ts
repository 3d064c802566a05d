import { GraphQLError, GraphQLScalarType, graphqlSync, type IntValueNode, Kind, printSchema } from 'graphql';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import type { SchemaConfig } from '../../src/schema/SchemaConfig.ts';

/** A schema whose field `seen` tells its arguments as JSON, and `echo` gives the root value's. */
function seeing(args: string, rest: string, config: Omit<SchemaConfig, 'typeDefs'>, result = 'Int') {
  const schema = makeSchema({
    typeDefs: `type Query { seen${args}: String echo: ${result} } ${rest}`,
    objects: { Query: { resolvers: { seen: (_root, seen) => JSON.stringify(seen) } } },
    ...config,
  });
  return (source: string, variableValues: Record<string, unknown> = {}, echo: unknown = null) => {
    const { data, errors } = graphqlSync({ schema, source, variableValues, rootValue: { echo } });
    if (errors !== undefined) throw new GraphQLError(errors.map(({ message }) => message).join('\n'));
    return data?.seen === undefined ? data?.echo : JSON.parse(data.seen as string);
  };
}

const order = 'enum Order { ASC DESC }';

test('internal values of enums are read and written', () => {
  for (const Order of [{ ASC: 1, DESC: -1 }, { values: { ASC: 1, DESC: -1 } }]) {
    const run = seeing('(order: Order, orders: [Order!])', order, { enums: { Order } }, 'Order');
    assert.equal(run('{ seen(order: DESC, orders: [ASC, DESC]) }'), { order: -1, orders: [1, -1] });
    assert.equal(run('query ($o: Order) { seen(order: $o) }', { o: 'DESC' }), { order: -1 });
    assert.is(run('{ echo }', {}, -1), 'DESC');
    assert.throws(() => run('{ echo }', {}, 'DESC'), 'Enum "Order" cannot represent value: "DESC"');
  }
});

test('any value may be internal: null, objects, numeric enums of TypeScript', () => {
  const asc = { direction: 'up' };
  const run = seeing('(order: Order)', order, { enums: { Order: { ASC: asc, DESC: null } } }, 'Order');
  assert.equal(run('{ seen(order: ASC) }'), { order: asc });
  assert.equal(run('{ seen(order: DESC) }'), { order: null });
  assert.is(run('{ echo }', {}, asc), 'ASC');

  const numeric = { ASC: 0, DESC: 1, 0: 'ASC', 1: 'DESC' };
  assert.equal(seeing('(order: Order)', order, { enums: { Order: numeric } })('{ seen(order: ASC) }'), { order: 0 });
});

test('an enum whose values are called "values" and "apply"', () => {
  const run = seeing('(w: Word)', 'enum Word { values apply }', { enums: { Word: { values: 1, apply: 2 } } });
  assert.equal(run('{ seen(w: apply) }'), { w: 2 });
});

test('default values of arguments are internal values', () => {
  const run = seeing('(order: Order = ASC, orders: [Order] = [DESC])', order, {
    enums: { Order: { ASC: 1, DESC: -1 } },
  });
  assert.equal(run('{ seen }'), { order: 1, orders: [-1] });
  assert.equal(run('query ($o: Order = DESC) { seen(order: $o) }'), { order: -1, orders: [-1] });
});

test('default values of input objects are internal values, at every depth', () => {
  const rest = `input A { b: B! = { order: DESC } order: Order = DESC } input B { order: Order c: C = {} }
    input C { at: Moment = "2020-01-01" } scalar Moment ${order}`;
  const run = seeing('(a: A! = { order: ASC })', rest, {
    enums: { Order: { ASC: 1, DESC: -1 } },
    scalars: {
      Moment: { parseValue: (text) => ({ year: Number(text.slice(0, 4)) }), serialize: ({ year }) => `${year}-01-01` },
    },
  });
  const c = { at: { year: 2020 } };
  assert.equal(run('{ seen }'), { a: { order: 1, b: { order: -1, c } } });
  assert.equal(run('{ seen(a: {}) }'), { a: { b: { order: -1, c }, order: -1 } });
  assert.equal(run('{ seen(a: { b: { c: { at: "1999-12-31" } } }) }'), {
    a: { b: { c: { at: { year: 1999 } } }, order: -1 },
  });
});

test('default values are printed and introspected as they were written', () => {
  const typeDefs = `type Query {\n  a(order: Order = ASC, at: Moment = "2020"): Int\n}\n\nenum Order {\n  ASC\n}\n\nscalar Moment`;
  const schema = makeSchema({
    typeDefs,
    enums: { Order: { ASC: 1 } },
    scalars: { Moment: { parseValue: (text) => ({ text }), serialize: ({ text }) => text } },
  });
  assert.is(printSchema(schema), typeDefs);
  const source = '{ __type(name: "Query") { fields { args { defaultValue } } } }';
  assert.equal(JSON.parse(JSON.stringify(graphqlSync({ schema, source }).data)), {
    __type: { fields: [{ args: [{ defaultValue: 'ASC' }, { defaultValue: '"2020"' }] }] },
  });
});

const double = (value: number) => value * 2;
const half = (value: number) => value / 2;
const doubleLiteral = (node: IntValueNode) => Number(node.value) * 2;

for (const [names, Twice] of Object.entries({
  'of graphql 16': { serialize: half, parseValue: double, parseLiteral: doubleLiteral },
  'of graphql 17': { coerceOutputValue: half, coerceInputValue: double, coerceInputLiteral: doubleLiteral },
  'without a reader of literals': { serialize: half, parseValue: double },
  'without a reader of literals, of graphql 17': { coerceOutputValue: half, coerceInputValue: double },
  mixed: { coerceOutputValue: half, parseValue: double, coerceInputLiteral: doubleLiteral },
  'of a type': new GraphQLScalarType({
    name: 'Other',
    serialize: half as never,
    parseValue: double as never,
    parseLiteral: doubleLiteral as never,
  }),
})) {
  test(`a scalar by the names ${names}`, () => {
    const run = seeing('(a: Twice = 3, list: [Twice] = [1])', 'scalar Twice', { scalars: { Twice } }, 'Twice');
    assert.equal(run('{ seen }'), { a: 6, list: [2] });
    assert.equal(run('{ seen(a: 4) }'), { a: 8, list: [2] });
    assert.equal(run('query ($a: Twice, $b: Twice = 5) { seen(a: $a, list: [$a, $b]) }', { a: 7 }), {
      a: 14,
      list: [14, 10],
    });
    assert.is(run('{ echo }', {}, 42), 21);
  });
}

test('coerceInputLiteral is never given a variable', () => {
  const kinds: string[] = [];
  const scalars = {
    Json: {
      coerceInputValue: (value: unknown) => ({ value }),
      coerceInputLiteral: (node: { kind: string; fields?: readonly { value: { kind: string } }[] }) => {
        kinds.push(node.kind, ...(node.fields ?? []).map(({ value }) => value.kind));
        return { literal: node.kind };
      },
    },
  };
  const run = seeing('(a: Json)', 'scalar Json', { scalars });
  assert.equal(run('{ seen(a: { x: 1 }) }'), { a: { literal: Kind.OBJECT } });
  const mixed = run('query ($x: Json) { seen(a: { x: $x, y: [$x, 1] }) }', { x: 1 });
  assert.ok(mixed.a.literal === Kind.OBJECT || mixed.a.value !== undefined);
  assert.not(kinds.includes(Kind.VARIABLE));
});

test('what the SDL says of a scalar comes first', () => {
  const config = { description: 'From code.', specifiedByURL: 'https://code.example', extensions: { mine: 1 } };
  const schema = makeSchema({
    typeDefs: 'type Query { a: A b: B } scalar A "From SDL." scalar B @specifiedBy(url: "https://sdl.example")',
    scalars: { A: config, B: config },
  });
  const [a, b] = ['A', 'B'].map((name) => schema.getType(name) as GraphQLScalarType);
  assert.equal([a?.description, a?.specifiedByURL], ['From code.', 'https://code.example']);
  assert.equal([b?.description, b?.specifiedByURL], ['From SDL.', 'https://sdl.example']);
  assert.is(a?.extensions.mine, 1);
});

test.run();
