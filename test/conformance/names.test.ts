import { getIntrospectionQuery } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Case, casesOf } from './roads.ts';
import { later, schemaOf } from './schemaOf.ts';

const addCases = casesOf(import.meta.url);

const awkward = [
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'prototype',
  'then',
  'length',
  'toJSON',
  '_',
  'dirname_',
  'null_',
  'true_',
  'get',
  'default',
  'arguments',
  'eval',
  '$0'.replace('$', '_'),
];
const schema = schemaOf(
  /* GraphQL */ `
  input constructor_ { constructor: Int toString: constructor_ hasOwnProperty: [Int!] = [1] }
  enum Names { constructor toString valueOf }
  type Query { self: Query ${awkward.map((name) => `${name}: Int`).join(' ')} echo(constructor: Int, toString: String = "d", hasOwnProperty: constructor_, name: Names): String list: [Query] any: Any }
  interface Any { constructor: Int toString: Int }
  type valueOf implements Any { constructor: Int toString: Int }
`,
  { Query: { fields: { echo: (_root, args) => JSON.stringify([Object.keys(args), args]) } } },
);
const data: Record<string, unknown> = Object.fromEntries(awkward.map((name, index) => [name, index]));
delete data.then;
data.list = [{ constructor: 1 }, Object.create(null), {}];
data.any = { __typename: 'valueOf', constructor: 5 };

const of = (name: string, operation: string, more: Partial<Case> = {}): Case => ({
  name,
  rules: ['R17'],
  schema,
  operation,
  rootValue: data,
  ...more,
});
const names = suite('awkward names and introspection');

const proto = schemaOf('type Query { __proto__: Int a: Int }'.replaceAll('__proto__', '_proto'));
addCases(names, [
  of('as fields', `{ ${awkward.join(' ')} self { constructor toString } }`, { rootValue: { ...data, self: data } }),
  of('long ones', `{ list { ${[20, 30, 60, 300].map((length) => `${'a'.repeat(length)}: _`).join(' ')} } }`, {
    rootValue: { list: [{ _: 1 }, {}, { _: 'x' }] },
  }),
  of('inherited ones are found, as graphql-js finds them', '{ list { constructor toString hasOwnProperty } }'),
  of(
    'as aliases',
    `{ ${awkward.map((name) => `${name}: length`).join(' ')} __proto__: length list { __proto__: constructor } }`,
  ),
  of('__proto__ over an object', '{ __proto__: list { __proto__: __typename constructor: __typename } __typename }'),
  of('__proto__ holding an error', '{ __proto__: valueOf toString: hasOwnProperty }', {
    rootValue: { valueOf: 'x', hasOwnProperty: 'y' },
  }),
  of(
    'as arguments',
    '{ echo(constructor: 1, toString: "x", hasOwnProperty: { constructor: 2, toString: { constructor: 3 } }, name: toString) e2: echo }',
  ),
  of(
    'as variables',
    'query ($constructor: Int, $toString: String, $__proto__: Int, $hasOwnProperty: constructor_, $valueOf: Names) { echo(constructor: $constructor, toString: $toString, hasOwnProperty: $hasOwnProperty, name: $valueOf) e2: echo(constructor: $__proto__) }',
    {
      variables: JSON.parse(
        '{ "constructor": 4, "__proto__": 5, "hasOwnProperty": { "toString": { "constructor": 1 } }, "valueOf": "constructor" }',
      ),
    },
  ),
  of(
    'as variables that are not given',
    'query ($constructor: Int, $toString: String) { echo(constructor: $constructor, toString: $toString) }',
    { variables: {} },
  ),
  of('as input keys that are not there', 'query ($in: constructor_) { echo(hasOwnProperty: $in) }', {
    variables: { in: JSON.parse('{ "__proto__": { "x": 1 } }') },
  }),
  of(
    'as fragments and operations',
    'query constructor { ...toString ...__proto__ } fragment toString on Query { length } fragment __proto__ on Query { valueOf }',
    { args: { operationName: 'constructor' } },
  ),
  of(
    'as conditions',
    'query ($constructor: Boolean!, $toString: Boolean! = false) { length @include(if: $constructor) valueOf @skip(if: $toString) }',
    { variables: { constructor: false } },
  ),
  of('as types', '{ any { __typename constructor toString ... on valueOf { c: constructor } } }'),
  of('fields that no type has', '{ __proto__ isPrototypeOf list { propertyIsEnumerable } }'),
  {
    name: 'an object with a null prototype',
    rules: ['R17'],
    schema: proto,
    operation: '{ a _proto }',
    rootValue: Object.assign(Object.create(null), { a: 1 }),
  },
]);

