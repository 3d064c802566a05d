/** What later parts of a response, and events, depend on (spec 11.5.7, 11.5.8). */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AnyStep,
  constant,
  createEngine,
  get,
  listen,
  loader,
  loadMany,
  loadOne,
  makeSchema,
} from '../../src/index.ts';
import { WireKeys } from '../../src/reactive/keys/WireKeys.ts';
import type { IncrementalResult } from '../../src/reactive/ReactiveEngine.ts';
import { openedHere } from '../../src/reactive/response/sealExtension.ts';
import { createReactive, heldAt, memoryVersions, type ReactiveExtension } from '../../src/reactive.ts';

const test = suite('later parts and events');

function recorded<T>(name: string, of: (key: string) => T): ReturnType<typeof loader<T, string>> {
  return loader<T, string>({
    name: `later.${name}`,
    load: async (keys, info) => {
      await new Promise((resolve) => setImmediate(resolve));
      for (const key of keys) info.recordDependency(`${name} ${key}`, key);
      return keys.map(of);
    },
  });
}

const user = recorded('user', (id) => ({ id, name: `user ${id}` }));
const lists = recorded('lists', () => [{ id: 'a' }, { id: 'b' }, { id: 'c' }]);
const tasks = recorded('tasks', (id) => [{ id: `${id}1` }]);
const silent = loader<number, string>({ name: 'later.silent', load: async (keys) => keys.map(() => 1) });

let events: readonly (() => Promise<unknown>)[] = [];
async function* source(): AsyncGenerator<unknown> {
  for (const event of events) yield await event();
}

