/** Live queries run only their stale parts again (spec 11.7.14). */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AnyStep, createEngine, filter, get, lambda, makeSchema } from '../../../src/index.ts';
import { createKvetch, defineKvetchSchema, memoryShards } from '../../../src/kvetch.ts';
import {
  createLiveQueries,
  createReactive,
  dependsOn,
  liveTypeDefs,
  manualKey,
  memoryVersions,
} from '../../../src/reactive.ts';
import { loadEdges, loadObject, loadObjects } from '../../../steps/kvetch/index.ts';
import { until } from '../../support/until.ts';
import { equals, Follower } from './world.ts';

const test = suite('parts of live queries');

const kinds = new Map<string, string>();
const typename = (id: unknown): string => kinds.get(String(id)) ?? 'User';
const own = (_root: AnyStep, { $id }: { readonly [name: `$${string}`]: unknown }) => loadObject($id as AnyStep);

const schemaOf = (withNode: boolean) =>
  makeSchema({
    typeDefs: [
      /* GraphQL */ `
        interface Node { id: ID! }
        type Query { ${withNode ? 'node(id: ID!): Node' : ''} user(id: ID!): User }
        type User implements Node { id: ID! name: String best: User greeting: String lists: [List!] open: [List!] }
        type List implements Node { id: ID! title: String owner: User items: [Item!] shout: String }
        type Item implements Node { id: ID! text: String }
      `,
      liveTypeDefs,
    ],
    objects: {
      Query: { plans: { ...(withNode && { node: own }), user: own } },
      User: {
        plans: {
          best: ($user) => loadObject(get($user, 'best') as AnyStep),
          greeting: ($user) => lambda(get($user, 'name'), (name) => `Hello ${name}`),
          lists: ($user) => loadObjects(loadEdges('lists', get($user, 'id') as AnyStep)),
          open: ($user) =>
            filter(loadObjects(loadEdges('lists', get($user, 'id') as AnyStep)) as AnyStep, ($list) =>
              lambda(get($list, 'title') as AnyStep, (title) => title !== 'closed'),
            ),
        },
      },
      List: {
        plans: {
          owner: ($list) => loadObject(get($list, 'owner') as AnyStep),
          items: ($list) => loadObjects(loadEdges('items', get($list, 'id') as AnyStep)),
          shout: ($list) => lambda(get($list, 'title'), (title) => String(title).toUpperCase()),
        },
      },
    },
    interfaces: {
      Node: {
        planType: ($object) => ({ $__typename: lambda(get($object, 'id') as AnyStep, typename) as AnyStep }),
      },
    },
  });

const queries: Readonly<Record<string, string>> = {
  'all with ids': `query ($id: ID!) @live { user(id: $id) { __typename id name greeting
    best { __typename id name best { id name } }
    lists { __typename id title shout owner { id name } items { __typename id text } }
    open { id title items { id text } } } }`,
  'some without ids, aliases and fragments': `query ($id: ID!) @live { user(id: $id) { id called: name best { name }
    ...Lists open { title items { text } } } }
    fragment Lists on User { all: lists { id heading: title ... on Node { id } things: items { id text } owner { name } } }`,
};

function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

/** Another change of the same moment may have deleted the object. */
function ignoreGone(error: { readonly code?: string }): void {
  if (error.code !== 'NOT_FOUND') throw error;
}

