import { type GraphQLSchema, parse } from 'graphql';
import * as graphql17 from 'graphql-17';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { payloadsOf, schemasOf } from './incrementalRoads.ts';

/**
 * What is in which payload, in which order, with which ids. That is fixed where all data is there at once or comes at the
 * same time; the cases of `incremental.test.ts` look at what a client has in the end.
 */
const schemas = schemasOf(
  /* GraphQL */ `
    type Query { shelf: Shelf lamp: Lamp door: String required: String! books: [Book] mustBooks: [Book!] words: [String] }
    type Shelf { name: String must: String! top: Board books: [Book] }
    type Board { left: Box right: Box }
    type Box { colour: String size: String weight: String must: String! }
    type Lamp { on: String }
    type Book { id: ID title: String author: String must: String! }
  `,
  {},
);

const books = [1, 2, 3].map((id) => ({ id, title: `title ${id}`, author: `author ${id}`, must: 'must' }));
const box = { colour: 'red', size: 'small', weight: 'light' };
const shelf = { name: 'shelf', top: { left: box, right: box }, books };
const soon = <T>(value: T) => Promise.resolve(value);
const failing = (): never => {
  throw new Error('failed');
};
const refused = () => soon(null).then(failing);
async function* generated(...items: readonly unknown[]): AsyncGenerator<unknown> {
  for (const item of items) yield soon(item);
}

type Root = Readonly<Record<string, unknown>>;
const usual = (): Root => ({ shelf, lamp: { on: 'on' }, door: 'door', books, words: ['a', 'b', 'c'] });
const withShelf = (more: object) => (): Root => ({ ...usual(), shelf: { ...shelf, ...more } });

const cases: Readonly<Record<string, readonly [operation: string, root?: () => Root]>> = {
  'a fragment': ['{ shelf { name ... @defer(label: "l") { top { left { size } } } } }'],
  'a label that is null': ['{ shelf { name ... @defer(label: null) { must: name } } }'],
  'a fragment that is there anyway, later': ['{ shelf { ...N @defer ...N } } fragment N on Shelf { name }'],
  'a fragment that is there anyway, before': ['{ shelf { ...N ...N @defer } } fragment N on Shelf { name }'],
  'a fragment of nothing': ['{ shelf { name ... @defer { books @skip(if: true) { id } } } }'],
  'a fragment of fragments': ['{ shelf { ... @defer { ... @defer { name } } } }'],
  'nested fragments': ['{ shelf { ... @defer(label: "a") { name ... @defer(label: "b") { books { id } } } } }'],
  'nested in another object': ['{ ... @defer(label: "a") { shelf { name ... @defer(label: "b") { books { id } } } } }'],
  'two of one object, of parts': [
    '{ ... @defer(label: "a") { shelf { name } } ... @defer(label: "b") { shelf { books { id } } } }',
  ],
  'two of one object, of parts that are promises': [
    '{ ... @defer(label: "a") { shelf { name } } ... @defer(label: "b") { shelf { books { id } } } }',
    withShelf({ name: () => soon('name'), books: () => soon(books) }),
  ],
  'two at different levels': [
    '{ shelf { ... @defer(label: "in") { name } } ... @defer(label: "out") { shelf { books { id } } } }',
  ],
  'the same, again and again': [
    '{ shelf { books { ... @defer { ...B ... @defer { ...B ... @defer { ...B } } } } } } fragment B on Book { id title }',
  ],
  'what the initial payload has': [
    '{ shelf { top { left { size } right { size } } ... @defer { top { left { colour } right { size } } } } }',
  ],
  'what the fragment around it has': ['{ shelf { ... @defer { top { left { size ... @defer { size colour } } } } } }'],
  'more at each of several levels': [
    '{ shelf { top { left { size } } ... @defer { top { left { size colour } ... @defer { left { size colour weight ... @defer { size alias: colour } } } } } } }',
  ],
  'one object, from two branches': [
    '{ shelf { top { left { ... @defer { size } } } ... @defer { top { left { ... @defer { size colour } } } } } }',
  ],
  'what another fragment covers': [
    '{ shelf { top { left { size } ... @defer { right { size } } } } ... @defer { shelf { top { right { size } } } lamp { on } } }',
  ],
  'what is masked by the fragment around it': [
    '{ ... @defer { shelf { books { id } } } ... @defer { shelf { name again: name ... @defer { again: name } } } }',
  ],
  'null in one of two, first': [
    '{ ... @defer { shelf { name top { left { must } } } } shelf { ... @defer { top { left { size } } } } }',
  ],
  'null in one of two, last': [
    '{ ... @defer { shelf { top { left { size } } } } shelf { ... @defer { name top { left { must } } } } }',
  ],
  'null in one of two, of what they share': [
    '{ ... @defer { shelf { name must top { left { size } } } } shelf { ... @defer { name top { right { size } } } } }',
    withShelf({ name: soon('name') }),
  ],
  'null takes what lies in the fragment': [
    '{ ... @defer { shelf { name top { left { must } } } ... @defer { shelf { name } } } shelf { ... @defer { top { left { size } } } } }',
  ],
  'null in both': [
    '{ ... @defer { shelf { top { left { a: must } } } } ... @defer { shelf { top { left { b: must } } } } }',
  ],
  'null several times in one': [
    '{ ... @defer { shelf { top { left { size } right { size } } } } ... @defer { shelf { top { left { a: must } right { b: must } } } } }',
  ],
  'null in the initial payload': ['{ shelf { must ... @defer { name } } lamp { ... @defer { on } } }'],
  'null in the initial payload, of what has more later': ['{ shelf { must } ... @defer { shelf { name } } }'],
  'null in a fragment': ['{ ... @defer { shelf { must name } } }'],
  'null that is a promise, in a fragment': ['{ shelf { name ... @defer { must } } }', withShelf({ must: soon(null) })],
  'an error in a fragment': ['{ shelf { books { id } ... @defer { name } } }', withShelf({ name: failing })],
  'a list that is there already': ['{ shelf { books { id } ... @defer { books { id } } } }'],
  'a list that has more to come': ['{ shelf { books { id } ... @defer { books { title } } } }'],
  'an async list that is there already': [
    '{ shelf { books { id } ... @defer { books { id } } } }',
    withShelf({ books: () => generated(books[0]) }),
  ],
  'an empty list': ['{ shelf { books { id } ... @defer { books { title } } } }', withShelf({ books: [] })],
  'fragments in the items of a list in a fragment': [
    '{ shelf { ... @defer { name books { ... @defer { title } } } } }',
    withShelf({ name: () => soon('late') }),
  ],
  'a stream': ['{ words @stream(initialCount: 1, label: "w") }'],
  'a stream from the first item on': ['{ words @stream }'],
  'a stream of objects': ['{ books @stream(initialCount: 2) { id title } }'],
  'a stream of promises': [
    '{ books @stream(initialCount: 2) { id } }',
    () => ({ books: books.map((book) => soon(book)) }),
  ],
  'a stream of promises, one refused before it': [
    '{ books @stream(initialCount: 2) { id } }',
    () => ({ books: [soon(books[0]), refused(), soon(books[2])] }),
  ],
  'a stream with an item that is wrong': ['{ words @stream(initialCount: 1) }', () => ({ words: ['a', {}] })],
  'a stream with null where none may be': [
    '{ mustBooks @stream(initialCount: 1) { id } }',
    () => ({ mustBooks: [books[0], null, books[1]] }),
  ],
  'a stream with an error that takes it all': [
    '{ mustBooks @stream(initialCount: 1) { must } }',
    () => ({ mustBooks: [books[0], { must: refused }, books[1]] }),
  ],
  'a generator': ['{ books @stream(initialCount: 2) { id } }', () => ({ books: () => generated(...books) })],
  'a generator that fails later': [
    '{ books @stream(initialCount: 1) { id } }',
    () => ({
      async *books() {
        yield books[0];
        failing();
      },
    }),
  ],
  'an iterable that fails later': [
    '{ words @stream(initialCount: 1) }',
    () => ({
      *words() {
        yield 'a';
        failing();
      },
    }),
  ],
  'an iterable that fails at once': ['{ words @stream }', () => ({ words: { [Symbol.iterator]: failing } })],
  'a stream below what is null': ['{ shelf { must books @stream { id } } }'],
  'a stream below what is null later': ['{ lamp { on } ... @defer { shelf { must books @stream { id } } } }'],
  'errors before the one that takes it all': [
    '{ lamp { on } ... @defer { door required } }',
    () => ({ door: failing }),
  ],
  'errors of an item before the one that takes it': [
    '{ books @stream { title must } }',
    () => ({ books: [{ title: failing }] }),
  ],
};

