import { AsyncLocalStorage } from 'node:async_hooks';
import { parse } from 'graphql';
import * as assert from 'uvu/assert';
import {
  type AnyStep,
  constant,
  createEngine,
  get,
  lambda,
  listLength,
  loader,
  loadMany,
  loadOne,
  makeSchema,
} from '../../src/index.ts';
import {
  ask,
  messages,
  nameOf,
  numbers,
  onRoads,
  type Row,
  road,
  rows,
  rowsQuery,
  turn,
  worldOf,
} from './batchingWorld.ts';

const roads = onRoads('batching between requests, odd loaders');
const batching = roads.add;

batching('each request goes on in its own async context, and not in that of the first [R16 R25]', async () => {
  const viewer = new AsyncLocalStorage<number>();
  const row = loader<Row, string>({ name: 'batching.viewer', load: async (keys) => rows(keys), batch: {} });
  const schema = makeSchema({
    typeDefs: 'type Query { row(id: ID!): Row } type Row { name: String viewer: Int next: Row }',
    objects: {
      Query: { plans: { row: (_$root, { $id }) => loadOne($id, row) } },
      Row: {
        plans: {
          viewer: ($row) => lambda($row, () => viewer.getStore()),
          next: ($row) => loadOne(lambda($row, ({ id }: Row) => `${id}+${viewer.getStore()}`) as never, row),
        },
      },
    },
  });
  const engine = createEngine({ schema, codegen: road.codegen });
  const document = parse('query ($id: ID!) { row(id: $id) { viewer next { name viewer } } }');
  const results = await Promise.all(
    numbers(20).map((id) =>
      viewer.run(id, async () => engine.execute({ document, variableValues: { id: String(id % 3) } })),
    ),
  );
  results.forEach(({ data }, id) => {
    const next = { name: `n${id % 3}+${id}`, viewer: id };
    assert.equal(JSON.parse(JSON.stringify(data)), { row: { viewer: id, next } });
  });
  viewer.disable(); // promises of other tests would carry its marks
});

batching(
  'a promise in a shared list fails for those that asked for its key, and for nobody else [R16 R27 7.3.2]',
  async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const world = worldOf({
      answer: (keys) =>
        keys.map((id) => (id === '2' ? Promise.reject(new Error('no 2')) : Promise.resolve({ id, name: `n${id}` }))),
    });
    const controller = new AbortController();
    const gone = ask(world, '2', { signal: controller.signal });
    const results = Promise.all(['1', '2', '2', '3'].map((id) => ask(world, id)));
    controller.abort(new Error('gone'));
    assert.equal((await results).map(messages), [[], ['no 2'], ['no 2'], []]);
    assert.equal(messages(await gone), ['gone']);
    await turn();
    process.off('unhandledRejection', note);
    assert.equal(unhandled, []);
    assert.is(world.calls.length, 1);
  },
);

batching('promises of one call are watched while a request waits for its other calls [R27 5.8.4]', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  const world = worldOf({
    batch: { maxSize: 2, maxCalls: 1 },
    isGated: true,
    answer: (keys) => keys.map((id) => (id === '2' ? Promise.reject(new Error('no 2')) : { id, name: `n${id}` })),
  });
  const result = world.engine.execute({ document: rowsQuery, variableValues: { ids: ['1', '2', '3'] } });
  (await world.begun(1)).open();
  await turn();
  (await world.begun(2)).open();
  assert.equal(messages(await result), ['no 2']);
  await turn();
  process.off('unhandledRejection', note);
  assert.equal(unhandled, []);
});

batching('options and context keys that throw fail for their own request [R13 R16]', async () => {
  const world = worldOf({
    batch: ({ kind }: { kind: string }) => {
      if (kind === 'options') throw new Error('no options');
      return {
        contextKey: () => {
          if (kind === 'key') throw new Error('no key');
          return 'all';
        },
      };
    },
  });
  const results = await Promise.all(
    ['options', 'fine', 'key', 'fine'].map((kind, id) => ask(world, String(id), { context: { kind } })),
  );
  assert.equal(results.map(messages), [['no options'], [], ['no key'], []]);
  assert.equal(
    world.calls.map(({ keys }) => keys),
    [['1', '3']],
  );
});

batching('a loader may cut up its list of keys, and answer with it [R16 R25]', async () => {
  const world = worldOf({
    answer: (keys) => {
      const list = keys as unknown[];
      const answers = rows(list.splice(0, list.length));
      list.push(...answers);
      return list;
    },
  });
  const once = async (ids: readonly string[]): Promise<void> => {
    const results = await Promise.all(ids.map((id) => ask(world, id)));
    assert.equal(
      results.map((result) => nameOf(result)),
      ids.map((id) => `n${id}`),
    );
  };
  await once(['1']);
  await once(['1', '2', '1']);
});

batching('requests come and go in waves of many sizes, and each gets its own [R16]', async () => {
  for (const maxSize of [1, 2, 7]) {
    const world = worldOf({ batch: { maxSize, maxCalls: 2 } });
    const waves = numbers(12).map(async (wave) => {
      for (let wait = 0; wait < wave % 4; wait++) await turn();
      const controllers = numbers(9).map(() => new AbortController());
      const asked = controllers.map(({ signal }, id) => ask(world, String(id), { signal }));
      controllers[wave % 9]?.abort(new Error('gone'));
      return Promise.all(asked);
    });
    (await Promise.all(waves)).forEach((results, wave) => {
      results.forEach((result, id) => {
        assert.is(nameOf(result), id === wave % 9 ? undefined : `n${id}`);
      });
    });
    assert.ok(world.calls.every(({ keys }) => keys.length <= maxSize));
  }
});

