// Schemas of other projects, by their documented usage: planql answers each as graphql-js does.
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { makeExecutableSchema } from '@graphql-tools/schema';
import SchemaBuilder from '@pothos/core';
import ErrorsPlugin from '@pothos/plugin-errors';
import { execute as graphqlExecute, parse } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { execute, subscribe } from 'planql';
import * as tg from 'type-graphql';

/** An answer as JSON. graphql-js tells errors as they come, planql in the order of the response. */
function plain(result) {
  const { errors, ...rest } = JSON.parse(JSON.stringify(result));
  return errors === undefined
    ? rest
    : { ...rest, errors: errors.sort((a, b) => `${a.path}`.localeCompare(`${b.path}`)) };
}

async function assertAlike(schema, operations, more = {}) {
  for (const operation of operations) {
    const args = { schema, document: parse(operation), contextValue: {}, ...more };
    const expected = plain(await graphqlExecute(args));
    assert.deepEqual(plain(await execute(args)), expected, operation);
    assert.ok(expected.data !== undefined, operation);
  }
}

class LengthError extends Error {
  constructor(minLength) {
    super(`Minimum length: ${minLength}`);
    this.minLength = minLength;
    this.name = 'LengthError';
  }
}

test('@pothos/plugin-errors: typed errors as members of unions', async () => {
  const builder = new SchemaBuilder({ plugins: [ErrorsPlugin], errors: { defaultTypes: [Error] } });
  const ErrorInterface = builder.interfaceRef('Error').implement({
    fields: (t) => ({ message: t.exposeString('message') }),
  });
  builder.objectType(Error, { name: 'BaseError', interfaces: [ErrorInterface] });
  builder.objectType(LengthError, {
    name: 'LengthError',
    interfaces: [ErrorInterface],
    fields: (t) => ({ minLength: t.exposeInt('minLength') }),
  });
  const resolve =
    (later) =>
    (_root, { name }) => {
      if (name.length < 3) throw new LengthError(3);
      if (name === 'boom') throw new TypeError('boom');
      return later ? Promise.resolve(`hello, ${name}`) : `hello, ${name}`;
    };
  const args = (t) => ({ name: t.arg.string({ required: true }) });
  builder.queryType({
    fields: (t) => ({
      hello: t.string({ errors: { types: [LengthError] }, args: args(t), resolve: resolve(false) }),
      late: t.string({ errors: { types: [LengthError] }, args: args(t), resolve: resolve(true) }),
    }),
  });
  const parts = '{ __typename ... on Error { message } ... on LengthError { minLength }';
  await assertAlike(builder.toSchema(), [
    ...['ab', 'boom', 'world'].flatMap((name) => [
      `{ hello(name: "${name}") ${parts} ... on QueryHelloSuccess { data } } }`,
      `{ late(name: "${name}") ${parts} ... on QueryLateSuccess { data } } }`,
    ]),
  ]);
});

test('@graphql-tools/schema: errors that resolvers return, with isTypeOf, resolveType and __resolveType', async () => {
  const results = [new LengthError(1), { ok: true }, Promise.resolve(new LengthError(2)), null];
  const typeDefs = /* GraphQL */ `
    union Result = Success | Failure
    type Success { ok: Boolean }
    type Failure { message: String minLength: Int }
    type Query { wrapped: [Result] direct: [Result] }
  `;
  const schema = makeExecutableSchema({
    typeDefs,
    resolvers: {
      Query: { wrapped: () => results.map((result) => ({ result })), direct: () => results },
      Result: {
        __resolveType: async (value) => ((await (value.result ?? value)).ok ? 'Success' : 'Failure'),
      },
      Success: { ok: ({ result, ok }) => result?.ok ?? ok },
      Failure: {
        message: async ({ result }) => (await result)?.message,
        minLength: async ({ result }) => (await result)?.minLength,
      },
    },
  });
  const parts = '{ __typename ... on Success { ok } ... on Failure { message minLength } }';
  await assertAlike(schema, [`{ wrapped ${parts} }`, `{ direct ${parts} }`]);
});

