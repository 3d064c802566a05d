/** A deadline also holds where the event loop never turns: no timer fires while loaders and resolvers answer at once. */
import { type ExecutionResult, type GraphQLSchema, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Engine } from '../../src/engine/Engine.ts';
import {
  constant,
  createEngine,
  first,
  fn,
  get,
  incrementalTypeDefs,
  lambda,
  listLength,
  loader,
  loadOne,
  makeSchema,
  type Step,
} from '../../src/index.ts';
import { allPasses } from './roads.ts';

/** The clock at which each call of the application began. */
const began: number[] = [];

/** Holds up the process, as code that computes does. */
function work<T>(value: T, ms = 8): T {
  const now = Date.now();
  began.push(now);
  while (Date.now() < now + ms);
  return value;
}

const many = (of: (n: number) => unknown): unknown[] => Array.from({ length: 400 }, (_, n) => of(n));
const atOnce = loader({ name: 'test.atOnce', load: (ids: readonly number[]) => ids.map((id) => work({ id: id + 1 })) });
const resolved = loader({
  name: 'test.resolved',
  load: async (ids: readonly number[]) => {
    await null;
    return ids.map((id) => work({ id: id + 1 }));
  },
});
const late = loader({
  name: 'test.late',
  load: async (ids: readonly number[]) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return ids.map((id) => work({ id: id + 1 }));
  },
});
const worked = fn('test.worked', (id: number) => work(id));
const lists = fn('test.deadlines.lists', () => ({
  endless: rootValue.endless(),
  asyncEndless: rootValue.asyncEndless(),
}));
const root = (): Step<{ endless: Iterable<number>; asyncEndless: AsyncIterable<number> }> =>
  lambda(constant(1), lists) as never;
