import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type ExecutionResult, parse } from 'graphql';
import * as assert from 'uvu/assert';
import { createEngine, get, lambda, loader, loadMany, loadOne, makeSchema } from '../../src/index.ts';
import {
  ask,
  messages,
  nameOf,
  numbers,
  onRoads,
  type Row,
  road,
  rowQuery,
  rows,
  rowsQuery,
  turn,
  worldOf,
} from './batchingWorld.ts';

const roads = onRoads('batching between requests, one answer for many');
const batching = roads.add;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

batching('a request whose keys have come waits for no other call of its turn [R9 R16 7.2.2]', async () => {
  const world = worldOf({ batch: { maxSize: 2, maxCalls: 2 }, isGated: true });
  const full = [ask(world, 'x'), ask(world, 'x2'), ask(world, 'y'), ask(world, 'y2')];
  const [x, y] = [await world.begun(1), await world.begun(2)];
  const asked = ['a', 'b', 'c'].map((id) => ask(world, id));
  await turn();
  x.open();
  const ab = await world.begun(3);
  y.open();
  const c = await world.begun(4);
  assert.equal([ab.keys, c.keys], [['a', 'b'], ['c']], 'three that waited together, in two calls');
  c.open();
  assert.is(nameOf((await asked[2]) as ExecutionResult), 'nc');
  ab.open();
  assert.equal(
    (await Promise.all([...full, ...asked])).map((result) => nameOf(result)),
    ['nx', 'nx2', 'ny', 'ny2', 'na', 'nb', 'nc'],
  );
});

batching('keys of one request that lie in several calls come together again, in their order [R16 7.2.3]', async () => {
  const world = worldOf({ batch: { maxSize: 7, maxCalls: 3 } });
  const idsOf = (request: number): string[] =>
    numbers(1 + ((request * 5) % 23)).map((key) => `${(request + key) % 40}`);
  const results = await Promise.all(
    numbers(40).map((request) =>
      world.engine.execute({ document: rowsQuery, variableValues: { ids: idsOf(request) } }),
    ),
  );
  results.forEach(({ data, errors }, request) => {
    assert.is(errors, undefined);
    assert.equal(
      (data as { rows: Row[] }).rows.map(({ id }) => id),
      idsOf(request),
    );
  });
  assert.ok(world.calls.every(({ keys }) => keys.length <= 7));
});

batching(
  'a call that fails when requests wait for several calls fails for none of the others [R16 7.3.1]',
  async () => {
    const world = worldOf({
      batch: { maxSize: 5, maxCalls: 2 },
      answer: (keys) => (keys.includes('bad') ? Promise.reject(new Error('no')) : rows(keys)),
    });
    const lists = numbers(9).map((request) => [
      ...numbers(4).map((key) => `${request}.${key}`),
      request === 4 ? 'bad' : 'x',
    ]);
    const results = await Promise.all(
      lists.map((ids) => world.engine.execute({ document: rowsQuery, variableValues: { ids } })),
    );
    results.forEach((result, request) => {
      const found = (result.data as { rows: (Row | null)[] }).rows.map((row) => row?.id ?? null);
      if (request !== 4) assert.equal([found, messages(result)], [lists[request], []]);
      else assert.ok(found.includes(null) && messages(result).every((message) => message === 'no'));
    });
  },
);

batching('requests that get one row write to it, and no other request sees that [R25 7.2.4]', async () => {
  const row = loader<Row & { name: string }, string>({
    name: 'batching.written',
    load: async (keys) => rows(keys),
    batch: {},
  });
  let written = 0;
  const write = (own: { name: string }): string => {
    own.name += `+${++written}`;
    return own.name;
  };
  const schema = makeSchema({
    typeDefs: 'type Query { row(id: ID!): Row } type Row { written: String next: Row }',
    objects: {
      Query: { plans: { row: (_$root, { $id }) => loadOne($id, row) } },
      Row: {
        plans: { written: ($row) => lambda($row, write as never), next: ($row) => loadOne(get($row, 'id'), row) },
      },
    },
  });
  const engine = createEngine({ schema, codegen: road.codegen });
  const document = parse('query ($id: ID!) { row(id: $id) { written } }');
  const results = await Promise.all(
    numbers(30).map((request) => engine.execute({ document, variableValues: { id: String(request % 3) } })),
  );
  const names = results.map(({ data }) => (data as { row: { written: string } }).row.written);
  assert.ok(
    names.every((name) => /^n\d\+\d+$/.test(name)),
    names.join(),
  );
});

