import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CodegenMode } from '../../src/execution/link/LinkedPlan.ts';
import { createEngine, get, type Loader, loader, loadMany, loadOne, makeSchema } from '../../src/index.ts';
import { counting } from '../../src/telemetry/counting.ts';

const test = suite('compiled runs: what follows a load');

type Rows = (key: unknown) => unknown;

/** Turns the answer of the loader of that name into the one that it gives. */
type Answers = (name: string, answer: readonly unknown[]) => unknown;

const plainAnswers: Answers = async (_name, answer) => answer;

/** People with friends, and friends with bosses. The loaders note their keys. */
function friendsEngine(codegen: CodegenMode, friends: Rows, answers: Answers = plainAnswers) {
  const log: string[] = [];
  const load = (name: string, rows: Rows) => ({
    name,
    load: (keys: readonly unknown[]) => {
      log.push(`${name}(${keys.join(' ')})`);
      return answers(name, keys.map(rows));
    },
  });
  const people = loader(load('people', (id) => ({ id, bossId: `b-${id}` })) as never) as Loader<unknown>;
  const friendsOf = loader(load('friends', friends) as never) as Loader<readonly unknown[]>;
  const schema = makeSchema({
    typeDefs: `
      type Query { people(ids: [ID!]!): [Person] }
      type Person { id: ID boss: Person friends: [Person] }
    `,
    objects: {
      Query: { plans: { people: (_$root, { $ids }) => loadMany($ids, loader({ name: 'all', load: all }) as never) } },
      Person: {
        plans: {
          boss: ($person) => loadOne(get($person, 'bossId'), people),
          friends: ($person) => loadMany(get($person, 'id'), friendsOf),
        },
      },
    },
  });
  return { engine: createEngine({ schema, codegen }), log };
}

const all = async (lists: readonly unknown[]): Promise<readonly (readonly unknown[])[]> =>
  lists.map((ids) => (ids as readonly string[]).map((id) => ({ id })));

const document = parse('query Q($ids: [ID!]!) { people(ids: $ids) { friends { id boss { id } } } }');

/** The answer and the calls of the driver; those with generated code are the same, and so is what counters are told. */
async function bothWays(
  makeFriends: () => Rows,
  ids: readonly string[] = ['1', '2', '3'],
  answers: Answers = plainAnswers,
): Promise<{ answer: string; log: string[] }> {
  const run = async (codegen: CodegenMode): Promise<{ answer: string; log: string[] }> => {
    const { engine, log } = friendsEngine(codegen, makeFriends(), answers);
    return { answer: await engine.executeToString({ document, variableValues: { ids } }), log };
  };
  const driver = await run('never');
  assert.equal(await run('always'), driver);
  const counted = await counts(() => run('never'));
  assert.equal(counted.result, driver);
  assert.equal(await counts(() => run('always')), counted);
  return driver;
}

/** The result of `run`, and the calls and failures that counters are told of. */
async function counts<T>(run: () => Promise<T>): Promise<{ result: T; told: string[] }> {
  const told: string[] = [];
  const stop = counting.add({
    call: (kind, name, items) => void told.push(`${kind} ${name} ${items}`),
    failure: (kind, name) => void told.push(`${kind} ${name} failed`),
    ahead: () => {},
  });
  try {
    return { result: await run(), told: told.sort() };
  } finally {
    stop();
  }
}

const friend = (id: string): object => ({ id, bossId: `b${id}` });

test('lists of any kind and any length give the same rows', async () => {
  const lists: ReadonlyArray<() => Rows> = [
    () => () => [],
    () => (key) => (key === '2' ? [] : [friend(`${key}a`), friend(`${key}b`)]),
    () => (key) => (key === '2' ? null : [friend('x')]),
    () => (key) => (key === '1' ? new Set([friend('s'), friend('t')]) : [friend('x')]),
    () => () => new Proxy([friend('p')], {}),
    () => () => [friend('x'), null, friend('y')],
    () => () => [friend('x'), undefined],
    () => () => Object.assign([friend('x')], { length: 3 }),
    () => () => [new Error('not this one'), friend('y')],
    () => () => [Promise.resolve(friend('later')), friend('y')],
    () => () => ['text', 7, true].map((value) => value),
    () => () => [Object.assign(Object.create(null), friend('bare'))],
    () => () => [
      new (class Friend {
        id = 'c';
        bossId = 'bc';
      })(),
      friend('y'),
    ],
    () => (key) => {
      if (key !== '2') return [friend('x')];
      return new Proxy([friend('x')], {
        get(target, name, self) {
          if (name === '0') throw new Error('no item');
          return Reflect.get(target, name, self);
        },
      });
    },
  ];
  for (const makeFriends of lists) {
    for (const ids of [[], ['1'], ['1', '2', '3'], ['2', '2', '1']]) await bothWays(makeFriends, ids);
  }
});

