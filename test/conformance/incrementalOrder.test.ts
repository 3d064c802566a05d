import { parse } from 'graphql';
import * as graphql17 from 'graphql-17';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { createExecutor } from '../../src/engine/createExecutor.ts';
import type { Engine } from '../../src/engine/Engine.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { get } from '../../src/step/get.ts';
import { loader } from '../../steps/load/loader.ts';
import { loadOne } from '../../steps/load/loadOne.ts';
import { payloadsOf, schemasOf, sorted } from './incrementalRoads.ts';
import { mergePayloads } from './mergePayloads.ts';

/** When later parts are begun, and which items come with which: beside graphql-js 17, with `enableEarlyExecution` too. */
interface Context {
  readonly log: string[];
  /** By name: what a test lets go on. */
  readonly gates: Map<string, { readonly promise: Promise<void>; open(): void }>;
}

function gate({ gates }: Context, name: string): { readonly promise: Promise<void>; open(): void } {
  let known = gates.get(name);
  if (known === undefined) {
    let open: () => void = () => {};
    const promise = new Promise<void>((resolve) => {
      open = resolve;
    });
    known = { promise, open };
    gates.set(name, known);
  }
  return known;
}

const schemas = schemasOf(
  /* GraphQL */ `
    type Query { slow: String a: A words: [String] thenables: [String] items: [A] numbers: [Int] must: [String!] }
    type Mutation { first: A second: String }
    type A { n: Int late: String }
  `,
  {
    Query: {
      fields: {
        slow: async (_root, _args, context: Context) => {
          context.log.push('slow');
          await gate(context, 'slow').promise;
          return 'slow';
        },
        a: () => ({ n: 1 }),
        words: (_root, _args, context: Context) =>
          ['a', 'b', 'c'].map(async (word) => {
            await gate(context, word).promise;
            return word;
          }),
        must: (_root, _args, context: Context) =>
          ['a', 'b', 'c'].map(async (word) => {
            await gate(context, word).promise;
            return word === 'b' ? null : word;
          }),
        thenables: (_root, _args, { log }: Context) =>
          ['a', 'b'].map((word) => ({
            // biome-ignore lint/suspicious/noThenProperty: a query builder begins its query here
            then(resolve: (value: string) => void) {
              log.push(`query ${word}`);
              resolve(word);
            },
          })),
        items: () => [{ n: 1 }, { n: 2 }, { n: 3 }],
        async *numbers(_root: unknown, _args: unknown, { log }: Context) {
          try {
            for (let n = 0; n < 1000; n++) {
              log.push(`number ${n}`);
              yield n;
            }
          } finally {
            log.push('closed');
          }
        },
      },
    },
    Mutation: {
      fields: {
        first: async (_root, _args, { log }: Context) => {
          log.push('first');
          return { n: 1 };
        },
        second: async (_root, _args, context: Context) => {
          context.log.push('second');
          await gate(context, 'second').promise;
          context.log.push('second ends');
          return 'second';
        },
      },
    },
    A: {
      fields: {
        async late({ n }, _args, { log }) {
          log.push(`late ${n}`);
          return `late ${n}`;
        },
      },
    },
  },
);

type Road = (args: object) => Promise<unknown>;

function roads(operation: string): Readonly<Record<string, Road>> {
  const run =
    ({ executeIncrementally }: Engine): Road =>
    async (args) =>
      executeIncrementally({ document: parse(operation), ...args });
  const engine = createEngine({ schema: schemas.ours, codegen: 'never' });
  const imported = createExecutor({ schema: schemas.ours });
  imported.importPlan(JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(parse(operation))))));
  return {
    'graphql-js 17': async (args) =>
      graphql17.experimentalExecuteIncrementally({
        schema: schemas.reference,
        document: graphql17.parse(operation),
        ...args,
      }),
    closures: run(engine),
    'generated code': run(createEngine({ schema: schemas.ours, codegen: 'always' })),
    'imported plan': run(imported),
    bytes: async (args) => {
      const payloads = createEngine({ schema: schemas.ours }).executeToPayloads({
        document: parse(operation),
        ...args,
      });
      const next = async (): Promise<IteratorResult<unknown>> => {
        const { value, done } = await payloads.next();
        return done === true ? { value, done } : { value: JSON.parse(Buffer.from(value).toString()), done: false };
      };
      const { value: initialResult } = await next();
      const subsequentResults = {
        next,
        return: () => payloads.return(),
        [Symbol.asyncIterator]: () => subsequentResults,
      };
      return { initialResult, subsequentResults };
    },
  };
}

