import { type ExecutionResult, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, incrementalTypeDefs, makeSchema } from '../../src/index.ts';

const test = suite('large responses');

const engine = createEngine({ schema: makeSchema({ typeDefs: 'type Query { texts: [String!]! }' }) });
const document = parse('{ texts }');

function ask(texts: readonly string[]): Buffer {
  return engine.executeToBuffer({ document, rootValue: { texts } }) as Buffer;
}

function expected(texts: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify({ data: { texts } }));
}

const texts = (letter: string, mebibytes: number): string[] =>
  Array.from({ length: mebibytes * 16 }, () => letter.repeat(65_533));

test('are whole, the first and those that a large buffer is begun with', () => {
  const cases = [
    texts('a', 9),
    texts('b', 9),
    texts('c', 20),
    texts('d', 8),
    [...texts('e', 9), 'ä'],
    ['small'],
    texts('f', 9),
  ];
  const given = cases.map(ask);
  for (const [index, response] of given.entries()) {
    assert.ok(response.equals(expected(cases[index] as string[])), `response ${index}`);
  }
});

test('have memory of their own, and not much more than they need', () => {
  const given = [texts('a', 9), texts('b', 9), ['small']].map(ask);
  assert.is(new Set(given.map(({ buffer }) => buffer)).size, 3);
  const [, second, small] = given as [Buffer, Buffer, Buffer];
  assert.ok(second.buffer.byteLength < second.length * 1.2);
  assert.is(small.buffer.byteLength, small.length);
});

test('with errors are whole too', () => {
  const all: (string | Error)[] = [...texts('a', 9), new Error('no')];
  const schema = makeSchema({ typeDefs: 'type Query { texts: [String] }' });
  const nullable = createEngine({ schema });
  const response = nullable.executeToBuffer({ document: parse('{ texts }'), rootValue: { texts: all } }) as Uint8Array;
  const { data, errors } = JSON.parse(Buffer.from(response).toString());
  assert.equal(data.texts, [...texts('a', 9), null]);
  assert.is(errors[0].message, 'no');
});

/** More than one call takes as arguments. */
const MANY = 130_000;

test('with very many errors are whole, whichever way the errors are joined', async () => {
  const schema = makeSchema({
    typeDefs: [incrementalTypeDefs, 'type Query { texts: [String] } type Mutation { texts: [String] }'],
  });
  const many = createEngine({ schema });
  const rootValue = { texts: new Array(MANY).fill(new Error('no')) };
  const inSeries = (await many.execute({ document: parse('mutation { texts }'), rootValue })) as ExecutionResult;
  assert.is(inSeries.errors?.length, MANY);
  const later = many.executeToPayloads({ document: parse('mutation { ... @defer { texts } }'), rootValue });
  let errors = 0;
  for await (const payload of later) errors += Buffer.from(payload).toString().split('"message":"no"').length - 1;
  assert.is(errors, MANY);
});

test.run();
