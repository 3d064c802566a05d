/** What a run looks at while it waits, and what it learns from one value for others. */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { constant, createEngine, fail, get, loader, loadOne, makeSchema } from '../../src/index.ts';

const test = suite('waiting runs');

// biome-ignore lint/suspicious/noExplicitAny: schemas without types
type Any = any;

/** A chain of `depth` loads. Tells how often it is asked what a row holds without reading it, as who watches promises does. */
async function looks(depth: number, wait: () => Promise<unknown>): Promise<number> {
  let looked = 0;
  const watched: ProxyHandler<object> = {
    getOwnPropertyDescriptor(row, key) {
      looked++;
      return Reflect.getOwnPropertyDescriptor(row, key);
    },
  };
  const rows = loader({
    name: 'app.rows',
    load: async (keys: readonly number[]) => {
      await wait();
      return keys.map((key) => new Proxy({ next: key + 1, inner: { name: 'inner' } }, watched));
    },
  }) as Any;
  const engine = createEngine({
    schema: makeSchema({
      typeDefs: 'type Query { row: Row } type Row { next: Row inner: Inner } type Inner { name: String }',
      objects: {
        Query: { plans: { row: () => loadOne(constant(0), rows) as Any } },
        Row: { plans: { next: ($row: Any) => loadOne(get($row, 'next'), rows) as Any } },
      },
    }),
  });
  const operation = `{ row { inner { name } ${'next { '.repeat(depth)} next { inner { name } } ${'} '.repeat(depth)} } }`;
  assert.is((await engine.execute({ document: parse(operation) })).errors, undefined);
  return looked;
}

test('values of a run that goes on in its turn are not watched [R27]', async () => {
  const inTurn = () => new Promise<void>((resolve) => process.nextTick(resolve));
  const later = () => new Promise((resolve) => setImmediate(resolve));
  assert.is(await looks(6, inTurn), 0);
  assert.ok((await looks(6, later)) > 0);
});

test('an object with the prototype of failures says nothing of failures', async () => {
  const lookalike = Object.create(Object.getPrototypeOf(fail(new Error('made'))));
  const rows = [{ value: lookalike }, { value: fail(new Error('lost')) }, { value: { name: 'there' } }];
  const document = parse('{ rows { value { name } } }');
  for (const codegen of ['never', 'always'] as const) {
    const engine = createEngine({
      codegen,
      schema: makeSchema({
        typeDefs: 'type Query { rows: [Row] } type Row { value: Value } type Value { name: String }',
        objects: { Query: { plans: { rows: () => constant(rows) as Any } } },
      }),
    });
    const { data, errors } = await engine.execute({ document });
    assert.equal(JSON.parse(JSON.stringify(data)), {
      rows: [{ value: { name: null } }, { value: null }, { value: { name: 'there' } }],
    });
    assert.equal(
      errors?.map(({ message }) => message),
      ['lost'],
    );
  }
});

test.run();