for (const withNode of [true, false]) {
  for (const [name, text] of Object.entries(queries)) {
    test(`random changes, ${name}, ${withNode ? 'with' : 'without'} node: what is merged equals a fresh answer [11.7.14]`, async () => {
      const engine = createEngine({ schema: schemaOf(withNode) });
      const secrets = [{ id: 'a', secret: 'a secret of sufficient length' }];
      const reactive = createReactive({ engine, versions: memoryVersions(), secrets });
      const kvetch = createKvetch({
        schema: defineKvetchSchema({
          objects: ['User', 'List', 'Item'].map((type, at) => ({ typeId: at + 1, name: type })),
          edges: [
            { edgeId: 10, name: 'lists', from: 'User', storedOn: 'List', storedIdAttr: 'owner' },
            { edgeId: 11, name: 'items', from: 'List', storedOn: 'Item', storedIdAttr: 'list' },
          ],
        }),
        shards: memoryShards(2),
        changes: reactive.changes,
        outboxPollMs: 0,
      });
      const live = createLiveQueries({ reactive });
      const random = randomOf(withNode ? 3 : 4);
      const ids: Record<'User' | 'List' | 'Item', string[]> = { User: [], List: [], Item: [] };
      const any = (type: keyof typeof ids): string => ids[type][random(ids[type].length)] ?? '';
      const create = async (type: keyof typeof ids, attributes: object): Promise<void> => {
        const id = await kvetch.createObject(type, { ...attributes });
        kinds.set(id, type);
        ids[type].push(id);
      };
      for (let n = 0; n < 4; n++) await create('User', { name: `user ${n}` });
      for (let n = 0; n < 12; n++) await create('List', { title: `list ${n}`, owner: any('User') });
      for (let n = 0; n < 40; n++) await create('Item', { text: `item ${n}`, list: any('List') });
      const contextValue = (): object => ({ kvetch: kvetch.forRequest() });
      const document = parse(text);
      const id = ids.User[0] ?? '';
      const given = live.execute({
        ...{ document, variableValues: { id }, subject: 'ann', context: contextValue },
        extensions: { live: { patch: true } },
      });
      if (!('next' in given)) throw new Error('It is not live.');
      const follower = Follower.of(given);
      const change = async (n: number): Promise<unknown> => {
        const kind = random(12);
        if (kind < 2) return kvetch.updateObject(any('User'), { name: `user ${n}` });
        if (kind === 2) return kvetch.updateObject(any('User'), { best: any('User') });
        if (kind < 5) return kvetch.updateObject(any('List'), { title: random(3) === 0 ? 'closed' : `list ${n}` });
        if (kind === 5) return kvetch.updateObject(any('List'), { owner: any('User') });
        if (kind < 8) return kvetch.updateObject(any('Item'), { text: `item ${n}` });
        if (kind === 8) return kvetch.updateObject(any('Item'), { list: any('List') });
        if (kind === 9) return create('Item', { text: `item ${n}`, list: any('List') });
        if (kind === 10) return create('List', { title: `list ${n}`, owner: any('User') });
        const type = random(3) === 0 ? 'List' : 'Item';
        const [gone = ''] = ids[type].splice(random(ids[type].length), 1);
        return kvetch.deleteObject(gone);
      };
      for (let n = 0; n < 150; n++) {
        // Some changes come while a run is under way.
        const burst = Array.from({ length: random(4) === 0 ? 4 : 1 }, () => change(n).catch(ignoreGone));
        await Promise.all(burst);
        let expected: unknown;
        await until(`change ${n} is seen`, async () => {
          const { data } = await engine.execute({ document, variableValues: { id }, contextValue: contextValue() });
          expected = JSON.parse(JSON.stringify(data));
          return equals(follower.data, expected);
        });
      }
      const { runs, parts } = live.stats;
      assert.ok(parts > (name === 'all with ids' ? 0.5 * runs : 0), `${parts} of ${runs} runs are of parts`);
      assert.is(follower.errors, undefined);
      await given.return();
      assert.equal(reactive.watches.size, { keys: 0, watches: 0 });
      await kvetch.close();
    });
  }
}

test('what resolvers read for a part is watched, though it is noted at the root [11.7.14]', async () => {
  const said = new Map<string, string>();
  const engine = createEngine({
    schema: makeSchema({
      typeDefs: [
        /* GraphQL */ `
          type Query { user(id: ID!): User lists(of: ID!): [List!] }
          type User { id: ID! name: String }
          type List { id: ID! about: String said: String }
        `,
        liveTypeDefs,
      ],
      objects: {
        Query: { plans: { user: own, lists: (_root, { $of }) => loadObjects(loadEdges('lists', $of as AnyStep)) } },
        List: {
          plans: {
            said: {
              resolve({ about }: { readonly about: string }) {
                dependsOn(manualKey(`said:${about}`));
                return said.get(about) ?? 'nothing';
              },
            },
          },
        },
      },
    }),
  });
  const secrets = [{ id: 'a', secret: 'a secret of sufficient length' }];
  const reactive = createReactive({ engine, versions: memoryVersions(), secrets });
  const kvetch = createKvetch({
    schema: defineKvetchSchema({
      objects: ['User', 'List'].map((type, at) => ({ typeId: at + 1, name: type })),
      edges: [{ edgeId: 10, name: 'lists', from: 'User', storedOn: 'List', storedIdAttr: 'owner' }],
    }),
    shards: memoryShards(1),
    changes: reactive.changes,
    outboxPollMs: 0,
  });
  const ann = await kvetch.createObject('User', { name: 'Ann' });
  await kvetch.createObject('List', { about: 'a', owner: ann });
  const live = createLiveQueries({ reactive });
  const given = live.execute({
    document: parse('query ($id: ID!) @live { user(id: $id) { id name } lists(of: $id) { id about said } }'),
    ...{ variableValues: { id: ann }, subject: 'ann', context: () => ({ kvetch: kvetch.forRequest() }) },
  });
  if (!('next' in given)) throw new Error('It is not live.');
  const follower = Follower.of(given);
  const shown = (): string =>
    ((follower.data ?? {}) as { lists?: { said: string }[] }).lists?.map((list) => list.said).join() ?? '';
  await until('the first list is shown', () => shown() === 'nothing');
  const second = await kvetch.createObject('List', { about: 'b', owner: ann });
  await until('the second list is shown', () => shown() === 'nothing,nothing');
  assert.is(live.stats.parts, 1, 'it was fetched as a part');
  said.set('b', 'something');
  await reactive.invalidate('said:b');
  await until('what its resolver read is shown', () => shown() === 'nothing,something');

  // An object alone is fetched again, and its resolver reads something else.
  await kvetch.updateObject(second, { about: 'c' });
  await until('the list is about something else', () => shown() === 'nothing,nothing');
  assert.is(live.stats.parts, 3, 'it was fetched as an object');
  said.set('c', 'more');
  await reactive.invalidate('said:c');
  await until('what its resolver read then is shown', () => shown() === 'nothing,more');
  await given.return();
  await kvetch.close();
});

test.run();
