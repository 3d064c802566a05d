import {
  buildSchema,
  type ExecutionResult,
  GraphQLSchema,
  executeSync as graphqlExecuteSync,
  introspectionFromSchema,
  parse,
  specifiedDirectives,
  versionInfo,
} from 'graphql';
import * as graphql17 from 'graphql-17';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import type { IncrementalResponse } from '../../src/execution/later/executeIncrementally.ts';
import { MULTIPART_CONTENT_TYPE, multipartChunk } from '../../src/execution/later/multipartChunk.ts';
import { execute, executeSync } from '../../src/index.ts';
import { incrementalDirectives, incrementalTypeDefs } from '../../src/schema/incrementalDirectives.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { get } from '../../src/step/get.ts';
import { loader } from '../../steps/load/loader.ts';
import { loadOne } from '../../steps/load/loadOne.ts';
import { payloadsOf } from './incrementalRoads.ts';
import { mergePayloads } from './mergePayloads.ts';
import { later } from './schemaOf.ts';

/** What a generator of endless items was asked for. */
interface Source {
  read: number;
  isClosed: boolean;
}

async function* endless(source: Source): AsyncGenerator<object> {
  try {
    for (;;) yield later({ id: source.read++ }, 2);
  } finally {
    source.isClosed = true;
  }
}

const calls: (readonly unknown[])[] = [];
const nameById = loader({
  name: 'incremental.nameById',
  load(ids: readonly number[]) {
    calls.push(ids);
    return later(ids.map((id) => `name ${id}`));
  },
});

const schema = makeSchema({
  typeDefs: [
    incrementalTypeDefs,
    'type Query { rows(count: Int!): [Row!] endless: [Row] given: [Row] three: [Row] slow: String } type Row { id: Int name: String never: String slow: Int }',
  ],
  objects: {
    Query: {
      plans: {
        rows: {
          resolve: (_root: unknown, { count }: { count: number }) => Array.from({ length: count }, (_, id) => ({ id })),
        },
        endless: { resolve: (_root: unknown, _args: unknown, source: Source) => endless(source) },
        given: { resolve: (_root: unknown, _args: unknown, source: AsyncIterable<object>) => source },
        three: {
          async *resolve() {
            yield { id: 0 };
            await turn();
            await turn();
            yield { id: 1 };
            yield { id: 2 };
          },
        },
        slow: { resolve: () => later('slow', 4) },
      },
    },
    Row: {
      plans: {
        name: ($row) => loadOne(get($row, 'id'), nameById),
        slow: {
          resolve: async ({ id }: { id: number }) => {
            for (let turns = 0; turns < 5; turns++) await turn();
            return id;
          },
        },
        never: {
          resolve: (_row: unknown, _args: unknown, source: Source) => {
            source.read++;
            return new Promise(() => {});
          },
        },
      },
    },
  },
});
const engine = createEngine({ schema });
const plainSchema = buildSchema(
  'type Query { slow: String list: [Int] } type Subscription { event: Event } type Event { id: Int name: String }',
);