batching(
  'a list that throws while it is read is asked for once more, for each request alone [R13 R16 7.3.1]',
  async () => {
    let answers = 0;
    const world = worldOf({
      batch: { maxSize: 2, maxCalls: 1 },
      isGated: true,
      answer: (keys) => {
        const list = rows(keys);
        if (++answers !== 2) return list;
        return Object.defineProperty(list, 1, {
          get() {
            throw new Error('no second row');
          },
        });
      },
    });
    const document = parse('query ($ids: [ID!]!) { rows(ids: $ids) { name } }');
    const askFor = async (...ids: string[]): Promise<unknown> => {
      const { data, errors } = await world.engine.execute({ document, variableValues: { ids } });
      return errors ?? (data?.rows as readonly Row[] | undefined)?.map(({ name }) => name);
    };
    const first = askFor('first');
    const { open } = await world.begun(1);
    const others = [askFor('1', '2', '3'), askFor('4')];
    await turn();
    open();
    for (let count = 2; count <= 5; count++) (await world.begun(count)).open();
    assert.equal(await Promise.all([first, ...others]), [['nfirst'], ['n1', 'n2', 'n3'], ['n4']]);
    assert.equal(
      world.calls.map(({ keys }) => keys),
      [['first'], ['1', '4'], ['1'], ['2', '3'], ['4']],
    );
  },
);

batching('a row whose `then` throws is a failure of its key alone [R13 R25 5.8.5]', async () => {
  const noThen = {
    get() {
      throw new Error('no then');
    },
  };
  const row = (id: unknown): unknown =>
    id === '1' ? Object.defineProperty({}, 'then', noThen) : { id, name: `n${id}` };
  const world = worldOf({ answer: (keys) => keys.map(row) });
  const results = await Promise.all(['1', '2', '1'].map((id) => ask(world, id)));
  assert.equal(results.map(messages), [['no then'], [], ['no then']]);
  assert.is(world.calls.length, 1);
  const variableValues = { ids: ['1', '2'] };
  const both = await world.engine.execute({ document: rowsQuery, variableValues });
  assert.equal(messages(both), ['no then']);
  assert.equal(JSON.parse(JSON.stringify(both.data)), { rows: [null, { id: '2' }] });
});

batching('options that could never work are refused for the request that has them [R13 R16]', async () => {
  for (const options of [{ maxSize: 0 }, { maxSize: Number.NaN }, { maxCalls: 0 }, { maxWait: 5 }, 'yes']) {
    const world = worldOf({ batch: ({ kind }: { kind: string }) => (kind === 'odd' ? options : {}) as never });
    const results = await Promise.all(['odd', 'fine'].map((kind, id) => ask(world, String(id), { context: { kind } })));
    assert.match(messages(results[0] as never)[0] ?? '', 'Loader "batching.row"');
    assert.equal(messages(results[1] as never), []);
    assert.is(world.calls.length, 1);
  }
});

batching('each request gets all items of lists that give them once [7.2.4]', async () => {
  let closed = 0;
  function* items(of: string): Generator<unknown> {
    try {
      for (let n = 1; n <= 3; n++) yield n === 2 ? new Error(`2 of ${of}`) : { name: `${of}${n}` };
    } finally {
      closed++;
    }
  }
  async function* itemsLater(of: string): AsyncGenerator<unknown> {
    for (const item of items(of)) yield await turn().then(() => item);
  }
  const lists = loader<readonly Row[], string>({
    name: 'batching.lists',
    load: async (keys) =>
      keys.map((key) =>
        key === 'promise' ? turn().then(() => items(key)) : key === 'later' ? itemsLater(key) : items(key),
      ) as never,
    batch: {},
  });
  const row = loader<object, string>({
    name: 'batching.lists.row',
    load: async (keys) => keys.map((key) => ({ list: items(key), inside: { list: itemsLater(key) } })),
    batch: {},
  });
  const list = ($row: AnyStep): AnyStep => get($row, 'list');
  const schema = makeSchema({
    typeDefs: /* GraphQL */ `
      type Query { list(key: ID!): [Row] row: Box }
      type Row { name: String }
      type Box { list: [Row] inside: Box length: Int }
    `,
    objects: {
      Query: { plans: { list: (_$root, { $key }) => loadMany($key, lists), row: () => loadOne(constant('r'), row) } },
      Box: { plans: { list, length: ($box) => listLength(list($box) as never) } },
    },
  });
  const engine = createEngine({ schema, codegen: road.codegen });
  const document = parse(`{
    sync: list(key: "sync") { name } promise: list(key: "promise") { name } later: list(key: "later") { name }
    row { length list { name } inside { list { name } } }
  }`);
  const whole = (of: string): unknown => [{ name: `${of}1` }, null, { name: `${of}3` }];
  const results = await Promise.all(numbers(3).map(() => engine.execute({ document })));
  for (const result of results) {
    assert.equal(JSON.parse(JSON.stringify(result.data)), {
      ...{ sync: whole('sync'), promise: whole('promise'), later: whole('later') },
      row: { length: 3, list: whole('r'), inside: { list: whole('r') } },
    });
    assert.is(messages(result).length, 5);
  }
  assert.is(closed, 5, 'each list is read once');
});

roads.run();
