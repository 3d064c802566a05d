import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  execute as graphqlExecute,
  parse,
  versionInfo,
} from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { compareResults } from './compareResults.ts';
import { hostileValues } from './hostileValues.ts';
import { schemaOf } from './schemaOf.ts';

const schema = schemaOf(/* GraphQL */ `
  scalar Any
  enum Color { RED GREEN }
  interface Node { id: ID }
  union U = T | S
  type Query {
    int: Int text: String float: Float bool: Boolean id: ID any: Any anys: [Any] color: Color list: [Int] texts: [String]
    obj: T objs: [T] matrix: [[Int]] must: Int! mustList: [Int!]! node: Node nodes: [Node] u: U us: [U!] self: Query deep: [Query!]
    args(n: Int): String
  }
  type T implements Node { id: ID int: Int text: String obj: T list: [Int] must: String! args(n: Int): String }
  type S implements Node { id: ID size: Int }
`);

const both =
  (...keys: readonly string[]) =>
  (value: unknown) =>
    Object.fromEntries(keys.map((key) => [key, value]));

/** Where a value can stand, and what is asked there. */
const places: readonly (readonly [operation: string, root: (value: unknown) => unknown])[] = [
  ['{ int text float bool id any color }', both('int', 'text', 'float', 'bool', 'id', 'any', 'color')],
  ['{ self { must int } int }', (value) => ({ self: both('must')(value) })],
  ['{ obj { id int text obj { id must } must args(n: 1) } int }', both('obj')],
  ['{ list texts anys int }', both('list', 'texts', 'anys')],
  ['{ objs { id must args(n: 1) } }', both('objs')],
  ['{ objs { id must args(n: 1) } }', (value) => ({ objs: [value, { id: 2, must: 'ok' }] })],
  ['{ matrix int }', both('matrix')],
  ['{ matrix int }', (value) => ({ matrix: [value, [1]] })],
  ['{ self { mustList } }', (value) => ({ self: both('mustList')(value) })],
  ['{ node { id ... on T { must int } ... on S { size } } int }', both('node')],
  ['{ nodes { id ... on T { must obj { id } } } }', (value) => ({ nodes: [value, { __typename: 'S', id: 4 }] })],
  ['{ u { __typename ... on T { int } } us { __typename } }', (value) => ({ u: value, us: [value] })],
  ['{ deep { int obj { text } } }', (value) => ({ deep: [value, { int: 1, obj: value }] })],
  ['{ int list obj { id } args(n: 1) self { int } }', (value) => value],
];

/**
 * Errors that cannot be looked at without another error. graphql-js then gives up the field's parent, planql the
 * response: it has no data, and says why.
 */
const unlookable = new Set(['getter then', 'array with a getter', 'getter Symbol.iterator', 'getter __typename']);
const isUnlookable = (name: string): boolean => unlookable.has(name) || name.includes('proxy');

/** graphql 17 gives up the list whose item throws when it is looked at; 16 and planql give up the item. */
const isOtherIn17 = (name: string): boolean =>
  versionInfo.major >= 17 && (isUnlookable(name) || name === 'iterator without next');

/**
 * A list that gives its items once, and stands in several places: planql reads it for all of them, graphql-js for the
 * first (README, "What differs").
 */
const isReadOnce = (name: string, place: number): boolean => place === 3 && /^(async )?generator$/.test(name);

/** Gives what is found as a promise. */
const later: GraphQLFieldResolver<unknown, unknown> = async (...call) => defaultFieldResolver(...call);

const test = suite('hostile values');

for (const [index, [operation, root]] of places.entries()) {
  const document = parse(operation);
  const engines = (['never', 'always'] as const).map((codegen) => createEngine({ schema, codegen }));

  const check = async (
    name: string,
    makeRoot: () => unknown,
    fieldResolver: typeof later | null = null,
  ): Promise<void> => {
    const expected = await graphqlExecute({ schema, document, rootValue: makeRoot(), fieldResolver });
    for (const engine of engines) {
      const actual = await engine.execute({ document, rootValue: makeRoot(), fieldResolver });
      const difference = compareResults(expected, actual, false);
      if (difference !== null) assert.unreachable(`${name}: ${difference}`);
      assert.type(await engine.executeToString({ document, rootValue: makeRoot() }), 'string');
    }
  };

  test(`in place ${index}, ${operation} [R13 R17]`, async () => {
    for (const [name, make] of Object.entries(hostileValues)) {
      if (!isOtherIn17(name) && !isReadOnce(name, index)) await check(name, () => root(make()));
    }
  });

  test(`promised in place ${index}, ${operation} [R13 R17]`, async () => {
    for (const [name, make] of Object.entries(hostileValues)) {
      if (!isOtherIn17(name) && !isReadOnce(name, index)) await check(name, () => root(make()), later);
    }
  });

  test(`thrown in place ${index}, ${operation} [R13 R17]`, async () => {
    for (const [name, make] of Object.entries(hostileValues)) {
      const thrower = (): never => {
        throw make();
      };
      if (!isUnlookable(name)) await check(name, () => root(thrower));
    }
  });
}

test('nothing was written to a prototype', () => {
  assert.equal(Object.keys(Object.prototype), []);
  assert.is(({} as { id?: unknown }).id, undefined);
});

test.run();