/** A list that does not tell its length as lists do. */
const withLength = <T>(list: T[], length: () => unknown): T[] =>
  new Proxy(list, { get: (target, name, self) => (name === 'length' ? length() : Reflect.get(target, name, self)) });

test('a list that does not tell its length as lists do costs its own rows, and no others', async () => {
  const ofFirst = (length: () => unknown) => () => (key: unknown) =>
    key === '1' ? withLength([friend('x'), friend('y')], length) : [friend(`${key}a`)];
  for (const length of ['2', -1, 1.5, Number.NaN, null]) {
    for (const ids of [['1'], ['1', '2', '3']]) {
      const { answer } = await bothWays(
        ofFirst(() => length),
        ids,
      );
      assert.match(answer, '"data":{"people":[{"friends":[');
      if (ids.length > 1) assert.match(answer, '{"friends":[{"id":"3a","boss":{"id":"b3a"}}]}');
    }
  }
  let looks = 0;
  const { answer } = await bothWays(ofFirst(() => (++looks % 7 === 0 ? 5 : 2)));
  assert.match(answer, '{"friends":[{"id":"2a","boss":{"id":"b2a"}}]},{"friends":[{"id":"3a","boss":{"id":"b3a"}}]}');
});

test('what a loader answers is looked at within its own fields', async () => {
  const odd: readonly Answers[] = [
    (_name, answer) =>
      withLength([...answer], () => {
        throw new Error('no length');
      }),
    (_name, answer) => {
      const { proxy, revoke } = Proxy.revocable([...answer], {});
      revoke();
      return proxy;
    },
    (_name, answer) => {
      const other = answer.map(() => ({ id: 'then' }));
      return Object.defineProperty([...answer], 'then', {
        value: (resolve: (list: unknown) => void) => resolve(other),
      });
    },
  ];
  for (const change of odd) {
    for (const wanted of ['friends', 'people']) {
      const atOnce: Answers = (name, answer) => (name === wanted ? change(name, answer) : answer);
      const later: Answers = async (name, answer) => atOnce(name, answer);
      for (const answers of [atOnce, later]) {
        const { answer } = await bothWays(() => (key) => [friend(`${key}a`)], ['1', '2'], answers);
        assert.match(answer, '"data":{"people":[{"friends":');
      }
    }
  }
});

test('keys of any kind are the same keys', async () => {
  const keys: readonly unknown[] = [
    null,
    undefined,
    0,
    -0,
    Number.NaN,
    '',
    '\u0000',
    7n,
    true,
    Symbol.iterator,
    {},
    [],
    () => 'k',
  ];
  for (const key of keys) {
    await bothWays(() => () => [friend('x'), { id: 'odd', bossId: key }, friend('y')]);
    await bothWays(() => () => [{ id: 'odd', bossId: Promise.resolve(key) }]);
    await bothWays(() => () => [{ id: 'odd', bossId: new Error('no key') }, friend('x')]);
  }
});

test('a getter is read once for each row, and its error is that of its row alone', async () => {
  const reads: string[][] = [];
  const { answer } = await bothWays(() => {
    const own: string[] = [];
    reads.push(own);
    const row = (id: string): object => ({
      id,
      get bossId() {
        own.push(id);
        if (id.endsWith('b')) throw new Error(`no boss for ${id}`);
        return `boss-of-${id}`;
      },
    });
    return (key) => [row(`${key}a`), row(`${key}b`), row(`${key}c`)];
  });
  assert.equal(reads[0], reads[1]);
  assert.is(reads[0]?.length, 9);
  assert.match(answer, 'no boss for 2b');
  assert.match(answer, '"boss":{"id":"boss-of-3c"}');
});

test('a getter that aborts the request ends it: no load begins after that [R15]', async () => {
  for (const codegen of ['never', 'always'] as const) {
    const controller = new AbortController();
    const { engine, log } = friendsEngine(codegen, () => [
      {
        id: 'x',
        get bossId() {
          controller.abort(new Error('enough'));
          return 'b';
        },
      },
    ]);
    const request = {
      document,
      variableValues: { ids: ['1'] },
      abortSignal: controller.signal,
      onAbort: 'RESPOND',
    } as const;
    assert.match(await engine.executeToString(request), 'enough');
    assert.equal(log, ['friends(1)']);
  }
});

test('a plan is compiled between runs, and runs under way go on', async () => {
  const { engine } = friendsEngine('auto', () => [friend('x')]);
  const variableValues = { ids: ['1'] };
  const expected = await friendsEngine('never', () => [friend('x')]).engine.executeToString({
    ...{ document, variableValues },
  });
  for (let run = 0; run < 20; run++) {
    const both = [0, 1].map(() => engine.executeToString({ document, variableValues }));
    assert.equal(await Promise.all(both), [expected, expected]);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(engine.prepare(document).linked.segments?.first != null);
});

test.run();
