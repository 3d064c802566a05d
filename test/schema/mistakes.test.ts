import { versionInfo } from 'graphql';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { SchemaError } from '../../src/schema/SchemaError.ts';

const plan = () => null as never;
const resolve = () => null;

const typeDefs = `
  type Query { user(id: ID, filter: Filter, color: Color): User pet: Pet thing: Thing }
  type User { name: String friends: [User] }
  type Subscription { changed: User }
  interface Pet { name: String }
  type Cat implements Pet { name: String }
  union Thing = User | Cat
  input Filter { name: String at: Moment }
  enum Color { RED BLUE }
  scalar Moment
`;

/** The problems of a configuration, each as one line. */
function problemsOf(config: object): string[] {
  try {
    makeSchema({ typeDefs, ...config });
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    assert.is(error.code, 'INVALID_SCHEMA');
    return error.problems.map(({ coordinate, message }) =>
      coordinate === null ? message : `${coordinate}: ${message}`,
    );
  }
  return [];
}

const cases: Record<string, [config: object, ...problems: string[]]> = {
  'unknown types': [
    { objects: { Usr: {} }, interfaces: { Pets: {} }, unions: { X: {} }, inputObjects: { Filtre: {} } },
    'Usr: The schema has no type "Usr". Did you mean "User"?',
    'Pets: The schema has no type "Pets". Did you mean "Pet"?',
    'X: The schema has no type "X".',
    'Filtre: The schema has no type "Filtre". Did you mean "Filter"?',
  ],
  'unknown enums and scalars': [
    { enums: { Colour: {} }, scalars: { Momnt: {} } },
    'Colour: The schema has no type "Colour". Did you mean "Color"?',
    'Momnt: The schema has no type "Momnt". Did you mean "Moment"?',
  ],
  'unknown members': [
    {
      objects: { User: { plans: { nmae: plan }, resolvers: { freinds: resolve } } },
      inputObjects: { Filter: { apply: { nam: resolve } } },
      enums: { Color: { REDD: 1 } },
    },
    'Color.REDD: The enum "Color" has no value "REDD". Did you mean "RED"?',
    'User.nmae: The type "User" has no field "nmae". Did you mean "name"?',
    'User.freinds: The type "User" has no field "freinds". Did you mean "friends"?',
    'Filter.nam: The input type "Filter" has no field "nam". Did you mean "name" or "at"?',
  ],
  'names that every object has': [
    {
      objects: { User: { plans: { toString: plan } }, constructor: {} },
      enums: { Color: { values: {}, apply: { valueOf: plan } } },
    },
    'Color.valueOf: The enum "Color" has no value "valueOf".',
    'constructor: The schema has no type "constructor".',
    'User.toString: The type "User" has no field "toString".',
  ],
  'the wrong kind': [
    {
      objects: { Pet: {}, Thing: {}, Filter: {}, Color: {}, Moment: {} },
      interfaces: { User: {} },
    },
    'Pet: "Pet" is an interface, configure it under "interfaces".',
    'Thing: "Thing" is a union, configure it under "unions".',
    'Filter: "Filter" is an input object type, configure it under "inputObjects".',
    'Color: "Color" is an enum, configure it under "enums".',
    'Moment: "Moment" is a scalar, configure it under "scalars".',
    'User: "User" is an object type, configure it under "objects".',
  ],
  'types of GraphQL itself': [
    { scalars: { ID: {} }, enums: { __TypeKind: {} } },
    '__TypeKind: "__TypeKind" is built into GraphQL and cannot be configured.',
    'ID: "ID" is built into GraphQL and cannot be configured.',
  ],
  'plans that are no functions': [
    { objects: { Query: { plans: { user: 5, pet: undefined, thing: { plan: 'x', resolve: undefined } } } } },
    'Query.user: Its entry in "plans" must be a function or an object with "plan", "batch", "subscribePlan", "resolve" or "subscribe", but is 5.',
    'Query.pet: Its entry in "plans" must be a function or an object with "plan", "batch", "subscribePlan", "resolve" or "subscribe", but is undefined.',
    'Query.thing: "plan" must be a function, but is "x".',
    'Query.thing: "resolve" must be a function, but is undefined.',
  ],
  'resolvers that are no functions': [
    { objects: { Query: { resolvers: { user: null, pet: { plan } } } } },
    'Query.user: Its entry in "resolvers" must be a function or an object with "resolve" or "subscribe", but is null.',
    'Query.pet: A field has no setting "plan".',
  ],
  'plans that are asynchronous': [
    {
      objects: {
        Query: {
          plans: {
            user: async () => null,
            pet: { plan: function* () {} },
            thing: { plan: async function* () {} },
          },
        },
        Subscription: { plans: { changed: { subscribePlan: async () => null } } },
      },
      unions: { Thing: { planType: async () => null } },
    },
    'Query.user: "plan" is an async function, but a plan resolver returns at once. Load inside a step.',
    'Query.pet: "plan" is a generator function, but a plan resolver returns at once. Load inside a step.',
    'Query.thing: "plan" is a generator function, but a plan resolver returns at once. Load inside a step.',
    'Subscription.changed: "subscribePlan" is an async function, but a plan resolver returns at once. Load inside a step.',
    'Thing: "planType" is an async function, but a plan resolver returns at once. Load inside a step.',
  ],
  'plan and resolver on one field': [
    {
      objects: {
        Query: {
          plans: { user: { plan, resolve }, pet: plan, thing: { resolve } },
          resolvers: { pet: resolve, thing: resolve },
        },
        Subscription: { plans: { changed: { subscribePlan: plan, subscribe: resolve } } },
      },
    },
    'Query.thing: It has "resolve" both in "plans" and in "resolvers".',
    'Query.user: It has both "plan" and "resolve". Remove one of them.',
    'Query.pet: It has both "plan" and "resolve". Remove one of them.',
    'Subscription.changed: It has both "subscribePlan" and "subscribe". Remove one of them.',
  ],
  'subscriptions elsewhere': [
    { objects: { Query: { plans: { user: { subscribePlan: plan }, pet: { subscribe: resolve } } } } },
    'Query.user: "subscribePlan" is for fields of the subscription type, "Subscription".',
    'Query.pet: "subscribe" is for fields of the subscription type, "Subscription".',
  ],
  'subscriptions in a schema without them': [
    { typeDefs: 'type Query { a: Int }', objects: { Query: { plans: { a: { subscribePlan: plan } } } } },
    'Query.a: "subscribePlan" is for fields of the subscription type, and this schema has none.',
  ],
  'unknown settings': [
    {
      object: {},
      objects: { User: { plan: {} }, Query: { plans: { user: { plna: plan } } } },
      interfaces: { Pet: { planTyp: plan } },
      inputObjects: { Filter: { aply: {} } },
      scalars: { Moment: { serialise: plan } },
    },
    'makeSchema has no setting "object". Did you mean "objects"?',
    'Moment: "Moment" has no setting "serialise". Did you mean "serialize"?',
    'User: "User" has no setting "plan". Did you mean "plans"?',
    'Query.user: A field has no setting "plna". Did you mean "plan"?',
    'Pet: "Pet" has no setting "planTyp". Did you mean "planType"?',
    'Filter: "Filter" has no setting "aply". Did you mean "apply"?',
  ],
  'entries that are no objects': [
    {
      objects: { User: plan, Query: { plans: [] } },
      interfaces: [],
      unions: { Thing: null },
      inputObjects: { Filter: { apply: 1 } },
      scalars: 'none',
    },
    '"scalars" must be an object with an entry for each type, but is "none".',
    'User: Its entry under "objects" must be an object, but is [function plan].',
    'Query: "plans" must be an object with an entry for each field, but is [].',
    '"interfaces" must be an object with an entry for each type, but is [].',
    'Thing: Its entry under "unions" must be an object, but is null.',
    'Filter: "apply" must be an object with an entry for each field, but is 1.',
  ],
  'hooks that are no functions': [
    {
      objects: { User: { isTypeOf: true } },
      interfaces: { Pet: { planType: 1, toSpecifier: 2, resolveType: 'Cat' } },
      unions: { Thing: { toSpecifier: plan } },
      inputObjects: { Filter: { apply: { name: 'x' }, baked: {} } },
      enums: { Color: { apply: { RED: 'x' } } },
      scalars: { Moment: { serialize: 1 } },
    },
    'Color.RED: "apply" must be a function, but is "x".',
    'Moment: "serialize" must be a function, but is 1.',
    'User: "isTypeOf" must be a function, but is true.',
    'Pet: "planType" must be a function, but is 1.',
    'Pet: "toSpecifier" must be a function, but is 2.',
    'Pet: "resolveType" must be a function, but is "Cat".',
    'Thing: "toSpecifier" has no use without "planType".',
    'Filter: "baked" must be a function, but is {}.',
    'Filter.name: "apply" must be a function, but is "x".',
  ],
  'literals that are read differently from variables': [
    { scalars: { Moment: { parseLiteral: plan } } },
    'Moment: It has "parseLiteral" without "parseValue": a variable would be read differently from a literal.',
  ],
  'the same in the names of graphql 17': [
    { scalars: { Moment: { coerceInputLiteral: plan } } },
    'Moment: It has "coerceInputLiteral" without "coerceInputValue": a variable would be read differently from a literal.',
  ],
  'text that is no SDL': [
    { typeDefs: ['type Query { a: Int }', 'type User {\n  name String }', 5, ''] },
    'typeDefs[1]:2:8: Syntax Error: Expected ":", found Name "String".',
    'typeDefs[2]: It must be SDL, as text or as a parsed document.',
    'typeDefs[3]:1:1: Syntax Error: Unexpected <EOF>.',
  ],
  'SDL that does not hold together': [
    { typeDefs: 'type Query { a: Usr b: Int b: Int } type User { name: String }' },
    'Field "Query.b" can only be defined once.',
    'Unknown type "Usr". Did you mean "User"?',
  ],
  'a schema that is not valid, and a configuration that is not': [
    {
      typeDefs: 'interface Node { id: ID! } type User implements Node { name: String }',
      objects: { User: { plans: { nmae: plan } } },
    },
    'User.nmae: The type "User" has no field "nmae". Did you mean "name"?',
    'Query root type must be provided.',
    'Interface field Node.id expected but User does not provide it.',
  ],
};

