import { type ExecutionResult, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, fail, loader, loadOne, makeSchema } from '../../src/index.ts';
import {
  ask,
  listQuery,
  messages,
  nameOf,
  numbers,
  onRoads,
  type Row,
  rowQuery,
  rows,
  rowsQuery,
  turn,
  worldOf,
} from './batchingWorld.ts';
import { casesOf } from './roads.ts';

const addCases = casesOf(import.meta.url);
const roads = onRoads('batching between requests');
const batching = roads.add;

batching('requests that run at the same time share calls, and each gets its own [R16 7.1.1]', async () => {
  const world = worldOf();
  const results = await Promise.all(
    numbers(100).map(async (id) => world.engine.execute({ document: listQuery, variableValues: { id: String(id) } })),
  );
  results.forEach(({ data }, id) => {
    assert.equal(JSON.parse(JSON.stringify(data)), {
      row: { name: `n${id}`, parts: [{ id: `${id}a` }, { id: `${id}b` }] },
    });
  });
  assert.is(world.calls.length, 2, '200 calls without batching');
});

batching('without "batch" nothing is shared [R16 7.1.1]', async () => {
  const calls: unknown[] = [];
  const own = loader<Row, string>({
    name: 'batching.own',
    load: (keys) => {
      calls.push(keys);
      return rows(keys);
    },
  });
  const schema = makeSchema({
    typeDefs: 'type Query { row(id: ID!): Row } type Row { name: String }',
    objects: { Query: { plans: { row: (_$root, { $id }) => loadOne($id, own) } } },
  });
  const engine = createEngine({ schema });
  const document = parse('{ row(id: "1") { name } }');
  await Promise.all([engine.execute({ document }), engine.execute({ document })]);
  assert.equal(calls, [['1'], ['1']]);
});

batching('a key that several requests ask for is asked for once in a call [R16 7.2.4]', async () => {
  const world = worldOf();
  const results = await Promise.all(['1', '2', '1', '1'].map((id) => ask(world, id)));
  assert.equal(
    results.map((result) => nameOf(result)),
    ['n1', 'n2', 'n1', 'n1'],
  );
  assert.equal(
    world.calls.map(({ keys }) => keys),
    [['1', '2']],
  );
});

batching('globals and attributes are part of what must be equal [R3 R16 7.1.2]', async () => {
  const world = worldOf();
  const onlyId = parse('query ($id: ID!) { row(id: $id) { id } }');
  await Promise.all([
    ask(world, '1', { lang: 'en' }),
    ask(world, '2', { lang: 'de' }),
    ask(world, '3', { lang: 'en' }),
    world.engine.execute({ document: onlyId, variableValues: { id: '4' } }),
  ]);
  assert.equal(
    world.calls.map(({ keys, info }) => [keys, info.global, info.attributes]),
    [
      [['1', '3'], { lang: 'en' }, ['id', 'name']],
      [['2'], { lang: 'de' }, ['id', 'name']],
      [['4'], { lang: 'en' }, ['id']],
    ],
  );
});

batching('contexts with one key share; others do not; without a key a request is alone [R16 7.1.3]', async () => {
  const world = worldOf({
    batch: { contextKey: ({ tenant }: { tenant: string | null }) => tenant },
    answer: (keys, { context }) => keys.map((id) => ({ id, name: `${context.tenant}/${id}` })),
  });
  const tenants = ['a', 'b', 'a', null, null];
  const results = await Promise.all(tenants.map((tenant, id) => ask(world, String(id), { context: { tenant } })));
  assert.equal(
    results.map((result) => nameOf(result)),
    ['a/0', 'b/1', 'a/2', 'null/3', 'null/4'],
  );
  assert.equal(world.calls.map(({ keys }) => keys).sort(), [['0', '2'], ['1'], ['3'], ['4']]);
});

batching('a loader that reads the context must say how contexts are shared [R16 7.1.3]', async () => {
  const world = worldOf({ answer: (keys, { context }) => keys.map(() => context) });
  const result = await ask(world, '1', { context: {} });
  assert.equal(messages(result), [
    'Loader "batching.row" shares calls between requests, but reads "context". Give it batch.contextKey, a function that returns equal keys for requests that may share its calls.',
  ]);
});

