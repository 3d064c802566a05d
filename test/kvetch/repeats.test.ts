/** Writes whose process dies at any place, and that are repeated with their keys: then nothing of them is due any more. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { shardOfId } from '../../src/kvetch/ids/routing.ts';
import type { FaultPoint } from '../../src/kvetch/KvetchContext.ts';
import {
  create,
  createKvetch,
  defineKvetchSchema,
  deleteObject,
  increment,
  insertEdge,
  insertIndexEntry,
  type Kvetch,
  type KvetchOptions,
  type KvetchSchema,
  update,
} from '../../src/kvetch.ts';
import { needs } from '../support/needs.ts';
import { backends, type OpenBackend, wrapStore } from './backends.ts';
import { preparedIds } from './mysql/unitRace.ts';
import { idsOf, work } from './todo.ts';

const owned = { from: 'User', storedOn: 'List', storedIdAttr: 'owner' } as const;
const schema: KvetchSchema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'User', fields: { username: 'string', city: 'string', n: 'int' } },
    { typeId: 2, name: 'List', fields: { owner: 'uuid', rank: 'int' } },
  ],
  edges: [
    { edgeId: 11, name: 'lists', ...owned },
    { edgeId: 12, name: 'ranked', ...owned, orderBy: ['rank'] },
    { edgeId: 13, name: 'friends', from: 'User', to: 'User' },
  ],
  indexes: [
    { name: 'username', type: 'User', attr: 'username', kind: 'string', unique: true },
    { name: 'city', type: 'User', attr: 'city', kind: 'string' },
    { name: 'by_city', type: 'User', attrs: ['city'], orderBy: ['n'] },
    { name: 'list_owner', type: 'List', attr: 'owner', kind: 'uuid' },
    { name: 'tags', indexId: 7, type: 'User', kind: 'string' },
  ],
});

/** A process that dies: at a point, or behind a call to a store. Nothing that it waits for comes any more. */
interface Death {
  readonly point?: FaultPoint;
  readonly call?: number;
}

const never = new Promise<never>(() => {});

/** A store of a process that dies; how many calls it has made, and whether it died. */
function dying({ shards, cache }: OpenBackend, { point, call = 1e9 }: Death) {
  const seen = { calls: 0, isDead: false };
  const stores = shards.map((store) =>
    wrapStore(store, async (method, run) => {
      if (method === 'close') return run();
      if (seen.isDead) return never;
      const isLast = ++seen.calls >= call;
      const answer = await run();
      if (!isLast) return answer;
      seen.isDead = true;
      return never;
    }),
  );
  const faults = async (at: FaultPoint): Promise<void> => {
    if (at !== point) return;
    await new Promise((resolve) => setTimeout(resolve, 20)); // what goes side by side is done
    seen.isDead = true;
    await never;
  };
  return { kvetch: open({ shards: stores, ...(cache && { cache }) }, { faults }), seen };
}

/** Objects of before, two of them on one server and one elsewhere. */
interface Before {
  /** The city of all of them. */
  readonly old: string;
  readonly user: string;
  readonly near: string;
  readonly other: string;
  readonly gone: string;
}

interface Job {
  readonly name: string;
  readonly points: readonly FaultPoint[];
  write(kvetch: Kvetch, key: string, before: Before): Promise<unknown>;
  /** What the lists show of it. */
  seen(kvetch: Kvetch, key: string, before: Before): Promise<unknown>;
  readonly expected: unknown;
}

const lists = async (kvetch: Kvetch, of: string): Promise<number[]> => {
  const pages = await Promise.all(['lists', 'ranked'].map((edge) => kvetch.getEdges(edge, of)));
  const counts = await Promise.all(['lists', 'ranked'].map((edge) => kvetch.countEdges(edge, of)));
  const { ids } = await kvetch.queryIndex('list_owner', of);
  return [...pages.map(({ edges }) => edges.length), ...counts, ids.length];
};

const inCity = async (kvetch: Kvetch, city: string): Promise<number[]> => {
  const pages = await Promise.all(['city', 'by_city'].map((index) => kvetch.queryIndex(index, city)));
  return [...pages.map(({ ids }) => ids.length), await kvetch.countIndex('by_city', city)];
};

const named = async (kvetch: Kvetch, username: string): Promise<number> =>
  (await kvetch.queryIndex('username', username)).ids.length;