test('GraphQL Yoga: planql executes, errors are masked as with graphql-js', async () => {
  const schema = makeExecutableSchema({
    typeDefs: 'type Query { hello(name: String!): String fails: String }',
    resolvers: {
      Query: {
        hello: (_root, { name }) => `hello, ${name}`,
        fails: () => {
          throw new Error('secret');
        },
      },
    },
  });
  const answers = [];
  for (const plugins of [
    [],
    [
      {
        onExecute: ({ setExecuteFn }) => setExecuteFn(execute),
        onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe),
      },
    ],
  ]) {
    const yoga = createYoga({ schema, plugins, logging: false, maskedErrors: { isDev: false } });
    const response = await yoga.fetch('http://yoga/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ a: hello(name: "a") fails }' }),
    });
    answers.push(await response.json());
  }
  assert.deepEqual(answers[1], answers[0]);
  assert.ok(!JSON.stringify(answers[1]).includes('secret'));
  assert.equal(answers[1].data.a, 'hello, a');
});

test('type-graphql: classes, field resolvers, interfaces, unions, middleware and roles', async () => {
  class Being {}
  tg.InterfaceType({ resolveType: ({ kind }) => kind })(Being);
  tg.Field(() => String)(Being.prototype, 'name');
  class Cat extends Being {
    kind = 'Cat';
    name = 'Tom';
    lives() {
      return 9;
    }
  }
  tg.Field(() => tg.Int)(Cat.prototype, 'lives', Object.getOwnPropertyDescriptor(Cat.prototype, 'lives'));
  tg.ObjectType({ implements: Being })(Cat);
  class Dog extends Being {
    kind = 'Dog';
    name = 'Rex';
    secret = 'bone';
  }
  tg.Field(() => String, { nullable: true })(Dog.prototype, 'secret');
  tg.Authorized('ADMIN')(Dog.prototype, 'secret');
  tg.ObjectType({ implements: Being })(Dog);
  const Pet = tg.createUnionType({ name: 'Pet', types: () => [Cat, Dog] });
  const seen = [];
  class Pets {
    async beings() {
      return [new Cat(), new Dog()];
    }
    pet(at) {
      return [new Cat(), new Dog()][at];
    }
    fails() {
      throw new Error('It fails.');
    }
  }
  const property = (name, types) => {
    Reflect.defineMetadata('design:paramtypes', types, Pets.prototype, name);
    return [Pets.prototype, name, Object.getOwnPropertyDescriptor(Pets.prototype, name)];
  };
  tg.Query(() => [Being])(...property('beings', []));
  tg.UseMiddleware(async ({ info }, next) => {
    seen.push(info.path.key);
    return next();
  })(Pets.prototype, 'beings', Object.getOwnPropertyDescriptor(Pets.prototype, 'beings'));
  tg.Query(() => Pet, { nullable: true })(...property('pet', [Number]));
  tg.Arg('at', () => tg.Int)(Pets.prototype, 'pet', 0);
  tg.Query(() => String, { nullable: true })(...property('fails', []));
  tg.Resolver()(Pets);
  const schema = await tg.buildSchema({
    resolvers: [Pets],
    validate: false,
    authChecker: ({ context }, roles) => roles.includes(context.role),
  });
  const operations = [
    '{ beings { __typename name ... on Cat { lives } } }',
    '{ a: pet(at: 0) { ... on Cat { lives } } b: pet(at: 1) { __typename ... on Dog { name secret } } fails }',
  ];
  await assertAlike(schema, operations);
  await assertAlike(schema, operations, { contextValue: { role: 'ADMIN' } });
  assert.deepEqual(seen, ['beings', 'beings', 'beings', 'beings']);
});

test('@apollo/subgraph: the service, and entities by their references, some of which fail', async () => {
  const schema = buildSubgraphSchema({
    typeDefs: parse(
      'type Query { one: User } type User @key(fields: "id") { id: ID! name: String } type Tag @key(fields: "id") { id: ID! }',
    ),
    resolvers: {
      Query: { one: () => ({ id: '1', name: 'Ada' }) },
      User: {
        __resolveReference: async ({ id }) => {
          if (id === 'bad') throw new Error('It fails.');
          return id === 'none' ? null : { id, name: `user ${id}` };
        },
      },
    },
  });
  const of = (...ids) => ids.map((id) => `{ __typename: "User", id: "${id}" }`).join(' ');
  const entities = (list) =>
    `{ _entities(representations: [${list}]) { __typename ... on User { id name } ... on Tag { id } } }`;
  await assertAlike(schema, [
    '{ _service { sdl } one { id name } }',
    entities(`${of('1', '2')} { __typename: "Tag", id: "t" }`),
    entities(of('1', 'bad', 'none')),
    entities('{ __typename: "Nobody", id: "1" }'),
  ]);
});