async function begin(operation: string, more: object = {}): Promise<IncrementalResponse> {
  const response = await engine.executeIncrementally({ document: parse(operation), ...more });
  assert.ok('initialResult' in response, JSON.stringify(response));
  return response as IncrementalResponse;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const life = suite('incremental delivery: batches, backpressure, ends');
life.before.each(() => {
  calls.length = 0;
});

life('a deferred fragment in 100 rows is one load [R9 R18]', async () => {
  const { initialResult, subsequentResults } = await begin('{ rows(count: 100) { id ... @defer { name } } }');
  assert.equal(calls, [], 'nothing of it runs before the initial response');
  assert.is(initialResult.pending?.length, 100);
  const payload = await subsequentResults.next();
  assert.is(calls.length, 1);
  assert.is(calls[0]?.length, 100);
  assert.is((payload.value as unknown as { incremental: unknown[] }).incremental.length, 100);
  assert.is((payload.value as { hasNext: boolean }).hasNext, false);
});

life('streamed rows are loaded together, a hundred at a time, as they are asked for [R9 R18]', async () => {
  const { subsequentResults } = await begin('{ rows(count: 250) @stream(initialCount: 10) { id name } }');
  assert.equal(
    calls.map(({ length }) => length),
    [10],
  );
  await subsequentResults.next();
  await turn();
  assert.equal(
    calls.map(({ length }) => length),
    [10, 100],
    'what nobody asked for is not loaded',
  );
  const rest = [];
  for await (const payload of subsequentResults) rest.push(payload);
  assert.equal(
    calls.map(({ length }) => length),
    [10, 100, 100, 40],
  );
});

life('items that come, with the end of their list, while others are written are delivered [R18]', async () => {
  const { initialResult, subsequentResults } = await begin('{ three @stream { id slow } }');
  const payloads: unknown[] = [initialResult];
  const done = (async () => {
    for await (const payload of subsequentResults) payloads.push(payload);
    return true;
  })();
  let turns = 0;
  const late = (async () => {
    while (turns++ < 100) await turn();
    return false;
  })();
  assert.ok(await Promise.race([done, late]), 'it ends');
  const rows = [0, 1, 2].map((id) => ({ id, slow: id }));
  assert.equal(JSON.parse(JSON.stringify(mergePayloads(payloads as never))).data, { three: rows });
});

life('a source is not read ahead of its consumer, and is closed with it [R15 R18]', async () => {
  const source = { read: 0, isClosed: false };
  const { subsequentResults } = await begin('{ endless @stream(initialCount: 2) { id } }', { contextValue: source });
  assert.is(source.read, 2);
  await turn();
  assert.is(source.read, 2, 'nobody waits');
  await subsequentResults.next();
  const { read } = source;
  for (let turns = 0; turns < 20; turns++) await turn();
  assert.ok(source.read <= read + 100, `${source.read} were read`);
  await subsequentResults.return();
  await turn();
  assert.ok(source.isClosed);
  assert.equal(await subsequentResults.next(), { value: undefined, done: true });
});

life('closing it before anything was asked for starts nothing, and closes sources [R15 R18]', async () => {
  const source = { read: 0, isClosed: false };
  const operation = '{ rows(count: 1) { ... @defer { name never } } endless @stream(initialCount: 1) { id } }';
  const { subsequentResults } = await begin(operation, { contextValue: source });
  const { read } = source;
  await subsequentResults.return();
  await turn();
  assert.equal([calls, source.read, source.isClosed], [[], read, true]);
});

life('an error of its consumer closes it, and its sources [R15 R18]', async () => {
  const source = { read: 0, isClosed: false };
  const { subsequentResults } = await begin('{ endless @stream(initialCount: 1) { id } }', { contextValue: source });
  assert.is(await subsequentResults.throw(new Error('mine')).catch(({ message }) => message), 'mine');
  assert.equal(await subsequentResults.next(), { value: undefined, done: true });
  await turn();
  assert.ok(source.isClosed);
});

life('closing it answers who waits [R15 R18]', async () => {
  const { subsequentResults } = await begin('{ rows(count: 1) { id ... @defer { never } } }', {
    contextValue: { read: 0 },
  });
  const waiting = subsequentResults.next();
  await subsequentResults.return();
  assert.equal(await waiting, { value: undefined, done: true });
});

life('an aborted request ends with errors of what was pending [R13 R15 R18]', async () => {
  const source = { read: 0, isClosed: false };
  const controller = new AbortController();
  const operation = '{ rows(count: 1) { id ... @defer { never } } endless @stream { id } }';
  const more = { contextValue: source, abortSignal: controller.signal, onAbort: 'RESPOND' as const };
  const { initialResult, subsequentResults } = await begin(operation, more);
  const payloads: unknown[] = [initialResult];
  controller.abort(new Error('enough'));
  for await (const payload of subsequentResults) payloads.push(payload);
  const { data, errors } = mergePayloads(payloads);
  assert.equal(data, { rows: [{ id: 0, never: null }], endless: [] });
  assert.ok(errors.length === 2 && errors.every((error) => error.includes('enough')), errors.join());
});

life(
  'a request that is aborted in the turn of a streamed iterator ends, and closes it once [R13 R15 R18 R27]',
  async () => {
    const answers: Readonly<Record<string, (id: number) => Promise<IteratorResult<unknown>>>> = {
      item: async (id) => ({ value: { id }, done: false }),
      'failing item': async () => ({ value: Promise.reject(new Error('item')), done: false }),
      failure: () => Promise.reject(new Error('next')),
      end: async () => ({ value: undefined, done: true }),
      nothing: () => new Promise(() => {}),
    };
    const unheard: unknown[] = [];
    const onUnheard = (reason: unknown): void => void unheard.push(reason);
    process.on('unhandledRejection', onUnheard);
    try {
      for (const [name, answer] of Object.entries(answers)) {
        for (const at of [0, 1, 3]) {
          for (const initialCount of [0, 2]) {
            const controller = new AbortController();
            const counts = { next: 0, return: 0 };
            const source = {
              [Symbol.asyncIterator]: () => source,
              next(): Promise<IteratorResult<unknown>> {
                const id = counts.next++;
                if (id < at) return Promise.resolve({ value: { id }, done: false });
                controller.abort(new Error('enough'));
                return answer(id);
              },
              async return(): Promise<IteratorResult<unknown>> {
                counts.return++;
                return { value: undefined, done: true };
              },
            };
            const document = parse(`{ given @stream(initialCount: ${initialCount}) { id slow } }`);
            const more = { contextValue: source, abortSignal: controller.signal, onAbort: 'RESPOND' as const };
            const { errors } = mergePayloads(await payloadsOf(engine.executeIncrementally({ document, ...more })));
            await later(null, 20);
            const place = `${name} at ${at}, initialCount ${initialCount}`;
            assert.ok(errors.length > 0 && errors.every((error) => error.includes('enough')), `${place}: ${errors}`);
            assert.is(counts.next, at + 1, `${place}: it is not asked again`);
            // An iterator that has ended or failed is not closed.
            assert.ok(counts.return <= 1, `${place}: closed ${counts.return} times`);
            if (name.endsWith('item') || name === 'nothing') assert.is(counts.return, 1, `${place}: it is closed`);
          }
        }
      }
    } finally {
      process.off('unhandledRejection', onUnheard);
    }
    assert.equal(unheard, []);
  },
);

life('an endless list that is not streamed ends with its request, beside one that is [R15 R18]', async () => {
  for (const [selection, initialCount] of [
    ['{ id }', 0],
    ['{ id name }', 0],
    ['{ id name }', 1_000_000],
  ] as const) {
    const source = { read: 0, isClosed: false };
    const streamed = `streamed: endless @stream(initialCount: ${initialCount}) ${selection}`;
    const document = parse(`{ endless ${selection} ${streamed} }`);
    const more = { contextValue: source, deadline: Date.now() + 20 };
    const { data } = mergePayloads(await payloadsOf(engine.executeIncrementally({ document, ...more })));
    assert.is((data as { endless: unknown }).endless, null);
    await later(null, 10);
    const { read } = source;
    await later(null, 10);
    // On a busy machine the time may be over before the list is opened.
    assert.equal(source, { read, isClosed: read > 0 }, streamed);
  }
});

life('with HALT the first error of a part ends that part [R18 8.4.5]', async () => {
  const fail = (): never => {
    throw new Error('failed');
  };
  const rootValue = { rows: [{ id: 1 }], slow: fail, endless: [{ id: 1 }, { id: fail }, { id: 3 }] };
  const halting = createEngine({
    schema: buildSchema('type Query { rows: [Row] slow: String endless: [Row] } type Row { id: Int }'),
  });
  const merged = async (operation: string): Promise<unknown> => {
    const document = parse(operation);
    const payloads = await payloadsOf(halting.executeIncrementally({ document, rootValue, onError: 'HALT' }));
    const { data, errors, failures } = mergePayloads(payloads);
    return JSON.parse(
      JSON.stringify([data, errors.length, [...failures.values()].flat().map((path) => path.join('.'))]),
    );
  };
  assert.equal(await merged('{ rows { id } ... @defer { slow } }'), [{ rows: [{ id: 1 }] }, 1, ['']]);
  assert.equal(await merged('{ endless @stream(initialCount: 1) { id } }'), [{ endless: [{ id: 1 }] }, 1, ['endless']]);
  assert.equal(await merged('{ slow ... @defer { rows { id } } }'), [null, 1, []], 'and nothing is left for later');
});

life('what is pending when the deadline passes ends with it [R13 R15 R18]', async () => {
  const operation = '{ rows(count: 1) { id ... @defer(label: "never") { never } } }';
  const more = { contextValue: { read: 0 }, deadline: Date.now() + 300 };
  const { initialResult, subsequentResults } = await begin(operation, more);
  const payloads: unknown[] = [initialResult];
  for await (const payload of subsequentResults) payloads.push(payload);
  const { data, errors } = mergePayloads(payloads);
  assert.equal(data, { rows: [{ id: 0, never: null }] });
  assert.is(errors.length, 1);
  assert.match(errors.join(), /deadline/);
});

life('execute answers in one part, as graphql-js of that version does [R18]', async () => {
  const document = parse('{ rows(count: 2) @stream { id ... @defer { name } } slow }');
  if (versionInfo.major >= 17) {
    assert.throws(() => engine.execute({ document }), /unexpectedly produce multiple payloads/);
    return;
  }
  const { data } = await engine.execute({ document });
  assert.equal(JSON.parse(JSON.stringify(data)), {
    rows: [
      { id: 0, name: 'name 0' },
      { id: 1, name: 'name 1' },
    ],
    slow: 'slow',
  });
});

life('executeSync answers what is done at once, as graphql-js of that version does [R14 R18]', () => {
  const outcome = (run: (args: never) => unknown, text: string): string => {
    const rootValue = { slow: text.includes('late') ? later('slow') : 'slow' };
    const args = { schema: plainSchema, document: parse(text), rootValue } as never;
    try {
      return JSON.stringify(run(args));
    } catch (error) {
      return String(error);
    }
  };
  for (const text of [
    '{ slow }',
    '{ late: slow }',
    '{ slow ... @defer { slow } }',
    '{ slow ... @defer { again: slow } }',
    '{ list @stream }',
    '{ list @stream(if: false) }',
  ]) {
    assert.is(outcome(executeSync, text), outcome(graphqlExecuteSync, text), text);
  }
});

life(
  'execute answers for a schema that defines the directives; events come whole or not at all [R18 8.1.6]',
  async () => {
    const args = { schema, document: parse('{ rows(count: 1) { id } }') };
    assert.equal(JSON.parse(JSON.stringify(execute(args))), { data: { rows: [{ id: 0 }] } });
    const document = parse('subscription { event { id ... @defer { name } } }');
    const event = execute({ schema: plainSchema, document, rootValue: { event: { id: 1, name: 'one' } } });
    const { data, errors } = event as ExecutionResult;
    // graphql-js 17 refuses them there, 16 does not know them.
    const [expected, count] = versionInfo.major < 17 ? [{ id: 1, name: 'one' }, 0] : [null, 1];
    assert.equal(JSON.parse(JSON.stringify(data)), { event: expected });
    assert.is(errors?.length ?? 0, count);
  },
);

life('payloads as bytes, and as chunks of a multipart response [R17 R18]', async () => {
  const document = parse('{ slow ... @defer(label: "rows") { rows(count: 2) { name } } }');
  const expected = await payloadsOf(engine.executeIncrementally({ document }));
  const payloads: Uint8Array[] = [];
  for await (const bytes of engine.executeToPayloads({ document })) payloads.push(bytes);
  const texts = payloads.map((bytes) => Buffer.from(bytes).toString('utf8'));
  assert.equal(
    texts,
    expected.map((payload) => JSON.stringify(payload)),
  );
  const body = payloads.map((bytes, index) => multipartChunk(bytes, index === 0, index === payloads.length - 1));
  const parts = Buffer.concat(body).toString('utf8').split('\r\n---');
  assert.is(MULTIPART_CONTENT_TYPE, 'multipart/mixed; boundary="-"');
  assert.equal(
    parts.slice(1, -1).map((part) => part.slice(part.indexOf('{'))),
    texts,
  );
  assert.is(parts[parts.length - 1], '--\r\n');
});

life('the directives are those of graphql-js 17', () => {
  const sdl = 'type Query { a: Int }';
  const plain = buildSchema(sdl);
  const ours = new GraphQLSchema({
    ...plain.toConfig(),
    directives: [...specifiedDirectives, ...incrementalDirectives],
  });
  const theirs = new graphql17.GraphQLSchema({
    ...graphql17.buildSchema(sdl).toConfig(),
    directives: [graphql17.GraphQLDeferDirective, graphql17.GraphQLStreamDirective],
  });
  const named = (directives: readonly { readonly name: string }[]): unknown[] =>
    directives.filter(({ name }) => name === 'defer' || name === 'stream');
  const options = { directiveIsRepeatable: true, inputValueDeprecation: false };
  assert.equal(
    JSON.parse(JSON.stringify(named(introspectionFromSchema(ours, options).__schema.directives))),
    JSON.parse(JSON.stringify(named(graphql17.introspectionFromSchema(theirs, options).__schema.directives))),
  );
});

/** An iterator that fails behind its second item, and tells how it was used. */
function failing(used: string[], items: readonly unknown[]): AsyncIterable<unknown> {
  let index = 0;
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        if (index === items.length) throw new Error('The list fails.');
        return { done: false, value: items[index++] };
      },
      return: async () => {
        used.push('return');
        await null;
        used.push('returned');
        throw new Error('Nobody hears of this.');
      },
    }),
  };
}
const givenUp = makeSchema({
  typeDefs: [
    incrementalTypeDefs,
    'type Item { name: String! } type Inner { lost: String! items: [Item] } type Query { inner: Inner items: [Item!] nullable: [Item] }',
  ],
});
const oops = (): Promise<never> => Promise.reject(new Error('Oops'));
for (const enableEarlyExecution of [false, true]) {
  const early = enableEarlyExecution ? ', early execution' : '';
  const ask = async (operation: string, rootValue: unknown): Promise<string> => {
    const document = parse(operation);
    const response = await createEngine({ schema: givenUp }).executeIncrementally({
      document,
      rootValue,
      enableEarlyExecution,
    });
    return JSON.stringify(await payloadsOf(response));
  };

  life(`an iterator that failed while it was read ahead is closed when its part is nulled [R18]${early}`, async () => {
    const used: string[] = [];
    const inner = { lost: async () => null, items: failing(used, [{ name: 'a' }]) };
    const text = await ask('{ ... @defer { inner { lost items @stream { name } } } }', { inner });
    assert.match(text, 'Cannot return null for non-nullable field Inner.lost.');
    assert.not.match(text, 'The list fails.');
    assert.equal(used, ['return', 'returned']);
  });

  life(`... and when an item fails before that is told [R18]${early}`, async () => {
    const used: string[] = [];
    const items = failing(used, [{ name: 'a' }, { name: oops }, { name: 'b' }]);
    const text = await ask('{ items @stream(initialCount: 1) { name } }', { items });
    assert.match(text, 'Oops');
    assert.not.match(text, 'The list fails.');
    assert.equal(used, ['return', 'returned']);
  });

  life(`an iterator whose failure is told is over: it is not closed [R18]${early}`, async () => {
    const used: string[] = [];
    const text = await ask('{ nullable @stream(initialCount: 1) { name } }', {
      nullable: failing(used, [{ name: 'a' }, { name: 'b' }]),
    });
    assert.match(text, 'The list fails.');
    assert.equal(used, []);
  });
}

life.run();
