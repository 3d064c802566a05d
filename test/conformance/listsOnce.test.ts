/** Lists that give their items once, as generators do, are read once for all steps and positions of a request. */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  at,
  connection,
  constant,
  createEngine,
  each,
  filter,
  first,
  fn,
  get,
  lambda,
  last,
  listLength,
  loader,
  loadOne,
  makeSchema,
  reverse,
} from '../../src/index.ts';
import { casesOf } from './roads.ts';
import { later, schemaOf } from './schemaOf.ts';

const test = suite('lists that give their items once');
const addCases = casesOf(import.meta.url);

const numbers = [1, 2, 3];
function* generated(): Generator<number> {
  yield* numbers;
}
async function* generatedLater(): AsyncGenerator<number> {
  for (const number of numbers) yield later(number);
}
const boxes = loader({
  name: 'test.listsOnce.boxes',
  load: (keys: readonly string[]) =>
    keys.map((key) => ({
      once: key === 'later' ? generatedLater() : key === 'values' ? numbers.values() : generated(),
    })),
});
const doubled = fn('test.listsOnce.doubled', (n: number) => n * 2);
const isOdd = fn('test.listsOnce.isOdd', (n: number) => n % 2 === 1);

// biome-ignore lint/suspicious/noExplicitAny: plan resolvers of a test schema without a type map
type Any = any;
const fields: Readonly<Record<string, readonly [type: string, plan: ($list: Any) => Any, value: unknown]>> = {
  all: ['[Int]', ($list) => $list, numbers],
  length: ['Int', listLength, 3],
  first: ['Int', first, 1],
  last: ['Int', last, 3],
  second: ['Int', ($list) => at($list, 1), 2],
  backwards: ['[Int]', reverse, [3, 2, 1]],
  doubled: ['[Int]', ($list) => each($list, ($n: Any) => lambda($n, doubled)), [2, 4, 6]],
  odd: ['[Int]', ($list) => filter($list, ($n: Any) => lambda($n, isOdd)), [1, 3]],
  page: ['Page', ($list) => connection($list, { first: constant(2) }), { nodes: [1, 2], totalCount: 3 }],
};
const names = Object.keys(fields);
const sdl = names.map((name) => `${name}: ${fields[name]?.[0]}`).join(' ');
const typeDefs = `type Query { generator: Box values: Box later: Box } type Box { ${sdl} } type Page { nodes: [Int] totalCount: Int }`;
const schema = makeSchema({
  typeDefs,
  objects: {
    Query: {
      plans: Object.fromEntries(
        ['generator', 'values', 'later'].map((name) => [name, () => loadOne(constant(name), boxes)]),
      ),
    },
    Box: {
      plans: Object.fromEntries(names.map((name) => [name, ($box: Any) => fields[name]?.[1](get($box, 'once'))])),
    },
  },
});
const reference = schemaOf(typeDefs, {
  Query: { fields: { generator: () => ({}), values: () => ({}), later: () => ({}) } },
  Box: { fields: Object.fromEntries(names.map((name) => [name, () => fields[name]?.[2]])) },
});

const selected = (name: string): string => (name === 'page' ? 'page { nodes totalCount }' : name);
const operationOf = (box: string, all: readonly string[]): string => `{ ${box} { ${all.map(selected).join(' ')} } }`;
for (const box of ['generator', 'values', 'later']) {
  const one = (name: string, operation: string): void =>
    addCases(test, [{ name: `${box}: ${name}`, rules: ['5.5.4'], schema, reference, operation, mayWait: true }]);
  one('all steps', operationOf(box, names));
  one('all steps, the last ones first', operationOf(box, [...names].reverse()));
  for (const name of names) one(`${name} and the length`, operationOf(box, [name, 'length']));
}

// Each position reads such a list for itself: one that ends at an item which may not be null takes nothing from others.
const again = { [Symbol.iterator]: () => [null, 2, later(3)].values() };
const both = schemaOf('type Query { strict: [Int!] loose: [Int] late: Int }');
for (const operation of ['{ strict loose late }', '{ loose strict late }', '{ strict ... @defer { late } loose }'])
  test(`a list that gives its items again is read again behind an item that decided: ${operation}`, async () => {
    for (const codegen of ['never', 'always'] as const) {
      const engine = createEngine({ schema: both, codegen });
      const rootValue = { strict: again, loose: again, late: () => later(1) };
      const given = (await engine.executeIncrementally({ document: parse(operation), rootValue })) as Any;
      const { data, errors } = given.initialResult ?? given;
      assert.equal([data.strict, data.loose, errors.length], [null, [null, 2, 3], 1]);
      for await (const _ of given.subsequentResults ?? []);
    }
  });

test.run();