const single: readonly FaultPoint[] = [
  'afterObject',
  'beforeEdge',
  'afterEdge',
  'beforeIndex',
  'afterIndex',
  'beforeCache',
];
const jobs: readonly Job[] = [
  {
    name: 'a create',
    points: ['afterClaim', ...single],
    write: (kvetch, key) => kvetch.createObject('User', { username: key, city: key, n: 1 }, { idempotencyKey: key }),
    seen: async (kvetch, key) => [await named(kvetch, key), ...(await inCity(kvetch, key))],
    expected: [1, 1, 1, 1],
  },
  {
    name: 'a create in a list',
    points: single,
    write: (kvetch, key, { user }) => kvetch.createObject('List', { owner: user, rank: 1 }, { idempotencyKey: key }),
    seen: (kvetch, _key, { user }) => lists(kvetch, user),
    expected: [1, 1, 1, 1, 1],
  },
  {
    name: 'creates of many',
    points: single,
    write: async (kvetch, key, { user }) => {
      const requests = [1, 2, 3].map((rank) => ({ data: { owner: user, rank }, idempotencyKey: `${key} ${rank}` }));
      return idsOf(await kvetch.createObjects('List', requests));
    },
    seen: (kvetch, _key, { user }) => lists(kvetch, user),
    expected: [3, 3, 3, 3, 3],
  },
  {
    name: 'a create that is looked up by its key',
    points: single,
    write: async (kvetch, key, { user }) => {
      const once = { idempotencyKey: key, madeFrom: { of: user } };
      return (
        (await kvetch.findRepeated('List', once)) ??
        (await kvetch.createObject('List', { owner: user, rank: 1 }, { ...once }))
      );
    },
    seen: (kvetch, _key, { user }) => lists(kvetch, user),
    expected: [1, 1, 1, 1, 1],
  },
  ...[false, true].map(
    (isSplit): Job => ({
      name: isSplit ? 'a unit over several servers' : 'a unit of one server',
      points: isSplit
        ? ['afterClaim', 'beforePrepare', 'afterPrepare', 'afterDecide', 'beforeApply', 'afterApply', 'beforeCache']
        : single,
      write: (kvetch, key, { user, near, other, gone }) =>
        kvetch.write(
          [
            update(user, { n: increment(), city: `${key} new` }),
            create(
              'User',
              { ...(isSplit && { username: key }), city: `${key} new`, n: 1 },
              { near: isSplit ? other : near },
            ),
            create('List', { owner: other, rank: 1 }, { near: isSplit ? other : near }),
            deleteObject(gone),
            insertEdge('friends', { fromId: isSplit ? other : user, toId: near }),
            ...(isSplit ? [insertIndexEntry('tags', { value: key, targetId: near })] : []),
          ],
          { idempotencyKey: key },
        ),
      seen: async (kvetch, key, { old, user, other }) => [
        (await kvetch.getObject(user))?.n,
        await inCity(kvetch, old),
        await inCity(kvetch, `${key} new`),
        await named(kvetch, key),
        await lists(kvetch, other),
        (await kvetch.getEdges('friends', isSplit ? other : user)).edges.length,
        (await kvetch.queryIndex('tags', key)).ids.length,
      ],
      expected: [1, [2, 2, 2], [2, 2, 2], isSplit ? 1 : 0, [1, 1, 1, 1, 1], 1, isSplit ? 1 : 0],
    }),
  ),
];

for (const backend of backends.filter(({ name }) => /^(memory|mysql|redis over memory) x 3$/.test(name))) {
  const test = needs(suite(`kvetch: repeats of writes whose process died, ${backend.name}`), ...backend.servers);
  let opened: OpenBackend;
  let kvetch: Kvetch;
  test.before(() => {
    opened = backend.open();
    kvetch = open(opened);
  });
  test.after(() => kvetch.close());

  async function newUsers(count: number, near: string | undefined, city: string): Promise<string[]> {
    const requests = Array.from({ length: count }, () => ({ data: { n: 0, city }, near }));
    return idsOf(await kvetch.createObjects('User', requests));
  }

  async function objectsOfBefore(): Promise<Before> {
    const old = `of ${runs++}`;
    const [user = ''] = await newUsers(1, undefined, old);
    const [near = '', gone = ''] = await newUsers(2, user, old);
    for (;;) {
      const other = kvetch.newId('User');
      if (Math.abs(shardOfId(other) - shardOfId(user)) < 1400) continue; // perhaps on the same server
      await kvetch.createObject('User', { n: 0, city: old }, { id: other });
      return { old, user, near, gone, other };
    }
  }

  test('[6.8] what a unit has changed does not refuse its repeat', async () => {
    const { user, gone, other } = await objectsOfBefore();
    const write = (): ReturnType<Kvetch['write']> => {
      const made = kvetch.newId('User');
      const members = [
        create('User', { username: `only of ${user}` }, { id: made }),
        insertEdge('friends', { fromId: made, toId: gone }),
        update(user, { n: increment() }, { if: { n: 0 } }),
        update(other, { n: increment() }, { if: { n: 0 } }),
      ];
      return kvetch.write(members, { idempotencyKey: `refused ${user}` });
    };
    const first = await write();
    await kvetch.deleteObject(gone);
    const second = await write();
    assert.equal([first.isNew, second.isNew], [true, false]);
    assert.equal(
      second.objects.map((one) => one?.id),
      first.objects.map((one) => one?.id),
    );
  });

  for (const { name, points, write, seen, expected } of jobs) {
    /** Dies, repeats, and looks. Whether it died. */
    const dieAndRepeat = async (death: Death): Promise<boolean> => {
      await kvetch.clean({ graceMs: 0 }); // what others have left
      const before = await objectsOfBefore();
      const key = `key ${before.user}`;
      await seen(kvetch, key, before); // caches remember what was before
      const victim = dying(opened, death);
      const written = write(victim.kvetch, key, before).then(() => true);
      while (!victim.seen.isDead && !(await Promise.race([written, later()])));
      if (victim.seen.isDead) await write(kvetch, key, before);
      assert.equal(await seen(kvetch, key, before), expected, JSON.stringify(death));
      assert.equal(await preparedIds(kvetch), []);
      assert.equal(work(await kvetch.clean({ graceMs: 0, dryRun: true })), {}, JSON.stringify(death));
      return victim.seen.isDead;
    };
    for (const point of points) {
      test(`[6.8] ${name} that died at ${point} is whole when its repeat is answered`, async () => {
        assert.ok(await dieAndRepeat({ point }));
      });
    }
    test(`[6.8] ${name} that died behind any call is whole when its repeat is answered`, async () => {
      for (let call = 1; await dieAndRepeat({ call }); call++) assert.ok(call < 100);
    });
  }
  test.run();
}

let runs = 0;

function open({ shards, cache }: OpenBackend, more: Partial<KvetchOptions> = {}): Kvetch {
  return createKvetch({ schema, shards, outboxPollMs: 0, ...(cache && { cache }), ...more });
}

const later = (): Promise<boolean> => new Promise((resolve) => setTimeout(() => resolve(false), 1));
