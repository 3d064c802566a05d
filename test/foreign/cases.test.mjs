// Schemas of other projects, by their documented usage: planql answers each as graphql-js does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeExecutableSchema } from '@graphql-tools/schema';
import SchemaBuilder from '@pothos/core';
import ErrorsPlugin from '@pothos/plugin-errors';
import { execute as graphqlExecute, parse } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { execute, subscribe } from 'planql';

const plain = (value) => JSON.parse(JSON.stringify(value));

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