const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    type Query { me: User }
    type Subscription { renamed: User }
    type User { id: ID name: String lists: [List!] silent: Int }
    type List { id: ID tasks: [Task!] }
    type Task { id: ID }
  `,
  objects: {
    Query: { plans: { me: () => loadOne(constant('1') as AnyStep, user) } },
    Subscription: {
      plans: {
        renamed: {
          subscribePlan: () =>
            listen(constant({ subscribe: () => source() }) as AnyStep, constant('renamed') as AnyStep),
          plan: ($event) => loadOne(get($event as AnyStep, 'id') as AnyStep, user),
        },
      },
    },
    User: {
      plans: {
        lists: ($user) => loadMany(get($user, 'id') as AnyStep, lists),
        silent: ($user) => loadOne(get($user, 'id') as AnyStep, silent),
      },
    },
    List: { plans: { tasks: ($list) => loadMany(get($list, 'id') as AnyStep, tasks) } },
  },
});

const secrets = [{ id: 'a', secret: 'a secret of sufficient length' }];
const names = new WireKeys(secrets, '');
const known = new Map(
  ['user 1', 'user 2', 'lists 1', 'lists 2', 'tasks a', 'tasks b', 'tasks c'].map((key) => [names.of(`m:${key}`), key]),
);

const open = () => createReactive({ engine: createEngine({ schema }), versions: memoryVersions(), secrets });

type Told = { readonly [at: string]: readonly (string | undefined)[] } | null;

function told(part: { readonly extensions?: { readonly reactive?: unknown } | undefined }): Told {
  const reactive = part.extensions?.reactive as ReactiveExtension | undefined;
  if (reactive === undefined) return null;
  return Object.fromEntries(
    (openedHere(reactive).groups ?? []).map((group) => [
      group.at,
      (heldAt(reactive, group)?.keys ?? []).map((key) => known.get(key)),
    ]),
  );
}

async function parts(text: string, reactive = open()): Promise<readonly Told[]> {
  const args = { document: parse(text), extensions: { reactive: { v: 1 } } };
  const result = await reactive.executeIncrementally(args);
  if (!('initialResult' in result)) return [told(result)];
  const { initialResult, subsequentResults } = result as IncrementalResult;
  const all = [told(initialResult)];
  for await (const part of subsequentResults) all.push(told(part));
  return all;
}

test('each part says what it depends on, beyond the parts before it [11.5.7]', async () => {
  const deferred = await parts('{ me { id name ... @defer { lists { id ... @defer { tasks { id } } } } } }');
  assert.equal(deferred[0], { me: ['user 1'] });
  assert.equal(merged(deferred.slice(1)), {
    'me.lists': ['lists 1'],
    'me.lists.*.tasks': ['tasks a', 'tasks b', 'tasks c'],
  });
});

test('so do later items of lists', async () => {
  const streamed = await parts('{ me { lists @stream(initialCount: 1) { id tasks { id } } } }');
  assert.equal(streamed[0], { me: ['user 1'], 'me.lists': ['lists 1'], 'me.lists.*.tasks': ['tasks a'] });
  assert.equal(merged(streamed.slice(1)), { 'me.lists.*.tasks': ['tasks b', 'tasks c'] });
});

test('a response in one part says it as ever; not asked for, nothing is said', async () => {
  assert.equal(await parts('{ me { name } }'), [{ me: ['user 1'] }]);
  const reactive = open();
  const result = await reactive.executeIncrementally({ document: parse('{ me { id ... @defer { name } } }') });
  const { initialResult, subsequentResults } = result as IncrementalResult;
  assert.is('extensions' in initialResult, false);
  for await (const part of subsequentResults) assert.is('extensions' in part, false);
});

test('a source that waits is no silent source; one that has run is', async () => {
  const statuses = async (text: string): Promise<unknown[]> => {
    const result = await open().executeIncrementally({ document: parse(text), extensions: { reactive: { v: 1 } } });
    const { initialResult, subsequentResults } = result as IncrementalResult;
    const all = [initialResult.extensions];
    for await (const { extensions } of subsequentResults) all.push(extensions);
    return all.map((extensions) => (extensions?.reactive as ReactiveExtension | undefined)?.status);
  };
  const [first, ...later] = await statuses('{ me { id ... @defer { silent } } }');
  assert.is(first, 'full');
  assert.ok(later.includes('partial'));
});

test('what changes between two parts makes the later one stale [11.5.7]', async () => {
  const reactive = open();
  const result = await reactive.executeIncrementally({
    document: parse('{ me { id ... @defer { lists { id } } } }'),
    extensions: { reactive: { v: 1 } },
  });
  const { subsequentResults } = result as IncrementalResult;
  await reactive.invalidate('lists 1');
  const versions: unknown[] = [];
  for await (const { extensions } of subsequentResults) {
    const extension = extensions?.reactive as ReactiveExtension | undefined;
    if (extension !== undefined) versions.push(openedHere(extension).versions);
  }
  // It may have been read before the change: the version that is told is that of the beginning.
  assert.equal(versions, [[0]]);
});

test('each event says what its data depends on, as of its beginning [11.5.8]', async () => {
  const reactive = open();
  const versions: unknown[] = [];
  events = [
    async () => ({ id: '1' }),
    async () => {
      await reactive.invalidate('user 2');
      return { id: '2' };
    },
    async () => ({ id: '1' }),
  ];
  const asked = { document: parse('subscription { renamed { name lists { id } } }') };
  const live = await reactive.subscribe({ ...asked, extensions: { reactive: { v: 1 } } });
  const all: Told[] = [];
  for await (const event of live as AsyncIterable<{ extensions: { reactive: ReactiveExtension } }>) {
    all.push(told(event));
    versions.push(openedHere(event.extensions.reactive as ReactiveExtension).versions);
  }
  assert.equal(all, [
    { renamed: ['user 1'], 'renamed.lists': ['lists 1'] },
    { renamed: ['user 2'], 'renamed.lists': ['lists 2'] },
    { renamed: ['user 1'], 'renamed.lists': ['lists 1'] },
  ]);
  assert.equal(versions, [
    [0, 0],
    [1, 0],
    [0, 0],
  ]);
  for await (const event of (await reactive.subscribe(asked)) as AsyncIterable<object>) {
    assert.is('extensions' in event, false);
  }
});

test('closing the events ends them', async () => {
  events = [async () => ({ id: '1' })];
  const all = (await open().subscribe({
    document: parse('subscription { renamed { name } }'),
    extensions: { reactive: { v: 1 } },
  })) as AsyncGenerator<object>;
  await all.next();
  assert.is((await all.return(undefined)).done, true);
  assert.equal(await all.next(), { value: undefined, done: true });
});

function merged(all: readonly Told[]): Told {
  const sum: Record<string, (string | undefined)[]> = {};
  for (const one of all) {
    for (const [at, keys] of Object.entries(one ?? {})) sum[at] = [...(sum[at] ?? []), ...keys].sort();
  }
  return sum;
}

test.run();