for (const [what, answer] of [
  ['throws', () => Promise.reject(new Error('poison'))],
  ['gives a list of the wrong length', () => []],
] as const) {
  batching(`where a shared call ${what}, each request is asked for alone, and one fails [R16 7.3.1]`, async () => {
    const world = worldOf({ answer: (keys) => (keys.includes('13') ? answer() : rows(keys)) });
    const results = await Promise.all(numbers(100).map((id) => ask(world, String(id))));
    results.forEach((result, id) => {
      if (id === 13) assert.is(messages(result).length, 1);
      else assert.equal([nameOf(result), result.errors], [`n${id}`, undefined]);
    });
    assert.is(world.calls.length, 101, 'one call together, one for each alone');
  });
}

batching(
  'repeated calls keep to maxCalls, and newcomers do not wait behind all of them [R16 7.2.2 7.3.1]',
  async () => {
    let running = 0;
    let most = 0;
    const order: number[] = [];
    const answer = async (keys: readonly unknown[]): Promise<never> => {
      running++;
      most = Math.max(most, running);
      order.push(keys.length);
      await turn();
      running--;
      throw new Error('The store is down.');
    };
    const world = worldOf({ batch: { maxCalls: 2 }, answer });
    const asked = numbers(500).map((id) => ask(world, String(id)));
    await world.begun(10);
    const late = await ask(world, 'late');
    assert.ok(world.calls.length < 30, `a newcomer waited for ${world.calls.length} calls`);
    assert.equal(messages(late), ['The store is down.']);
    for (const result of await Promise.all(asked)) assert.equal(messages(result), ['The store is down.']);
    assert.is(most, 2);
    assert.is(world.calls.length, 502);
    assert.equal(order.slice(0, 3), [500, 1, 1]);
  },
);

batching('a call is not repeated for a request that is over by then [R15 R16 7.3.1 7.3.4]', async () => {
  const controllers = numbers(20).map(() => new AbortController());
  const world = worldOf({
    batch: { maxCalls: 1 },
    isGated: true,
    answer: () => {
      throw new Error('No.');
    },
  });
  const asked = controllers.map(({ signal }, id) => ask(world, String(id), { signal }));
  (await world.begun(1)).open();
  const repeated = await world.begun(2);
  for (const controller of controllers) controller.abort(new Error('gone'));
  repeated.open();
  await Promise.all(asked);
  await turn();
  assert.is(world.calls.length, 2);
});

batching('what fails for one key fails for it only, without another call [R16 7.3.2]', async () => {
  const world = worldOf({
    answer: (keys) => keys.map((id) => (id === '2' ? fail(new Error('no 2')) : { id, name: `n${id}` })),
  });
  const results = await Promise.all(['1', '2', '3'].map((id) => ask(world, id)));
  assert.equal(results.map(messages), [[], ['no 2'], []]);
  assert.is(world.calls.length, 1);
});

batching('a call of one request alone is not repeated when it fails [R16 7.3.1]', async () => {
  const world = worldOf({ answer: () => Promise.reject(new Error('down')) });
  assert.equal(messages(await ask(world, '1')), ['down']);
  assert.is(world.calls.length, 1);
});

batching('the end of one request is not the end of the others [R15 R16 7.3.3]', async () => {
  const world = worldOf({ isGated: true });
  const controllers = numbers(3).map(() => new AbortController());
  const asked = controllers.map(({ signal }, id) => ask(world, String(id), { signal }));
  const call = await world.begun(1);
  const { signal } = call.info;
  controllers[1]?.abort(new Error('gone'));
  assert.equal(messages(await (asked[1] as Promise<ExecutionResult>)), ['gone'], 'answered at once');
  assert.is(signal.aborted, false);
  call.open();
  assert.equal(
    (await Promise.all(asked)).map((result) => nameOf(result)),
    ['n0', undefined, 'n2'],
  );
});

