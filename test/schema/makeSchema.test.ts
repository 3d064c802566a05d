import {
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  graphqlSync,
  parse,
  print,
  printSchema,
  validateSchema,
} from 'graphql';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fieldPlans } from '../../src/schema/fieldPlans.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { abstractTypePlans } from '../../src/schema/planResolvers.ts';

const plan = () => null as never;
const resolve = () => null;

function fieldOf(schema: ReturnType<typeof makeSchema>, typeName: string, name: string) {
  const field = (schema.getType(typeName) as GraphQLObjectType).getFields()[name];
  if (field === undefined) throw new Error(`no field ${typeName}.${name}`);
  return field;
}

test('a function is a plan, and hangs on its field', () => {
  const schema = makeSchema({ typeDefs: 'type Query { a: Int b: Int }', objects: { Query: { plans: { a: plan } } } });
  assert.equal(fieldOf(schema, 'Query', 'a').extensions.planql, { plan });
  assert.is(fieldPlans(fieldOf(schema, 'Query', 'a')).plan, plan);
  assert.is(fieldOf(schema, 'Query', 'a').resolve, undefined);
  assert.equal(fieldPlans(fieldOf(schema, 'Query', 'b')), {});
});

test('a field may have a plan, a subscription plan, a resolver or a subscriber', () => {
  const schema = makeSchema({
    typeDefs: 'type Query { a: Int } type Subscription { a: Int b: Int c: Int }',
    objects: {
      Query: { plans: { a: { resolve } } },
      Subscription: {
        plans: { a: { plan, subscribePlan: plan }, b: { subscribe: resolve, plan } },
        resolvers: { b: {}, c: { subscribe: resolve, resolve } },
      },
    },
  });
  assert.is(fieldOf(schema, 'Query', 'a').resolve, resolve);
  assert.equal(fieldPlans(fieldOf(schema, 'Query', 'a')), {});
  assert.equal(fieldPlans(fieldOf(schema, 'Subscription', 'a')), { plan, subscribePlan: plan });
  assert.is(fieldOf(schema, 'Subscription', 'b').subscribe, resolve);
  assert.is(fieldPlans(fieldOf(schema, 'Subscription', 'b')).plan, plan);
  assert.is(fieldOf(schema, 'Subscription', 'c').subscribe, resolve);
  assert.is(fieldOf(schema, 'Subscription', 'c').resolve, resolve);
});

test('a map of resolvers is answered by graphql-js', () => {
  const schema = makeSchema({
    typeDefs: 'type Query { hello(name: String = "you"): String }',
    objects: { Query: { resolvers: { hello: (_root, { name }) => `hello ${name}` } } },
  });
  assert.is(graphqlSync({ schema, source: '{ hello }' }).data?.hello, 'hello you');
});

test('interfaces and unions: plans and resolvers of types', () => {
  const planType = plan;
  const toSpecifier = plan;
  const resolveType = () => 'Cat';
  const isTypeOf = () => true;
  const schema = makeSchema({
    typeDefs: `type Query { pet: Pet, thing: Thing } interface Pet { name: String } union Thing = Cat
      type Cat implements Pet { name: String }`,
    interfaces: { Pet: { planType, toSpecifier, resolveType } },
    unions: { Thing: { resolveType } },
    objects: { Cat: { isTypeOf } },
  });
  const pet = schema.getType('Pet') as GraphQLInterfaceType;
  assert.equal(abstractTypePlans(pet), { planType, toSpecifier });
  assert.is(pet.resolveType, resolveType);
  assert.is((schema.getType('Thing') as GraphQLInterfaceType).resolveType, resolveType);
  assert.equal(abstractTypePlans(schema.getType('Thing') as GraphQLInterfaceType), {});
  assert.is((schema.getType('Cat') as GraphQLObjectType).isTypeOf, isTypeOf);
  const source = '{ pet { name __typename } }';
  assert.equal(
    { ...(graphqlSync({ schema, source, rootValue: { pet: { name: 'Tom' } } }).data?.pet as object) },
    {
      name: 'Tom',
      __typename: 'Cat',
    },
  );
});

