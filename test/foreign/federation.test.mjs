// Subgraphs made by other libraries, by their documented usage: `federate` plans their entities, the rest stays theirs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSubgraphSchema } from '@apollo/subgraph';
import SchemaBuilder from '@pothos/core';
import DirectivePlugin from '@pothos/plugin-directives';
import FederationPlugin from '@pothos/plugin-federation';
import { execute as graphqlExecute, parse } from 'graphql';
import * as nexus from 'nexus';
import { createEngine, get, loader, loadOne } from 'planql';
import { federate } from 'planql/server';

const users = Array.from({ length: 60 }, (_, n) => ({ id: `${n}`, name: `User ${n}` }));
const find = (id) => users.find((user) => user.id === id) ?? null;

let calls = [];
const userById = loader({
  name: 'foreign.userById',
  load(ids) {
    calls.push(ids.length);
    return ids.map(find);
  },
});

function apolloSchema() {
  return buildSubgraphSchema({
    typeDefs: parse(`
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])
      type Query { first: User }
      type User @key(fields: "id") { id: ID! name: String @shareable loud: String }
      type Tag @key(fields: "word") { word: String! size: Int }
    `),
    resolvers: {
      Query: { first: () => users[0] },
      User: { __resolveReference: ({ id }) => find(id), loud: ({ name }) => name.toUpperCase() },
      Tag: {
        __resolveReference({ word }) {
          if (word === 'bad') throw new Error('It fails.');
          return { word, size: word.length };
        },
      },
    },
  });
}

function pothosSchema() {
  const builder = new SchemaBuilder({ plugins: [DirectivePlugin, FederationPlugin] });
  const User = builder.objectRef('User').implement({
    fields: (t) => ({
      id: t.exposeID('id'),
      name: t.exposeString('name', { nullable: true }),
      loud: t.string({ resolve: ({ name }) => name.toUpperCase() }),
    }),
  });
  builder.asEntity(User, { key: builder.selection('id'), resolveReference: ({ id }) => find(id) });
  const Tag = builder.objectRef('Tag').implement({
    fields: (t) => ({ word: t.exposeString('word'), size: t.exposeInt('size') }),
  });
  builder.asEntity(Tag, {
    key: builder.selection('word'),
    resolveReference({ word }) {
      if (word === 'bad') throw new Error('It fails.');
      return { word, size: word.length };
    },
  });
  builder.queryType({ fields: (t) => ({ first: t.field({ type: User, nullable: true, resolve: () => users[0] }) }) });
  return builder.toSubGraphSchema({ linkUrl: 'https://specs.apollo.dev/federation/v2.3' });
}

/** Nexus has no federation of its own: the types are written down, as its users do. */
function nexusSchema() {
  const { objectType, queryType, scalarType, unionType, list, nonNull, nullable, arg } = nexus;
  const Any = scalarType({ name: '_Any', serialize: (value) => value, parseValue: (value) => value });
  const User = objectType({
    name: 'User',
    definition(t) {
      t.nonNull.id('id');
      t.string('name');
      t.string('loud', { resolve: ({ name }) => name.toUpperCase() });
    },
  });
  const Tag = objectType({
    name: 'Tag',
    definition(t) {
      t.nonNull.string('word');
      t.int('size', { resolve: ({ word }) => word.length });
    },
  });
  const Entity = unionType({
    name: '_Entity',
    resolveType: ({ __typename }) => __typename,
    definition: (t) => t.members(User, Tag),
  });
  const Query = queryType({
    definition(t) {
      t.field('first', { type: User, resolve: () => users[0] });
      t.field('_entities', {
        type: nonNull(list(nullable(Entity))),
        args: { representations: nonNull(arg({ type: list(nonNull(Any)) })) },
        resolve: (_root, { representations }) =>
          representations.map((one) => (one.__typename === 'User' ? { __typename: 'User', ...find(one.id) } : one)),
      });
    },
  });
  return nexus.makeSchema({ types: [Any, User, Tag, Entity, Query], outputs: false });
}

const query = /* GraphQL */ `
  query ($r: [_Any!]!) {
    first { loud }
    _entities(representations: $r) { __typename ... on User { id name loud } ... on Tag { word size } }
  }
`;
const representations = [...users.map(({ id }) => ({ __typename: 'User', id })), { __typename: 'Tag', word: 'tea' }];
const odd = [
  { __typename: 'Tag', word: 'bad' },
  { __typename: 'User', id: 'none' },
  { __typename: 'User', id: '1' },
];

const plain = (value) => JSON.parse(JSON.stringify(value));
async function answers(run, schema, r) {
  return plain(await run({ schema, document: parse(query), variableValues: { r }, contextValue: {} }));
}

for (const [library, make, hasReferences] of [
  ['@apollo/subgraph', apolloSchema, true],
  ['@pothos/plugin-federation', pothosSchema, true],
  ['nexus', nexusSchema, false],
]) {
  test(`${library}: a type with a plan is one call, others keep what they had`, async () => {
    const expected = await answers(graphqlExecute, make(), representations);
    assert.equal(expected.errors, undefined);
    const schema = federate(make(), { User: { entity: ($ref) => loadOne(get($ref, 'id'), userById) } });
    const engine = createEngine({ schema });
    calls = [];
    assert.deepEqual(await answers(engine.execute, schema, representations), expected);
    assert.deepEqual(calls, [60]);
    assert.deepEqual(await answers(graphqlExecute, schema, representations), expected, 'graphql-js runs it as before');
    if (!hasReferences) return;
    // Of graphql-js one that throws at once fails them all.
    const { data, errors } = await answers(engine.execute, schema, odd);
    assert.deepEqual(data._entities, [null, null, { __typename: 'User', id: '1', name: 'User 1', loud: 'USER 1' }]);
    assert.deepEqual(
      errors.map(({ path, message }) => [path, message]),
      [[['_entities', 0], 'It fails.']],
    );
  });
}