batching('the deadline of one request is not that of the others [R15 R16 7.3.3]', async () => {
  const world = worldOf({ isGated: true });
  const late = world.engine.execute({ document: rowQuery, variableValues: { id: '1' }, deadline: Date.now() + 500 });
  const other = ask(world, '2');
  const call = await world.begun(1);
  assert.equal(call.keys, ['1', '2']);
  assert.is(((await late) as ExecutionResult).errors?.length, 1, 'answered while the call is under way');
  assert.is(call.info.signal.aborted, false);
  call.open();
  assert.is(nameOf(await other), 'n2');
});

batching('when all have gone, the call is aborted [R15 R16 7.3.3]', async () => {
  const world = worldOf({ isGated: true });
  const controllers = numbers(2).map(() => new AbortController());
  const asked = controllers.map(({ signal }, id) => ask(world, String(id), { signal }));
  const call = await world.begun(1);
  const { signal } = call.info;
  for (const controller of controllers) controller.abort(new Error('gone'));
  assert.ok(signal.aborted);
  assert.equal((await Promise.all(asked)).map(messages), [['gone'], ['gone']]);
  call.open();
});

batching('what waits for a request that is over is not asked for [R15 R16 7.3.4]', async () => {
  const world = worldOf({ batch: { maxWaitMs: 1e6, maxSize: 3 } });
  const controller = new AbortController();
  const gone = ask(world, '1', { signal: controller.signal });
  const second = ask(world, '2');
  controller.abort(new Error('gone'));
  assert.equal(messages(await gone), ['gone']);
  const others = Promise.all([second, ask(world, '3')]);
  // The third key filled the call, whose first was dropped.
  assert.equal(
    (await others).map((result) => nameOf(result)),
    ['n2', 'n3'],
  );
  assert.equal(
    world.calls.map(({ keys }) => keys),
    [['2', '3']],
  );
});

batching('a call begins when it is full, however long it may wait [R16 7.2.1]', async () => {
  const world = worldOf({ batch: { maxWaitMs: 1e6, maxSize: 2 } });
  const first = ask(world, '1');
  await turn();
  assert.is(world.calls.length, 0);
  assert.equal(
    (await Promise.all([first, ask(world, '2')])).map((result) => nameOf(result)),
    ['n1', 'n2'],
  );
});

batching('one key does not wait behind ten thousand [R16 7.2.3]', async () => {
  const world = worldOf({ batch: { maxSize: 100, maxCalls: 1 }, isGated: true });
  const many = world.engine.execute({ document: rowsQuery, variableValues: { ids: numbers(10_000).map(String) } });
  const first = await world.begun(1);
  assert.is(first.keys.length, 100);
  const one = world.engine.execute({ document: rowsQuery, variableValues: { ids: ['x'] } });
  first.open();
  const second = await world.begun(2);
  assert.is(second.keys.length, 100);
  assert.ok(second.keys.includes('x'), 'the next call has it');
  second.open();
  assert.equal(JSON.parse(JSON.stringify((await one).data)), { rows: [{ id: 'x' }] });
  assert.is(world.calls.length, 3);
  for (let number = 3; number <= 101; number++) (await world.begun(number)).open();
  const { data } = (await many) as { data: { rows: unknown[] } };
  assert.is(data.rows.length, 10_000);
  assert.is(world.calls.length, 101);
});

batching('of what gathers while calls are under way, each request has an equal share [R16 7.2.3]', async () => {
  const world = worldOf({ batch: { maxSize: 10, maxCalls: 1 }, isGated: true });
  const keysOf = (letter: string, count: number) => numbers(count).map((n) => `${letter}${n}`);
  const askMany = (ids: string[]) => world.engine.execute({ document: rowsQuery, variableValues: { ids } });
  const first = askMany(['z']);
  await world.begun(1);
  const others = [askMany(keysOf('a', 20)), askMany(keysOf('b', 3)), askMany(keysOf('c', 4))];
  await turn();
  world.calls[0]?.open();
  const second = await world.begun(2);
  assert.equal([...second.keys].sort(), [...keysOf('a', 4), ...keysOf('b', 3), ...keysOf('c', 3)].sort());
  second.open();
  for (let number = 3; number <= 4; number++) (await world.begun(number)).open();
  await Promise.all([first, ...others]);
  assert.is(world.calls.length, 4);
});