/** By default graphql-js completes items one by one; planql does it as graphql-js with `enableEarlyExecution` (decision incremental-order). */
const together: typeof cases = {
  'promises that have settled': [
    '{ books @stream(initialCount: 1) { id } }',
    () => ({ books: [...books, ...books].map((book) => soon(book)) }),
  ],
  'promises, one refused': [
    '{ books @stream(initialCount: 1) { id } }',
    () => ({ books: [soon(books[0]), refused(), soon(books[2])] }),
  ],
  'promises in items': [
    '{ books @stream { id title } }',
    () => ({ books: books.map(({ id, title }) => ({ id: soon(id), title: soon(title) })) }),
  ],
  'a generator from the first item on': ['{ books @stream { id } }', () => ({ books: () => generated(...books) })],
  'fragments in items that are promises': [
    '{ books @stream(initialCount: 1) { id ... @defer { title } } }',
    () => ({ books: books.map((book) => soon(book)) }),
  ],
};

const payloads = suite('incremental delivery, payload by payload');

function shown(given: readonly unknown[]): string {
  return JSON.stringify(given, null, 1);
}

for (const [name, [operation, root = usual]] of Object.entries({ ...cases, ...together })) {
  payloads(`${name} [R18 8.4 8.5.6]`, async () => {
    const answer = async (
      schema: GraphQLSchema | graphql17.GraphQLSchema,
      run: (args: never) => unknown,
      enableEarlyExecution: boolean,
    ) => {
      const args = { schema, document: parse(operation), rootValue: root(), enableEarlyExecution };
      return shown(await payloadsOf(run(args as never)));
    };
    for (const isEarly of [false, true]) {
      const isTogether = isEarly || name in together;
      const expected = await answer(schemas.reference, graphql17.experimentalExecuteIncrementally, isTogether);
      for (const codegen of ['never', 'always'] as const) {
        const engine = createEngine({ schema: schemas.ours, codegen });
        assert.is(await answer(schemas.ours, engine.executeIncrementally, isEarly), expected, `${codegen}, ${isEarly}`);
      }
    }
  });
}

payloads.run();