interface Response {
  readonly initialResult: { readonly data: unknown };
  readonly subsequentResults: AsyncGenerator<{ readonly incremental?: readonly { readonly items?: unknown[] }[] }>;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Long enough for all that waits for nothing. */
async function quiet(): Promise<void> {
  for (let left = 20; left > 0; left--) await turn();
}

const order = suite('incremental delivery: what is begun when');

function onAllRoads(name: string, operation: string, check: (run: Road, road: string) => Promise<void>): void {
  for (const road of ['graphql-js 17', 'closures', 'generated code', 'imported plan', 'bytes']) {
    order(`${name} (${road})`, () => check(roads(operation)[road] as Road, road));
  }
}

function context(): Context {
  return { log: [], gates: new Map() };
}

async function itemsOf({ subsequentResults }: Response): Promise<unknown> {
  const { value } = await subsequentResults.next();
  return value?.incremental?.flatMap(({ items = [] }: { items?: unknown[] }) => items);
}

onAllRoads(
  'a deferred fragment waits for the initial response, and for its consumer [R18 8.5.1]',
  '{ slow a { n ... @defer { late } } }',
  async (run) => {
    const contextValue = context();
    const answer = run({ contextValue }) as Promise<Response>;
    await quiet();
    assert.equal(contextValue.log, ['slow']);
    gate(contextValue, 'slow').open();
    const response = await answer;
    await quiet();
    assert.equal(contextValue.log, ['slow']);
    const { data } = mergePayloads(await payloadsOf(response));
    assert.equal(sorted(data), { a: { late: 'late 1', n: 1 }, slow: 'slow' });
  },
);

onAllRoads(
  'with enableEarlyExecution it waits for neither [R18 8.5.6]',
  '{ slow a { n ... @defer { late } } }',
  async (run) => {
    const contextValue = context();
    const answer = run({ contextValue, enableEarlyExecution: true }) as Promise<Response>;
    await quiet();
    assert.equal(contextValue.log, ['slow', 'late 1']);
    gate(contextValue, 'slow').open();
    const response = await answer;
    assert.equal(sorted(response.initialResult.data), { a: { n: 1 }, slow: 'slow' });
    const { data } = mergePayloads(await payloadsOf(response));
    assert.equal(sorted(data), { a: { late: 'late 1', n: 1 }, slow: 'slow' });
  },
);

onAllRoads(
  'the initial response does not wait for what was begun early [R18 8.5.6]',
  '{ a { n } ... @defer { slow } }',
  async (run) => {
    const contextValue = context();
    const response = (await run({ contextValue, enableEarlyExecution: true })) as Response;
    assert.equal(sorted(response.initialResult.data), { a: { n: 1 } });
    await quiet();
    assert.equal(contextValue.log, ['slow']);
    gate(contextValue, 'slow').open();
    assert.equal(sorted(mergePayloads(await payloadsOf(response)).data), { a: { n: 1 }, slow: 'slow' });
  },
);

onAllRoads(
  'with enableEarlyExecution a list is read ahead, to an end, and closed [R15 R18 8.5.6]',
  '{ slow numbers @stream }',
  async (run, road) => {
    const contextValue = context();
    const answer = run({ contextValue, enableEarlyExecution: true }) as Promise<Response>;
    await quiet();
    assert.ok(contextValue.log.includes('number 1'), 'before the initial response');
    gate(contextValue, 'slow').open();
    const { subsequentResults } = await answer;
    await quiet();
    await quiet();
    const read = contextValue.log.filter((entry) => entry.startsWith('number')).length;
    assert.ok(read > 1 && read < 250, `${road} read ${read} items`);
    await subsequentResults.return(undefined);
    await quiet();
    assert.is(contextValue.log.at(-1), 'closed');
  },
);

onAllRoads(
  'items that are promises come when they are there, in order [R18 8.3.3]',
  '{ words @stream }',
  async (run) => {
    for (const enableEarlyExecution of [false, true]) {
      const contextValue = context();
      const response = (await run({ contextValue, enableEarlyExecution })) as Response;
      const first = itemsOf(response);
      gate(contextValue, 'a').open();
      assert.equal(await first, ['a'], 'it does not wait for those after it');
      gate(contextValue, 'c').open();
      await quiet();
      const second = itemsOf(response);
      await quiet();
      gate(contextValue, 'b').open();
      let items = (await second) as unknown[];
      assert.is(items[0], 'b', 'those after it wait for it');
      for (const payload of await rest(response)) items = [...items, ...payload];
      assert.equal(items, ['b', 'c']);
    }
  },
);

async function rest({ subsequentResults }: Response): Promise<unknown[][]> {
  const payloads: unknown[][] = [];
  for await (const { incremental = [] } of subsequentResults) {
    payloads.push(incremental.flatMap(({ items = [] }) => items));
  }
  return payloads;
}

onAllRoads(
  'a promise of null where none may be ends the list; what comes later is not waited for [R13 R18 8.4.2]',
  '{ must @stream }',
  async (run) => {
    const contextValue = context();
    const response = (await run({ contextValue })) as Response;
    gate(contextValue, 'a').open();
    gate(contextValue, 'b').open();
    const { data, errors } = mergePayloads(await payloadsOf(response));
    assert.equal(data, { must: ['a'] });
    assert.is(errors.length, 1);
  },
);

onAllRoads(
  'a response that is closed does not wait for a promise in a list [R15 R18 8.5.2]',
  '{ words @stream }',
  async (run) => {
    const contextValue = context();
    const response = (await run({ contextValue })) as Response;
    const first = response.subsequentResults.next();
    await quiet();
    await response.subsequentResults.return(undefined);
    assert.is((await first).done, true);
    for (const name of ['a', 'b', 'c']) gate(contextValue, name).open();
    await quiet();
  },
);

onAllRoads('a thenable in a list is begun once [R18 8.3.3]', '{ thenables @stream }', async (run) => {
  const contextValue = context();
  const { data } = mergePayloads(await payloadsOf(run({ contextValue })));
  assert.equal(data, { thenables: ['a', 'b'] });
  assert.equal(contextValue.log, ['query a', 'query b']);
});

order('a promise in a list that never settles ends with its request [R15 R18 8.5.3]', async () => {
  const engine = createEngine({ schema: schemas.ours });
  const contextValue = context();
  const controller = new AbortController();
  const args = { contextValue, abortSignal: controller.signal, onAbort: 'RESPOND' } as const;
  const given = await engine.executeIncrementally({ ...args, document: parse('{ words @stream }') });
  const response = given as unknown as Response;
  gate(contextValue, 'a').open();
  assert.equal(await itemsOf(response), ['a']);
  const last = response.subsequentResults.next();
  await quiet();
  controller.abort(new Error('too late'));
  const { value } = await last;
  assert.is(value.completed[0].errors[0].message, 'too late');
  assert.is(value.hasNext, false);
});

order('in a mutation nothing that is deferred runs beside the next field [R19 8.5.6]', async () => {
  const contextValue = context();
  const document = parse('mutation { first { n ... @defer { late } } second }');
  const engine = createEngine({ schema: schemas.ours });
  const answer = engine.executeIncrementally({ document, contextValue, enableEarlyExecution: true });
  await quiet();
  assert.equal(contextValue.log, ['first', 'second']);
  gate(contextValue, 'second').open();
  await answer;
  await quiet();
  assert.equal(contextValue.log, ['first', 'second', 'second ends', 'late 1']);
});

order('early parts share calls with the initial response: one round less [R9 R18 8.5.6]', async () => {
  const calls: (readonly number[])[] = [];
  const byId = loader({
    name: 'early.byId',
    async load(ids: readonly number[]) {
      calls.push(ids);
      return ids.map((id) => ({ id, friend: id + 1 }));
    },
  });
  const schema = makeSchema({
    typeDefs: 'type Query { a: Row b: Row } type Row { id: Int friend: Row }',
    objects: {
      Query: { plans: { a: { resolve: () => ({ id: 1, friend: 2 }) }, b: { resolve: () => ({ id: 5, friend: 6 }) } } },
      Row: { plans: { friend: ($row) => loadOne(get($row, 'friend'), byId) } },
    },
  });
  const document = parse('{ a { friend { id } } b { id ... @defer { friend { id } } } }');
  const engine = createEngine({ schema });
  for (const enableEarlyExecution of [false, true]) {
    calls.length = 0;
    const { data } = mergePayloads(await payloadsOf(engine.executeIncrementally({ document, enableEarlyExecution })));
    assert.equal(sorted(data), { a: { friend: { id: 2 } }, b: { friend: { id: 6 }, id: 5 } });
    assert.equal(calls, enableEarlyExecution ? [[2, 6]] : [[2], [6]]);
  }
});

order.run();