batching('a read after an effect is not in a call that began before it [R19 R16 7.2.5]', async () => {
  const world = worldOf({ isGated: true });
  const before = ask(world, '1');
  const first = await world.begun(1);
  const write = world.engine.execute({ document: parse('mutation { write(id: "1") { id name } }') });
  const second = await world.begun(2);
  assert.equal(second.keys, ['1']);
  first.open();
  second.open();
  assert.is(nameOf(await before), 'n1');
  assert.is(nameOf(await write, 'write'), 'n1');
});

batching('subscribers who are told of an event at the same time share calls [R16 7.1.1]', async () => {
  const world = worldOf();
  const document = parse('subscription { row { name } }');
  const streams = await Promise.all(numbers(20).map(async () => world.engine.subscribe({ document })));
  for (const key of ['1', '2']) {
    const events = await Promise.all(
      streams.map((stream) => (stream as AsyncGenerator<ExecutionResult, void, void>).next()),
    );
    for (const { value } of events) assert.is(nameOf(value as ExecutionResult), `n${key}`);
  }
  assert.equal(
    world.calls.map(({ keys }) => keys),
    [['1'], ['2']],
    '20 subscribers, 2 events, 2 calls',
  );
  await Promise.all(streams.map((stream) => (stream as AsyncGenerator).return(undefined)));
});

batching('each request is told what its keys depend on, and what all keys do [R16 7.3.5]', async () => {
  const world = worldOf({
    answer: (keys, info) => {
      info.recordDependency('table');
      info.recordDependency('elsewhere', 'no key');
      for (const key of keys) info.recordDependency(`row:${key}`, key);
      return rows(keys);
    },
  });
  const recorded = await Promise.all(
    ['1', '2', '1'].map(async (id) => {
      const own: string[] = [];
      const recordDependency = (dependency: string) => own.push(dependency);
      await world.engine.execute({ document: rowQuery, variableValues: { id }, recordDependency });
      return own.sort(); // in no particular order
    }),
  );
  assert.is(world.calls.length, 1);
  assert.equal(
    recorded,
    ['1', '2', '1'].map((id) => ['elsewhere', `row:${id}`, 'table']),
  );
});

batching('explain says how many requests a call was for [R16 7.3.6]', async () => {
  const world = worldOf();
  const [text] = await Promise.all([
    world.engine.explain({ document: rowQuery, variableValues: { id: '1' }, analyze: true }),
    ask(world, '2'),
  ]);
  assert.match(text, 'requests in call 2');
});

batching('batch options that cannot work are refused [R16 7.1.4]', () => {
  const make = (batch: unknown) => () => loader({ name: 'batching.bad', load: () => [], batch: batch as never });
  assert.throws(make(true), 'Loader "batching.bad" needs options as "batch", but has true.');
  assert.throws(make({ maxSize: 0 }), 'Loader "batching.bad": "batch.maxSize" is 0 and must be 1 or more.');
  assert.throws(make({ maxWaitMs: 'no' }), 'Loader "batching.bad": "batch.maxWaitMs" is "no" and must be 0 or more.');
  assert.throws(make({ size: 3 }), 'Loader "batching.bad" has no option "batch.size". Did you mean "maxSize"?');
});

const plainWorld = worldOf();
const cases = suite('batching between requests, cases');
addCases(cases, [
  {
    name: 'a shared load answers like any other',
    rules: ['R16', 'R21'],
    schema: plainWorld.engine.schema,
    reference: null,
    operation:
      '{ a: row(id: "1") { name parts { id name } } b: row(id: "2") { parts { name } } rows(ids: ["1", "3"]) { name } }',
    expected: {
      data: {
        a: {
          name: 'n1',
          parts: [
            { id: '1a', name: 'n1a' },
            { id: '1b', name: 'n1b' },
          ],
        },
        b: { parts: [{ name: 'n2a' }, { name: 'n2b' }] },
        rows: [{ name: 'n1' }, { name: 'n3' }],
      },
    },
  },
]);

roads.run();
cases.run();