batching('a loader that never answers holds nobody who was aborted or out of time [R15 R16 7.3.3]', async () => {
  const world = worldOf({ isGated: true });
  const controllers = numbers(5).map(() => new AbortController());
  const gone = controllers.map(({ signal }, id) => ask(world, String(id), { signal }));
  const late = world.engine.execute({
    document: rowQuery,
    variableValues: { id: '1' },
    deadline: Date.now() + 200,
  });
  const call = await world.begun(1);
  for (const controller of controllers) controller.abort(new Error('gone'));
  for (const result of await Promise.all(gone)) assert.equal(messages(result), ['gone']);
  assert.match(messages((await late) as ExecutionResult).join(), 'deadline');
  const others = ask(world, '1');
  const second = await world.begun(2);
  second.open();
  assert.is(nameOf(await others), 'n1', 'another call is not held up');
  assert.ok(call.info.signal.aborted);
});

batching('answers that come after all have gone, with promises that fail, are handled [R15 R27]', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  for (const isList of [true, false]) {
    const fails = (id: unknown): Promise<never> => Promise.reject(new Error(`late ${id}`));
    const world = worldOf({ isGated: true, answer: (keys) => (isList ? keys.map(fails) : fails('all')) });
    const controllers = numbers(4).map(() => new AbortController());
    const asked = controllers.map(({ signal }, id) => ask(world, String(id % 3), { signal }));
    const call = await world.begun(1);
    for (const controller of controllers) controller.abort(new Error('gone'));
    await Promise.all(asked);
    call.open();
    await turn();
    await turn();
  }
  process.off('unhandledRejection', note);
  assert.equal(unhandled.map(String), []);
});

batching('ten thousand requests at once, and nothing of them stays [R16 R26]', async () => {
  const load = (name: string, answer: (keys: readonly string[]) => unknown) =>
    loader({ name, load: async (keys) => answer(keys as string[]) as never, batch: { contextKey: () => 'all' } });
  const user = load('batching.user', rows) as never;
  const parts = load('batching.parts', (keys) => keys.map((key) => rows([`${key}a`, `${key}b`]))) as never;
  const schema = makeSchema({
    typeDefs: 'type Query { user(id: ID!): User } type User { id: ID! parts: [User!]! }',
    objects: {
      Query: { plans: { user: (_$root, { $id }) => loadOne($id as never, user) } },
      User: { plans: { parts: ($user) => loadMany(get($user, 'id') as never, parts) } },
    },
  });
  const engine = createEngine({ schema, codegen: road.codegen });
  const document = parse('query ($id: ID!) { user(id: $id) { id parts { id parts { id } } } }');
  const crowd = async (size: number): Promise<void> => {
    const texts = await Promise.all(
      numbers(size).map((id) =>
        engine.executeToString({
          document,
          variableValues: { id: String(id % 900) },
          contextValue: { attached: new Uint8Array(1024) },
        }),
      ),
    );
    texts.forEach((text, request) => {
      const id = request % 900;
      const part = (end: string): object => ({
        id: `${id}${end}`,
        parts: [{ id: `${id}${end}a` }, { id: `${id}${end}b` }],
      });
      assert.is(text, JSON.stringify({ data: { user: { id: String(id), parts: [part('a'), part('b')] } } }));
    });
  };
  await crowd(100);
  await turn();
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  await crowd(10_000);
  await turn();
  for (let collection = 0; collection < 3; collection++) collectGarbage();
  const held = process.memoryUsage().arrayBuffers - before;
  assert.ok(held < 2 ** 20, `${held} bytes of contexts are held`);
});

roads.run();
