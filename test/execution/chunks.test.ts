import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, executeToChunks, makeSchema } from '../../src/index.ts';

const test = suite('responses in chunks');

const schema = makeSchema({
  typeDefs: `
    type Query { rows: [Row!] text: String! }
    type Mutation { first: Int second: Row }
    type Row { id: ID! text: String must: Int! }
  `,
});
const rows = Array.from({ length: 300 }, (_, id) => ({ id: `r${id}`, text: `Zeile "${id}" äöü €`, must: 1 }));
const engine = createEngine({ schema });

const cases: ReadonlyArray<readonly [name: string, operation: string, rootValue: object]> = [
  ['many rows', '{ rows { id text } }', { rows }],
  ['an error in a row', '{ rows { id text } }', { rows: [...rows, { id: 'last', text: new Error('no') }] }],
  ['an object that bubbles', '{ rows { id must } }', { rows: [...rows, { id: 'last' }] }],
  ['no data at all', '{ rows { id } text }', { rows }],
  ['a mutation', 'mutation { first second { id text } }', { first: 1, second: rows[0] }],
  ['a mutation with an error', 'mutation { first second { must } }', { first: 'one', second: {} }],
  ['what takes time', '{ rows { id } }', { rows: Promise.resolve(rows) }],
  ['an operation that is not there', 'query A { text }', {}],
];
for (const [name, operation, rootValue] of cases) {
  test(`are the bytes of the whole: ${name}`, async () => {
    const document = parse(operation);
    const args = { document, rootValue, ...(name.includes('not there') ? { operationName: 'B' } : null) };
    const whole = Buffer.from(await engine.executeToBuffer(args)).toString();
    for (const chunkBytes of [1, 7, 1000, undefined]) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of engine.executeToChunks(args, chunkBytes === undefined ? {} : { chunkBytes })) {
        assert.ok(chunk.length > 0 && chunk.length <= (chunkBytes ?? 65_536));
        chunks.push(chunk);
      }
      assert.is(Buffer.concat(chunks).toString(), whole);
    }
  });
}

test('keep their bytes while other responses are written', async () => {
  const args = { document: parse('{ rows { id text } }'), rootValue: { rows } };
  const whole = Buffer.from(await engine.executeToBuffer(args)).toString();
  const chunks = engine.executeToChunks(args, { chunkBytes: 100 });
  let text = '';
  for await (const chunk of chunks) {
    await engine.executeToBuffer({ document: parse('{ text }'), rootValue: { text: 'overwritten? '.repeat(3000) } });
    text += Buffer.from(chunk).toString('latin1');
  }
  assert.is(Buffer.from(text, 'latin1').toString(), whole);
});

test('go to a slow client as fast as it reads', async () => {
  const rootValue = { rows: Array.from({ length: 100_000 }, (_, id) => ({ id, text: 'x'.repeat(50) })) };
  const document = parse('{ rows { id text } }');
  let asked = 0;
  const server = createServer((_request, response) => {
    const chunks = executeToChunks({ schema, document, rootValue });
    const counted = async function* () {
      for await (const chunk of chunks) {
        asked++;
        yield chunk;
      }
    };
    Readable.from(counted(), { objectMode: false }).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const [atFirst, length] = await new Promise<readonly [number, number]>((resolve, reject) => {
      get({ port }, (response) => {
        // Nobody reads yet: sockets fill up, and no more is asked for.
        response.pause();
        let before = -1;
        const look = setInterval(() => {
          if (asked !== before) {
            before = asked;
            return;
          }
          clearInterval(look);
          let bytes = 0;
          response.on('data', (data: Buffer) => {
            bytes += data.length;
          });
          response.on('end', () => resolve([before, bytes]));
          response.resume();
        }, 100);
      }).on('error', reject);
    });
    assert.is(length, (await engine.executeToBuffer({ document, rootValue })).length);
    assert.ok(asked > 100 && atFirst < asked, `${atFirst} of ${asked} chunks before anybody read`);
  } finally {
    server.close();
  }
});

test('of a wrong size are refused before anything runs', async () => {
  let runs = 0;
  const rootValue = { text: () => `${++runs}` };
  for (const chunkBytes of [0, -1, 1.5, Number.NaN, '8' as never]) {
    const chunks = engine.executeToChunks({ document: parse('{ text }'), rootValue }, { chunkBytes });
    const outcome = await chunks.next().catch((error: Error) => error);
    assert.match((outcome as Error).message, '"chunkBytes" must be a positive integer');
  }
  assert.is(runs, 0);
});

test.run();