const levels = (field: string): string => `{ ${`${field} { `.repeat(100)} id ${' }'.repeat(100)} }`;

const schema: GraphQLSchema = makeSchema({
  typeDefs: [
    incrementalTypeDefs,
    /* GraphQL */ `
      interface Node { id: Int }
      type Row implements Node { id: Int atOnce: Row resolved: Row late: Row method: Int object: Row resolver: Int promise: Int lambda: Int }
      type Typed implements Node { id: Int }
      type Query { row: Row rows: [Row] nodes: [Node] typed: [Typed] endless: [Int] endlessRows: [Row] asyncEndless: [Int] asyncRows: [Row] length: Int asyncFirst: Int }
      type Mutation { write: Int }
      type Subscription { rows: [Row] }
    `,
  ],
  objects: {
    Query: {
      plans: {
        length: () => listLength(get(root(), 'endless') as never),
        asyncFirst: () => first(get(root(), 'asyncEndless') as never),
      },
    },
    Row: {
      plans: {
        atOnce: ($row) => loadOne(get($row, 'id'), atOnce),
        resolved: ($row) => loadOne(get($row, 'id'), resolved),
        late: ($row) => loadOne(get($row, 'id'), late),
        lambda: ($row) => lambda(get($row, 'id'), worked),
      },
      resolvers: { resolver: () => work(1), promise: async () => work(1) },
    },
    Typed: { isTypeOf: () => work(true) },
    Mutation: { resolvers: { write: () => work(1) } },
    Subscription: {
      resolvers: {
        rows: {
          async *subscribe() {
            yield { rows: rootValue.rows() };
          },
          resolve: ({ rows }: { readonly rows: unknown }) => rows,
        },
      },
    },
  },
  interfaces: { Node: { resolveType: () => work('Row') } },
});

const row = (id: number): object => ({ id, method: () => work(id), object: () => work({ id }) });
const rootValue = {
  row: () => row(0),
  rows: () => many(row),
  nodes: () => many(row),
  typed: () => many(row),
  *endless() {
    for (;;) yield work(1);
  },
  *endlessRows() {
    for (;;) yield work(row(1));
  },
  async *asyncEndless() {
    for (;;) yield work(1);
  },
  async *asyncRows() {
    for (;;) yield work(row(1));
  },
};

const operations: Record<string, string> = {
  'loaders that answer at once': `{ row ${levels('atOnce')} }`,
  'loaders that answer by resolved promises': `{ row ${levels('resolved')} }`,
  'loaders that answer late': `{ row ${levels('late')} }`,
  'resolvers of many rows': '{ rows { resolver } }',
  'resolvers of many rows that give promises': '{ rows { promise } }',
  'functions of many rows': '{ rows { lambda } }',
  'methods that the output calls': '{ rows { method } }',
  'methods that a step calls': '{ rows { object { lambda } } }',
  'resolveType of many rows': '{ nodes { id } }',
  'isTypeOf of many rows': '{ typed { id } }',
  'an iterator without end': '{ endless }',
  'an iterator of objects without end': '{ endlessRows { lambda } }',
  'an async iterator without end': '{ asyncEndless }',
  'an async iterator of objects without end': '{ asyncRows { lambda } }',
  'a step that reads an iterator without end': '{ length }',
  'a step that reads an async iterator without end': '{ asyncFirst }',
  'a mutation of many fields': `mutation { ${Array.from({ length: 200 }, (_, n) => `w${n}: write`).join(' ')} }`,
  'a deferred part': '{ row { id } ... @defer { rows { resolver } } }',
  'streamed items': '{ rows @stream { resolver } }',
  'deferred parts of streamed items': '{ rows @stream { id ... @defer { lambda } } }',
};

const engines: Record<string, Engine> = {
  closures: createEngine({ schema, codegen: 'never' }),
  'generated code': createEngine({ schema, codegen: 'always' }),
  'no passes': createEngine({ schema, disabledPasses: allPasses }),
};

/** Asks, and asserts that nothing began after the deadline but what may have begun in the millisecond before it. */
async function asserting(ask: (deadline: number) => Promise<string>): Promise<void> {
  began.length = 0;
  let deadline = 0;
  let text = '';
  // A busy machine may let the time pass before anything begins.
  for (let round = 0; round < 10 && began.length === 0; round++) {
    deadline = Date.now() + 100;
    text = await ask(deadline);
  }
  const late = began.filter((at) => at > deadline + 1);
  assert.ok(began.length > 0, `${began.length} calls`);
  assert.ok(late.length <= 1, `${late.length} of ${began.length} calls began after the deadline`);
  assert.match(text, 'The deadline of this request has passed.');
}

const deadlines = suite('deadlines where the event loop never turns');

for (const [what, operation] of Object.entries(operations)) {
  deadlines(`${what} [R15 4.10.2]`, async () => {
    const document = parse(operation);
    for (const engine of Object.values(engines)) {
      engine.prepare(document, null, { branches: 'all' }); // that takes time of its own
      if (!/@/.test(operation)) {
        await asserting(async (deadline) => JSON.stringify(await engine.execute({ document, rootValue, deadline })));
        await asserting(async (deadline) => await engine.executeToString({ document, rootValue, deadline }));
        continue;
      }
      await asserting(async (deadline) => {
        let text = '';
        for await (const payload of engine.executeToPayloads({ document, rootValue, deadline })) {
          text += Buffer.from(payload).toString();
        }
        return text;
      });
    }
  });
}

deadlines('executionMs of an engine, and of each event of a subscription [R15 4.10.2 4.10.6]', async () => {
  const engine = createEngine({ schema, limits: { executionMs: 100 } });
  const document = parse('{ rows { resolver } }');
  engine.prepare(document);
  await asserting(async () => JSON.stringify(await engine.execute({ document, rootValue })));
  const subscription = parse('subscription { rows { resolver } }');
  engine.prepare(subscription);
  const events = await engine.subscribe({ document: subscription });
  assert.ok(Symbol.asyncIterator in events);
  await asserting(async () => JSON.stringify((await events.next()).value));
});

deadlines('what was there before the deadline is served [4.10.3]', async () => {
  const engine = createEngine({ schema });
  const document = parse('{ rows { id resolver } }');
  engine.prepare(document);
  const result = (await engine.execute({ document, rootValue, deadline: Date.now() + 100 })) as ExecutionResult;
  const rows = result.data?.rows as readonly { readonly id: number; readonly resolver: number | null }[];
  assert.is(rows.length, 400);
  assert.is(rows[0]?.resolver, 1);
  assert.equal(rows[399], { id: 399, resolver: null });
  assert.is(result.errors?.length, rows.filter(({ resolver }) => resolver === null).length);
});

deadlines.run();
