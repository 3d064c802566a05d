import { type ExecutionResult, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { executeSync } from '../../src/engine/defaultEngine.ts';
import { makeSchema } from '../../src/index.ts';
import type { ObjectOutput } from '../../src/plan/Plan.ts';
import type { Step } from '../../src/step/Step.ts';
import { get, lambda } from '../../steps/index.ts';
import { later, laterThrow, type TypeBehaviour } from '../conformance/schemaOf.ts';
import { Log, roadsOf, schemaWith } from './askedOnce.ts';

const never = (): Promise<never> => new Promise(() => {});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const rejections: unknown[] = [];
process.on('unhandledRejection', (reason) => rejections.push(reason));

/** What a road answers, with the errors as `path: message` in the order of the response. */
interface Answer {
  readonly data: unknown;
  readonly errors: readonly string[];
}

function shown({ data, errors }: ExecutionResult): Answer {
  return {
    data: JSON.parse(JSON.stringify(data)),
    errors: (errors ?? []).map(({ path, message }) => `${path?.join('.')}: ${message}`),
  };
}

interface Question {
  readonly operation: string;
  readonly root?: (log: Log) => unknown;
  readonly more?: Readonly<Record<string, TypeBehaviour>>;
  readonly args?: () => Record<string, unknown>;
  /** Where each field is a step, a null is not seen before the steps beside it are done (decision execution-null). */
  readonly hasSteps?: false;
  /** Called with what each road answered. */
  readonly check: (answer: Answer, log: Log, road: string) => void;
}

/** Asks every road. Nothing may be asked twice, and no rejection may be left. */
async function ask({ operation, root, more, args, hasSteps, check }: Question): Promise<void> {
  const log = { current: new Log() };
  const schema = schemaWith(log, more);
  const document = parse(operation);
  for (const [road, execute] of Object.entries(roadsOf(schema))) {
    if (road === 'no passes' && hasSteps === false) continue;
    const own = new Log();
    log.current = own;
    const rootValue = root?.(own);
    const result = await execute({ document, rootValue, contextValue: own, ...args?.() } as never);
    check(shown(result), own, road);
    assert.equal(own.repeated, [], `${road}: asked more than once`);
    await turn();
    await turn();
    assert.equal(rejections.splice(0), [], `${road}: no rejection may be left`);
  }
}

const test = suite('holes in responses');

test('5,000 fields, each a promise of a promise, are read once each', async () => {
  const count = 5_000;
  const aliases = Array.from({ length: count }, (_, index) => `n${index}: n`);
  let asked = 0;
  const root = {
    item: {
      get n() {
        const value = ++asked;
        return Promise.resolve(later(later(value, value % 3)));
      },
    },
  };
  const document = parse(`{ item { ${aliases.join(' ')} } }`);
  const engine = createEngine({ schema: schemaWith({ current: new Log() }) });
  const { data } = await engine.execute({ document, rootValue: root });
  assert.is(asked, count);
  const { item } = data as { item: Record<string, number> };
  assert.equal(Object.keys(item).length, count);
  assert.is(item[`n${count - 1}`], count);
  asked = 0;
  assert.is(await engine.executeToString({ document, rootValue: root }), JSON.stringify({ data: { item } }));
  assert.is(asked, count);
});

test('1,000 items, every second one taken away, are read once each', async () => {
  await ask({
    operation: '{ items { a must n } }',
    root: (log) => ({
      items: later(
        Array.from({ length: 1_000 }, (_, index) =>
          log.object(`${index}`, {
            a: () => later(index),
            must: () => (index % 2 === 0 ? later(index) : laterThrow('odd')),
            n: () => later(index, 2),
          }),
        ),
      ),
    }),
    check({ data, errors }, log, road) {
      const { items } = data as { items: unknown[] };
      assert.equal(items.slice(0, 2), [{ a: 0, must: 0, n: 0 }, null], road);
      assert.is(errors.length, 500);
      assert.equal(errors.slice(0, 2), ['items.1.must: odd', 'items.3.must: odd']);
      assert.is(log.asked.length, 3_000);
      log.asked.length = 0;
    },
  });
});

test('errors stand in the order of the response, whatever comes first', async () => {
  await ask({
    operation: '{ a item { b n } b items { n } c }',
    root: (log) => ({
      a: laterThrow('a', 9),
      item: later(log.object('item', { b: () => laterThrow('b', 1), n: () => laterThrow('n', 5) }), 3),
      b: log.call('b', () => {
        throw new Error('at once');
      }),
      items: later([{ n: laterThrow('last', 7) }, later({ n: laterThrow('first', 1) })]),
      c: laterThrow('c', 1),
    }),
    check({ errors }, _log, road) {
      const expected = ['a: a', 'item.b: b', 'item.n: n', 'b: at once', 'items.0.n: last', 'items.1.n: first', 'c: c'];
      assert.equal(errors, expected, road);
    },
  });
});

test('of several errors of one turn that make one null the first counts, and errors behind it do not', async () => {
  await ask({
    operation: '{ item { n mustItem { must } must b } a }',
    root: (log) => ({
      item: log.object('item', {
        n: () => laterThrow('before', 3),
        mustItem: () => later({ must: laterThrow('first', 6) }, 3),
        must: () => laterThrow('second', 1),
        b: () => laterThrow('behind', 1),
      }),
      a: 1,
    }),
    check({ data, errors }, _log, road) {
      assert.equal(data, { item: null, a: 1 }, road);
      assert.equal(errors, ['item.n: before', 'item.mustItem.must: first'], road);
    },
  });
});

test('a response does not wait for holes below a null, and what comes later is watched', async () => {
  let reject: (error: Error) => void = () => {};
  let resolve: (value: unknown) => void = () => {};
  await ask({
    operation: '{ item { n items { n } item { a mustItem { must } } must } a }',
    hasSteps: false,
    root: (log) => ({
      item: log.object('item', {
        n: () => new Promise((_resolve, fail) => (reject = fail)),
        items: () => new Promise((fulfil) => (resolve = fulfil)),
        item: () => later({ a: never(), mustItem: later({ must: never() }) }),
        must: () => later(null, 4),
      }),
      a: later(1),
    }),
    check({ data, errors }, _log, road) {
      assert.equal(data, { item: null, a: 1 }, road);
      assert.equal(errors, ['item.must: Cannot return null for non-nullable field Item.must.'], road);
      reject(new Error('nobody listens'));
      resolve([{ n: Promise.reject(new Error('nobody listens either')) }]);
    },
  });
});

test('a null at once gives up the holes that stand before it', async () => {
  await ask({
    operation: '{ item { n item { a } must } a }',
    root: () => ({ item: { n: never(), item: later({ a: never() }), must: null }, a: later(1) }),
    check({ data }, _log, road) {
      assert.equal(data, { item: null, a: 1 }, road);
    },
  });
});

/** A way in which a request ends early. It ends when the test says so, not after some time. */
interface Ending {
  readonly args: Record<string, unknown>;
  readonly end: () => void;
}

const endings: Readonly<Record<string, () => Ending>> = {
  'a deadline'() {
    const { setTimeout: original } = globalThis;
    let pass = (): void => assert.unreachable('nobody waits for the deadline');
    globalThis.setTimeout = ((task: () => void, delay: number, ...rest: unknown[]) => {
      if (delay < 1e6) return original(task, delay, ...rest);
      pass = task;
      globalThis.setTimeout = original;
      return original(() => {}, 0);
    }) as typeof setTimeout;
    return { args: { deadline: Date.now() + 1e7 }, end: () => pass() };
  },
  'an abort'() {
    const controller = new AbortController();
    return { args: { abortSignal: controller.signal, onAbort: 'RESPOND' }, end: () => controller.abort() };
  },
};

for (const [what, begin] of Object.entries(endings)) {
  test(`${what} is an error of every open hole, in order [4.10.3 4.12.8]`, async () => {
    let opened = 0;
    let closed = 0;
    let end = (): void => {};
    const endless = {
      [Symbol.asyncIterator]: () => {
        opened++;
        turn().then(turn).then(end);
        return {
          next: never,
          async return() {
            closed++;
            return { value: undefined, done: true as const };
          },
        };
      },
    };
    await ask({
      operation: '{ item { a n ints item { b n mustItem { must } } late items { n a } b } }',
      args() {
        const ending = begin();
        end = ending.end;
        opened = closed = 0;
        return ending.args;
      },
      hasSteps: false,
      root: (log) => ({
        item: log.object('item', {
          a: () => Promise.resolve(1),
          n: never,
          ints: () => Promise.resolve(endless),
          item: () => Promise.resolve({ b: 2, n: never(), mustItem: { must: never() } }),
          late: () => 'x',
          items: () => Promise.resolve([Promise.resolve({ n: never(), a: Promise.resolve(3) }), never()]),
          b: () => 4,
        }),
      }),
      more: { Late: { serialize: never } },
      check({ data, errors }, _log, road) {
        const item = { a: 1, n: null, ints: null, item: null, late: null, items: [{ n: null, a: 3 }, null], b: 4 };
        assert.equal(data, { item }, road);
        const paths = errors.map((error) => error.slice(0, error.indexOf(':')));
        assert.equal(
          paths,
          [
            'item.n',
            'item.ints',
            'item.item.n',
            'item.item.mustItem.must',
            'item.late',
            'item.items.0.n',
            'item.items.1',
          ],
          road,
        );
        assert.equal([opened, closed], [1, 1], `${road}: the iterator is closed`);
      },
    });
  });
}

test('promises that have settled by the abort still count, also one in the other [4.10.3]', async () => {
  await ask({
    operation: '{ item { a item { items { item { a b } a } } b } n }',
    args() {
      const controller = new AbortController();
      queueMicrotask(() => controller.abort(new Error('enough')));
      return { abortSignal: controller.signal, onAbort: 'RESPOND' };
    },
    hasSteps: false,
    root: () => ({
      item: {
        a: 1,
        b: Promise.resolve(2),
        item: Promise.resolve({
          items: Promise.resolve([
            Promise.resolve({ item: Promise.resolve({ a: Promise.resolve(5), b: never() }), a: Promise.resolve(4) }),
          ]),
        }),
      },
      n: never(),
    }),
    check({ data, errors }, _log, road) {
      assert.equal(data, { item: { a: 1, item: { items: [{ item: { a: 5, b: null }, a: 4 }] }, b: 2 }, n: null }, road);
      assert.equal(errors, ['item.item.items.0.item.b: enough', 'n: enough'], road);
    },
  });
});

test('an aborted request rejects with the response so far', async () => {
  const engine = createEngine({ schema: schemaWith({ current: new Log() }) });
  const controller = new AbortController();
  const given = engine.execute({
    document: parse('{ item { a n b } }'),
    rootValue: { item: { a: later(1), n: never(), b: 2 } },
    abortSignal: controller.signal,
    onAbort: 'REJECT',
  } as never);
  await turn();
  controller.abort(new Error('enough'));
  try {
    await given;
    assert.unreachable('it rejects');
  } catch (error) {
    const { message, abortedResult } = error as Error & { abortedResult: ExecutionResult };
    assert.match(message, /enough/);
    assert.equal(JSON.parse(JSON.stringify(abortedResult.data)), { item: { a: 1, n: null, b: 2 } });
  }
});

test('a look at a run that goes on asks nothing twice [4.12.15]', async () => {
  await ask({
    operation: '{ item { a must n } mustItem { logged late a slow: c text items { a c } n } b }',
    more: {
      Query: {
        fields: {
          item: (_source, _args, log: Log) => log.object('item', { a: () => 1, n: () => later(2) }),
          mustItem: (_source, _args, log: Log) =>
            log.object('other', {
              logged: () => 'logged',
              late: () => 'late',
              a: () => 1,
              text: log.call('text', () => log.call('called', () => later('text'))),
              items: () => [log.object('inner', { a: () => later(5) }), later(log.object('second', { a: () => 6 }))],
              n: () => laterThrow('n'),
            }),
          b: async () => {
            for (let turns = 0; turns < 4; turns++) await turn();
            return 7;
          },
        },
      },
      Item: {
        fields: {
          must: () => later(null),
          c: async () => {
            for (let turns = 0; turns < 3; turns++) await turn();
            return 3;
          },
        },
      },
    },
    check({ data, errors }, _log, road) {
      const mustItem = {
        logged: 'logged',
        late: 'late',
        a: 1,
        slow: 3,
        text: 'text',
        items: [
          { a: 5, c: 3 },
          { a: 6, c: 3 },
        ],
        n: null,
      };
      assert.equal(data, { item: null, mustItem, b: 7 }, road);
      assert.equal(errors, ['item.must: Cannot return null for non-nullable field Item.must.', 'mustItem.n: n'], road);
    },
  });
});

test('keys of leaves that JSON leaves out are left out, wherever they stand', async () => {
  const schema = schemaWith(
    { current: new Log() },
    { Late: { serialize: (value) => later(value === 0 ? undefined : value) } },
  );
  const engine = createEngine({ schema });
  for (let bits = 0; bits < 16; bits++) {
    const values = Array.from({ length: 4 }, (_, bit) => ((bits >> bit) & 1 ? later(0) : bit + 1));
    const root = { item: { item: Object.fromEntries(values.map((value, bit) => [`n${bit}`, value])), lates: values } };
    const aliases = ['late', 'one: late', 'two: late', 'three: late'];
    let asked = 0;
    const owner = {
      get late() {
        return values[asked++ % 4];
      },
      lates: values,
    };
    const document = parse(`{ item { ${aliases.join(' ')} lates } rest: item { ${aliases.join(' ')} } n }`);
    const rootValue = { item: owner, n: later(bits) };
    const objects = JSON.stringify(await engine.execute({ document, rootValue }));
    assert.is(await engine.executeToString({ document, rootValue }), objects, `${bits}`);
    assert.is(root.item.lates, values);
    const mutation = parse(`mutation { ${aliases.join(' ')} n }`);
    const series = JSON.stringify(await engine.execute({ document: mutation, rootValue: owner }));
    assert.is(await engine.executeToString({ document: mutation, rootValue: owner }), series, `mutation ${bits}`);
  }
});

test('large responses with holes are joined as they would be written', async () => {
  const engine = createEngine({ schema: schemaWith({ current: new Log() }), codegen: 'always' });
  const rootValue = {
    text: later('é'.repeat(5_000)),
    items: Array.from({ length: 2_000 }, (_, of) => {
      const item = {
        text: `${of} "quoted" é`,
        n: later(of),
        must: of % 7 === 0 ? later(null) : of,
        late: later(`l${of}`),
      };
      return of % 3 === 0 ? later(item) : item;
    }),
  };
  const document = parse('{ text items { text n must late } text2: text }');
  const expected = JSON.stringify(await engine.execute({ document, rootValue }));
  assert.is(await engine.executeToString({ document, rootValue }), expected);
  assert.is(Buffer.from(await engine.executeToBuffer({ document, rootValue })).toString('utf8'), expected);
});

test('toJSON is called once, whatever stands beside it', async () => {
  const schema = schemaWith({ current: new Log() }, { Logged: { serialize: (value) => value } });
  const asked: string[] = [];
  const logged = {
    toJSON(key: string) {
      asked.push(key);
      return { key };
    },
  };
  const rootValue = { item: { logged, n: later(1), item: later({ logged }) } };
  const document = parse('{ item { logged n item { mine: logged } } }');
  for (const codegen of ['never', 'always'] as const) {
    const text = await createEngine({ schema, codegen }).executeToString({ document, rootValue });
    assert.equal(JSON.parse(text).data.item, { logged: { key: 'logged' }, n: 1, item: { mine: { key: 'mine' } } });
  }
  assert.equal(asked, ['logged', 'mine', 'logged', 'mine']);
});

test('promises that call back at once, twice, or throw are holes like others', async () => {
  class Underivable extends Promise<unknown> {}
  Object.defineProperty(Underivable, Symbol.species, {
    get() {
      throw new Error('no species');
    },
  });
  const thenIs = (then: unknown): unknown => Object.defineProperty({}, 'then', { value: then });
  const ownThen = (then: unknown): unknown => Object.defineProperty(Promise.resolve(0), 'then', { value: then });
  const atOnce = (resolve: (value: unknown) => void): void => resolve(1);
  const twice = (resolve: (value: unknown) => void, reject: (error: unknown) => void): void => {
    resolve(2);
    reject(new Error('too late'));
    resolve(3);
  };
  const refuses = (): never => {
    throw new Error('refuses');
  };
  await ask({
    operation: '{ item { a b c n text item { a b } ints } }',
    root: () => ({
      item: {
        a: ownThen(atOnce),
        b: thenIs(twice),
        c: ownThen(twice),
        n: thenIs(refuses),
        text: ownThen(refuses),
        item: ownThen((resolve: (value: unknown) => void) => resolve({ a: ownThen(atOnce), b: later(2) })),
        ints: [ownThen(atOnce), new Underivable((resolve) => resolve(1)), thenIs(atOnce)],
      },
    }),
    hasSteps: false,
    check({ data, errors }, _log, road) {
      const item = { a: 1, b: 2, c: 2, n: null, text: null, item: { a: 1, b: 2 }, ints: [1, null, 1] };
      assert.equal(data, { item }, road);
      assert.equal(errors, ['item.n: refuses', 'item.text: refuses', 'item.ints.1: no species'], road);
    },
  });
});

test('user code that aborts its own request while a hole is filled ends the others', async () => {
  for (const codegen of ['never', 'always'] as const) {
    const controller = new AbortController();
    const schema = schemaWith(
      { current: new Log() },
      {
        Late: {
          serialize(value) {
            controller.abort(new Error('enough'));
            return value;
          },
        },
      },
    );
    const result = await createEngine({ schema, codegen }).execute({
      document: parse('{ item { n late items { n } } }'),
      rootValue: { item: { n: never(), late: later(1), items: later([{ n: never() }, { n: 2 }], 3) } },
      abortSignal: controller.signal,
      onAbort: 'RESPOND',
    } as never);
    const { data, errors } = shown(result as ExecutionResult);
    assert.equal(data, { item: { n: null, late: 1, items: null } });
    assert.equal(errors, ['item.n: enough', 'item.items: enough']);
  }
});

test('executeSync refuses holes as graphql-js does', () => {
  const schema = schemaWith({ current: new Log() });
  const rootValue = { item: { n: later(1) } };
  assert.throws(
    () => executeSync({ schema, document: parse('{ item { n } }'), rootValue }),
    /GraphQL execution failed to complete synchronously/,
  );
});

test('an event of a subscription has holes of its own', async () => {
  const log = new Log();
  const engine = createEngine({ schema: schemaWith({ current: log }) });
  const result = await engine.subscribe({
    document: parse('subscription { item { a n } }'),
    rootValue: {
      async *item() {
        yield { item: log.object('first', { a: () => 1, n: () => later(2) }) };
        yield { item: later(log.object('second', { a: () => later(3), n: () => laterThrow('n') })) };
      },
    },
  });
  const events: Answer[] = [];
  for await (const event of result as AsyncIterable<ExecutionResult>) events.push(shown(event));
  assert.equal(events, [
    { data: { item: { a: 1, n: 2 } }, errors: [] },
    { data: { item: { a: 3, n: null } }, errors: ['item.n: n'] },
  ]);
  assert.equal(log.sorted, ['first.a', 'first.n', 'second.a', 'second.n']);
});

test('parts that are delivered later have holes of their own', async () => {
  const log = new Log();
  const engine = createEngine({ schema: schemaWith({ current: log }) });
  const item = (name: string, of: number): object =>
    log.object(name, {
      a: () => of,
      n: () => later(of, 3),
      item: () => later(log.object(`${name}.item`, { b: () => later(of), must: () => later(of === 2 ? null : of) })),
    });
  const response = await engine.executeIncrementally({
    document: parse(`{
      a
      item { n ... @defer(label: "own") { a item { b ... @defer(label: "inner") { must } } } }
      items @stream(initialCount: 1) { a n item { b must } }
    }`),
    rootValue: {
      a: later(1),
      item: later(item('deferred', 5)),
      items: () => later([1, 2, 3].map((of) => later(item(`streamed ${of}`, of)))),
    },
  });
  if (!('initialResult' in response)) return assert.unreachable('it has later parts');
  const { initialResult, subsequentResults } = response;
  assert.equal(JSON.parse(JSON.stringify(initialResult.data)), {
    a: 1,
    item: { n: 5 },
    items: [{ a: 1, n: 1, item: { b: 1, must: 1 } }],
  });
  const rest: string[] = [];
  for await (const payload of subsequentResults) rest.push(JSON.stringify(payload));
  const all = rest.join('\n');
  assert.match(all, /"data":\{"a":5,"item":\{"b":5\}\}/);
  assert.match(all, /"data":\{"must":5\}/);
  assert.match(all, /\{"a":2,"n":2,"item":null\}/);
  assert.match(all, /\{"a":3,"n":3,"item":\{"b":3,"must":3\}\}/);
  assert.equal(log.repeated, []);
  assert.is(log.asked.length, 4 * 3 + 4 * 2);
});

test('a hole in whose place a deferred fragment begins goes with the null that takes it away', async () => {
  const engine = createEngine({ schema: schemaWith({ current: new Log() }) });
  const response = await engine.executeIncrementally({
    document: parse('{ item { item { a ... @defer { n } } must } b ... @defer { c } }'),
    rootValue: { item: { item: later({ a: 1, n: 2 }), must: later(null, 5) }, b: 3, c: later(4) },
  });
  if (!('initialResult' in response)) return assert.unreachable('it has later parts');
  assert.equal(JSON.parse(JSON.stringify(response.initialResult.data)), { item: null, b: 3 });
  assert.equal(
    response.initialResult.pending?.map(({ path }) => path),
    [[]],
  );
  const rest: unknown[] = [];
  for await (const { incremental } of response.subsequentResults) rest.push(incremental);
  assert.equal(JSON.parse(JSON.stringify(rest)), [[{ id: '0', data: { c: 4 } }]]);
});

test('a defect of planql in a hole ends in an answer', async () => {
  const engine = createEngine({ schema: schemaWith({ current: new Log() }), codegen: 'never' });
  const document = parse('{ item { a item { n } } }');
  const { plan } = engine.prepare(document);
  const inner = plan.outputs.find((output) => output.kind === 'object' && output.fields[0]?.key === 'n');
  assert.is(inner?.kind, 'object');
  // The fields of an object are compiled when one is first written: that is in the hole.
  Object.assign((inner as ObjectOutput).fields[0]?.position as object, { output: 999 });
  const rootValue = { item: { a: later(1), item: later({ n: 1 }) } };
  const { errors, data } = await engine.execute({ document, rootValue });
  assert.is(data, null);
  assert.is(errors?.length, 1);
  assert.match(await engine.executeToString({ document, rootValue }), /^\{"errors":/);
});

async function turns<T>(value: T, count: number): Promise<T> {
  for (let left = count; left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
  return value;
}

test('an item of a list of lists that is still to come when a null is seen is looked up when it is there', async () => {
  type T = Step<{ id: string }>;
  const schema = makeSchema({
    typeDefs: 'type Query { lists: [[T]] other: T } type T { id: ID named: String must: Int! }',
    objects: {
      T: {
        plans: {
          named: ($t: Step) => lambda(get($t as T, 'id'), (id) => `no. ${id}`),
          must: ($t: Step) => lambda(get($t as T, 'id'), () => null),
        },
      },
    },
  } as never);
  // The lists are there when the null is, and the rows of their items are not.
  const rootValue = {
    lists: () => [[turns({ id: '1' }, 4), { id: '2' }], [{ id: '3' }]],
    other: () => turns({ id: '4' }, 1),
  };
  const document = parse('{ lists { id named } other { must } }');
  for (const codegen of ['always', 'never'] as const) {
    const engine = createEngine({ schema, codegen });
    const lists = [
      [
        { id: '1', named: 'no. 1' },
        { id: '2', named: 'no. 2' },
      ],
      [{ id: '3', named: 'no. 3' }],
    ];
    const { data } = await engine.execute({ document, rootValue });
    assert.equal(JSON.parse(JSON.stringify(data)), { lists, other: null }, codegen);
    assert.equal(
      JSON.parse(await engine.executeToString({ document, rootValue })).data,
      { lists, other: null },
      codegen,
    );
  }
});

test.run();
