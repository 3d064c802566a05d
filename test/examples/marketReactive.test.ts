/** What the market's home page depends on, in both forms of a connection: each change makes stale what it changes. */
import { parse } from 'graphql';
import { createEngine } from 'planql';
import { createKvetch, type Kvetch, memoryShards } from 'planql/kvetch';
import { PentContext } from 'planql/pent';
import {
  createReactive,
  type Held,
  heldAt,
  isStale,
  memoryVersions,
  type Reactive,
  type ReactiveExtension,
} from 'planql/reactive';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Filled, fill } from '../../examples/market/fill.ts';
import { kvetchSchema } from '../../examples/market/generated/kvetchSchema.ts';
import { model, schema } from '../../examples/market/generated/plans.ts';

const test = suite('dependencies of the market');

interface Home {
  readonly data: unknown;
  readonly reactive: ReactiveExtension;
}

class World {
  readonly reactive: Reactive;
  readonly kvetch: Kvetch;
  made!: Filled;

  constructor() {
    this.reactive = createReactive({
      engine: createEngine({ schema }),
      versions: memoryVersions(),
      secrets: [{ id: 'a', secret: 'a secret of sufficient length' }],
    }) as Reactive;
    const { changes } = this.reactive;
    this.kvetch = createKvetch({ schema: kvetchSchema, shards: memoryShards(2), changes });
  }

  async ask(source: string): Promise<Home> {
    const [account] = this.made.accounts;
    const viewer = { id: account?.id ?? '', user: account?.user ?? '' };
    const { data, errors, extensions } = await this.reactive.execute({
      document: parse(source),
      contextValue: { pent: new PentContext({ kvetch: this.kvetch, model, viewer }) },
      extensions: { reactive: { v: 1 } },
      subject: 'somebody',
    });
    assert.equal(errors, undefined);
    return { data: JSON.parse(JSON.stringify(data)), reactive: extensions?.reactive as ReactiveExtension };
  }

  /** The positions with a stale key, and how many of their keys are. */
  async stale({ reactive }: Home): Promise<Readonly<Record<string, number>>> {
    const found: Record<string, number> = {};
    for (const group of reactive.groups ?? []) {
      const held = heldAt(reactive, group) as Held;
      const now = await this.reactive.versions.read(held.keys);
      const count = held.versions.filter((version, n) => isStale(held, version, now, n)).length;
      if (count > 0) found[group.at] = (found[group.at] ?? 0) + count;
    }
    return found;
  }
}

const FORMS = [
  { list: 'feed.nodes', node: 'feed.nodes.*', source: '{ feed { nodes { id title seller { id name } } } }' },
  {
    list: 'feed.edges',
    node: 'feed.edges.*.node',
    source: '{ feed { edges { node { id title seller { id name } } } } }',
  },
];

for (const { list, node, source } of FORMS) {
  test(`each of six changes of the feed is noticed where it is, and nowhere else: ${list}`, async () => {
    const world = new World();
    const { kvetch } = world;
    world.made = await fill(kvetch, { listings: 60, messages: 0 });
    const newest = world.made.listings.filter(({ status }) => status === 'OPEN').toReversed();
    const [first, second, third, fourth] = newest.map(({ id }) => id);
    const [seller, other] = world.made.users;
    const category = world.made.categories[0]?.id;
    const more = { photos: [], offerCount: 0, seller: seller?.id, category };
    const entry = { title: 'New', priceCents: 1, status: 'OPEN', ...more };
    const changes: Readonly<Record<string, readonly [() => Promise<unknown>, Readonly<Record<string, number>>]>> = {
      title: [() => kvetch.updateObject(first ?? '', { title: 'Other' }), { [node]: 1 }],
      name: [() => kvetch.updateObject(newest[0]?.seller ?? '', { name: 'Other' }), { [`${node}.seller`]: 1 }],
      'new listing': [() => kvetch.createObject('Listing', entry), { [list]: 1 }],
      sold: [() => kvetch.updateObject(second ?? '', { status: 'SOLD' }), { [list]: 1, [node]: 1 }],
      deleted: [() => kvetch.deleteObject(third ?? ''), { [list]: 1, [node]: 1 }],
      'other seller': [() => kvetch.updateObject(fourth ?? '', { seller: other?.id }), { [node]: 1 }],
    };
    for (const [name, [change, wanted]] of Object.entries(changes)) {
      const before = await world.ask(source);
      assert.is(before.reactive.status, 'full', name);
      assert.equal(await world.stale(before), {}, name);
      await change();
      assert.equal(await world.stale(before), wanted, name);
      assert.not.equal((await world.ask(source)).data, before.data, name);
    }
    await kvetch.close();
  });
}

test('every screen knows all of its dependencies', async () => {
  const world = new World();
  world.made = await fill(world.kvetch, { listings: 60, messages: 80 });
  const [account] = world.made.accounts;
  const screens = [
    `{ user(id: "${account?.user}") { inbox { edges { data node { id messages { edges { node { id author { name } } } } } } totalCount } } }`,
    `{ account(id: "${account?.id}") { favourites { edges { cursor node { id isFavourite } } } unread { totalCount edges { node { about { __typename } } } } } }`,
    `{ search(category: "${world.made.categories[0]?.id}", order: NEWEST) { edges { node { id } } totalCount pageInfo { hasNextPage } } }`,
    '{ users(name: { startsWith: "Z" }) { edges { node { name rating reviews { edges { node { stars } } } } } } }',
  ];
  for (const screen of screens) assert.is((await world.ask(screen)).reactive.status, 'full', screen);
  await world.kvetch.close();
});

test('the objects on the edges of a page are not asked about again', async () => {
  for (const { source } of FORMS) {
    const text = String(await createEngine({ schema }).explain({ document: parse(source) }));
    assert.not.match(text, /pent\.visible/, source);
    assert.match(text, /pent\.page/);
  }
});

test.run();