for (const [name, [config, ...expected]] of Object.entries(cases)) {
  test(name, () => {
    assert.equal(problemsOf(config), expected);
  });
}

test('default values that are none of their type', () => {
  const problems = problemsOf({
    typeDefs: `directive @d(n: Int = "d") on FIELD type Query { a(n: Int = "a", e: E! = B, l: [E] = [A]): Int }
      interface N { a(n: Int = 1.5): Int } input I { at: Moment = 1 } enum E { A } scalar Moment`,
    enums: { E: { A: 1 } },
    scalars: {
      Moment: {
        parseValue: () => {
          throw new Error('no moment');
        },
      },
    },
  });
  if (versionInfo.major < 17) {
    assert.equal(problems, [
      'Query.a(n:): Its default value "a" is not a value of type "Int".',
      'Query.a(e:): Its default value B is not a value of type "E!".',
      'N.a(n:): Its default value 1.5 is not a value of type "Int".',
      'I.at: Its default value 1 is not a value of type "Moment".',
      '@d(n:): Its default value "d" is not a value of type "Int".',
    ]);
  } else {
    assert.is(problems.length, 5);
    for (const place of ['Query.a(n:)', 'Query.a(e:)', 'N.a(n:)', 'I.at', '@d(n:)']) {
      assert.ok(
        problems.some((problem) => problem.includes(place)),
        place,
      );
    }
  }
});

test('default values of inputs that contain each other', () => {
  const problems = problemsOf({ typeDefs: 'type Query { a(i: A): Int } input A { b: B = {} } input B { a: A = {} }' });
  assert.is(problems.length, 1);
  if (versionInfo.major < 17) assert.equal(problems, ['The default values of input object fields contain each other.']);
});

test('one problem is one sentence, several are a list', () => {
  assert.throws(
    () => makeSchema({ typeDefs, objects: { Usr: {} } }),
    (error: Error) =>
      error.name === 'SchemaError' &&
      error.message === 'The schema has a problem. Usr: The schema has no type "Usr". Did you mean "User"?',
  );
  assert.throws(
    () => makeSchema({ typeDefs, objects: { Usr: {}, Pet: {} } }),
    (error: Error) =>
      error.message ===
      'The schema has 2 problems:\n- Usr: The schema has no type "Usr". Did you mean "User"?\n- Pet: "Pet" is an interface, configure it under "interfaces".',
  );
});

test.run();
