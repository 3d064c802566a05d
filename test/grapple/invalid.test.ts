import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { generate } from '../../src/grapple/generate.ts';
import { printProblem } from '../../src/grapple/parse/Problems.ts';
import { broken } from './broken.ts';
import { hostile } from './hostile.ts';
import { invalid } from './invalid.ts';
import { invalidLists } from './invalidLists.ts';
import { problemsOf } from './problemsOf.ts';

const test = suite('schemas that are wrong');

for (const [title, sdl, problems] of [...invalid, ...invalidLists, ...broken, ...hostile]) {
  test(title, () => {
    assert.equal(problemsOf(sdl), problems);
  });
}

test('nothing is generated from any of them', () => {
  for (const [, text] of [...invalid, ...invalidLists, ...broken, ...hostile]) {
    const { files, stubs, model } = generate([{ name: 's.graphql', text }]);
    assert.is(files.size + stubs.size, 0);
    assert.is(model, null);
  }
});

test('an index that nobody reads is warned of, unless hand-written code names it', () => {
  const text = `
extend schema @byDefault(access: "allow")
type A @pent(typeId: 1) @index(name: "all", orderBy: ["n"]) { id: UUID! n: Int @index k: String @unique(name: "k") }
type Query { all(first: Int! = 5): [A!]! @pentFromIndex(index: "all") }
`;
  const warned = (code?: readonly string[]) => {
    const { problems, warnings } = generate([{ name: 's.graphql', text }], code && { code });
    assert.equal(problems, []);
    return warnings.map(printProblem);
  };
  assert.equal(warned([]), [
    's.graphql:3:80 - Nobody reads the index "a_n" of A, and each A keeps a row in it. Read it by a field with @pentFromIndex(index: "a_n"), or take it away.',
  ]);
  assert.equal(warned(["A.fromIndex(context, 'a_n', 1)"]), []);
  assert.equal(warned(), []);
});

test('there are enough of them, and each says something of its own', () => {
  assert.ok(invalid.length >= 60);
  assert.ok(new Set(invalid.flatMap(([, , problems]) => problems.map((text) => text.slice(4)))).size >= 60);
});

const placesOf = (...texts: readonly string[]): readonly string[] => {
  const sources = texts.map((text, at) => ({ name: `schema/${at}.graphql`, text }));
  return generate(sources).problems.map(({ file, line, column }) => `${file}:${line}:${column}`);
};

test('the problems of all files are told at once', () => {
  const places = placesOf(
    'type B @pent(typeId: 1) { id: UUID! x: Strng }',
    '# empty',
    'type Query { b(id: UUID!): B! @readPent }\ntype C @pent(typeId: 1) { id: UUID! }',
  );
  assert.equal(places, ['schema/0.graphql:1:40', 'schema/2.graphql:1:28', 'schema/2.graphql:2:22']);
});

test('a type that two files define is told with the place of the other one', () => {
  const [text, extended] = ['type B { x: Int }', 'type Query { b: B @custom }'];
  const sources = [text, text, extended].map((own, at) => ({ name: `schema/${at}.graphql`, text: own }));
  assert.equal(generate(sources).problems.map(printProblem), [
    'schema/0.graphql:1:6 - There can be only one type named "B". Rename one, or write "extend type" to add fields. The other one is in schema/1.graphql, line 1.',
    'schema/0.graphql:1:10 - Field "B.x" can only be defined once. Rename one, or take it away. The other one is in schema/1.graphql, line 1.',
  ]);
});

test('of files that cannot be read only that is told: what they define is missing everywhere', () => {
  assert.equal(placesOf('type B { c: C }', 'type C {', 'type Query }'), [
    'schema/1.graphql:1:9',
    'schema/2.graphql:1:12',
  ]);
});

test.run();