test('typeDefs: text, documents and pieces that extend each other', () => {
  const pieces = [
    'type Query { a: Int }',
    parse('extend type Query { b: Color } enum Color { RED }'),
    'extend enum Color { BLUE }',
  ];
  const schema = makeSchema({
    typeDefs: pieces,
    enums: { Color: { BLUE: 'blau' } },
    objects: { Query: { plans: { b: plan } } },
  });
  assert.is(printSchema(schema), 'type Query {\n  a: Int\n  b: Color\n}\n\nenum Color {\n  RED\n  BLUE\n}');
  assert.equal(graphqlSync({ schema, source: '{ b }', rootValue: { b: 'blau' } }).data?.b, 'BLUE');
  assert.is(printSchema(makeSchema({ typeDefs: parse('type Query { a: Int }') })), 'type Query {\n  a: Int\n}');
});

test('enums and scalars with behaviour leave the rest of the schema as it was', () => {
  const typeDefs = `
    "About all."
    schema @tag(name: RED) { query: Root mutation: Change }
    directive @tag(name: Color = RED) repeatable on SCHEMA | FIELD_DEFINITION
    directive @deprecated(reason: String = "why not") on FIELD_DEFINITION | ENUM_VALUE
    type Change { set(input: Input!): Color @deprecated }
    "An id."
    scalar Id @specifiedBy(url: "https://id.example")
    input Input @oneOf { color: Color }
    type Root { node(id: Id = 7): Node }
    interface Node { id: Id! }
    type Leaf implements Node { id: Id! }
    "A colour."
    enum Color { "Like fire." RED BLUE @deprecated(reason: "sad") }
    scalar Unused
  `;
  const plain = makeSchema({ typeDefs });
  const behaviour = { enums: { Color: { RED: 1 } }, scalars: { Id: { parseValue: Number } } };
  const configured = makeSchema({ typeDefs, ...behaviour });
  assert.is(printSchema(configured), printSchema(plain));
  assert.equal(Object.keys(configured.getTypeMap()), Object.keys(plain.getTypeMap()));
  assert.is(configured.description, 'About all.');
  assert.is(configured.astNode && print(configured.astNode), plain.astNode && print(plain.astNode));
  assert.equal(
    configured.getDirectives().map(({ name }) => name),
    plain.getDirectives().map(({ name }) => name),
  );
  assert.equal(validateSchema(configured), []);
  const input = configured.getType('Input') as unknown as { isOneOf: boolean };
  assert.is(input.isOneOf, true);
});

test('inputs: hooks for applyInput', () => {
  const apply = () => {};
  const baked = () => {};
  const schema = makeSchema({
    typeDefs: 'type Query { a(i: I, o: Order): Int } input I { x: Int y: Int } enum Order { ASC DESC }',
    inputObjects: { I: { apply: { x: apply }, baked } },
    enums: { Order: { values: { ASC: 1 }, apply: { DESC: apply } } },
  });
  const type = schema.getType('I') as unknown as GraphQLObjectType;
  assert.equal(type.extensions.planql, { baked });
  assert.equal(type.getFields().x?.extensions.planql, { apply });
  assert.is(type.getFields().y?.extensions.planql, undefined);
  const order = schema.getType('Order') as import('graphql').GraphQLEnumType;
  assert.is(order.getValue('ASC')?.value, 1);
  assert.is(order.getValue('DESC')?.value, 'DESC');
  assert.equal(order.getValue('DESC')?.extensions.planql, { apply });
});

test('assumeValid skips what graphql-js would find', () => {
  const schema = makeSchema({ typeDefs: 'type Thing { a: Int }', assumeValid: true });
  assert.is(schema.getQueryType(), undefined);
});

test.run();