names('nothing was written to Object.prototype', () => {
  assert.equal(Object.keys(Object.prototype), []);
  assert.is(({} as Record<string, unknown>).x, undefined);
});

const rich = schemaOf(/* GraphQL */ `
  "a directive" directive @tag(name: String! = "x", n: [Int!]) repeatable on FIELD_DEFINITION | OBJECT
  "an enum" enum Level { LOW @deprecated HIGH @deprecated(reason: "too high") }
  scalar Url @specifiedBy(url: "https://example.com")
  input Filter { level: Level = LOW, tags: [String!] = ["a", "b"], nested: Filter }
  interface Node { id: ID! }
  interface Named implements Node { id: ID! name(long: Boolean = false): String }
  "a user" type User implements Node & Named { id: ID! name(long: Boolean = false): String level: Level url: Url old: Int @deprecated(reason: "old") }
  type Group { members: [User!]! }
  union Member = User | Group
  type Query { user(filter: Filter = { level: HIGH }): User member: Member node: Node }
  type Mutation { touch: Int }
  type Subscription { ticks: Int }
`);
const introspected = (name: string, operation: string, more: Partial<Case> = {}): Case => ({
  name,
  rules: ['R17'],
  schema: rich,
  operation,
  rootValue: { user: { id: 1, name: 'n', level: 'LOW', url: 'u' }, member: { __typename: 'User', id: 2 } },
  ...more,
});
addCases(names, [
  introspected(
    'the full introspection query',
    getIntrospectionQuery({
      descriptions: true,
      directiveIsRepeatable: true,
      inputValueDeprecation: true,
      schemaDescription: true,
      specifiedByUrl: true,
      oneOf: true,
    }),
  ),
  introspected(
    'mixed with data',
    '{ user { id } __schema { queryType { name } types { name kind } } __typename member { ... on User { id __typename } } }',
  ),
  introspected(
    'one type',
    '{ __type(name: "User") { name description fields { name } all: fields(includeDeprecated: true) { name isDeprecated deprecationReason type { kind name ofType { name } } args { name defaultValue } } interfaces { name } possibleTypes { name } } }',
  ),
  introspected(
    'by a variable',
    'query ($name: String!) { __type(name: $name) { name kind enumValues(includeDeprecated: true) { name isDeprecated } inputFields { name defaultValue } possibleTypes { name } } }',
    { variables: { name: 'Level' } },
  ),
  introspected('a type that is not there', '{ __type(name: "Nope") { name } t2: __type(name: "toString") { name } }'),
  introspected('__type without a name', '{ __type { name } user { id } }'),
  introspected('of types of introspection', '{ __type(name: "__Type") { name fields { name type { name } } } }'),
  introspected(
    'fragments over it',
    '{ __schema { ...S directives { name args { ...A } locations isRepeatable } } } fragment S on __Schema { types { ...T } } fragment T on __Type { name kind ofType { name } enumValues { name } } fragment A on __InputValue { name type { name kind } defaultValue }',
  ),
  introspected('below the root it is no field', '{ user { __schema { queryType { name } } id } }'),
  introspected(
    'conditions in it',
    'query ($v: Boolean!) { __schema @include(if: $v) { queryType { name @skip(if: $v) kind } } }',
    { variables: { v: true } },
  ),
  introspected('in a mutation', 'mutation { __typename touch }', { rootValue: { touch: () => later(1) } }),
]);

names.run();
