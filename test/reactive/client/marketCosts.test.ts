/** What a client that shows a screen of the market fetches after a change, in an application by Grapple and Pent (spec 11.6.6). */
import { randomUUID } from 'node:crypto';
import * as assert from 'uvu/assert';
import { type Filled, fill } from '../../../examples/market/fill.ts';
import { kvetchSchema } from '../../../examples/market/generated/kvetchSchema.ts';
import { model, schema } from '../../../examples/market/generated/plans.ts';
import type { Kvetch } from '../../../src/kvetch.ts';
import { until } from '../../support/until.ts';
import { at, casesOf } from './cases.ts';
import { fresh, openClient, openTodo, plain, watch } from './world.ts';

const { test, ends } = casesOf('client, costs of the market');

interface Change {
  readonly what: string;
  readonly write: (kvetch: Kvetch, made: Filled) => Promise<unknown>;
  readonly fetches: readonly string[];
  readonly calls: number;
  readonly keys: number;
}

interface Screen {
  readonly query: (made: Filled) => string;
  readonly changes: readonly Change[];
}

const talk = (made: Filled) => at(made.conversations, 0);
const rename = {
  listing: (kvetch: Kvetch, made: Filled) => kvetch.updateObject(talk(made).listing, { title: randomUUID() }),
  seller: (kvetch: Kvetch, made: Filled) => kvetch.updateObject(talk(made).seller, { name: randomUUID() }),
};
const sendMessage = (kvetch: Kvetch, made: Filled) =>
  kvetch.createObject('Message', { conversation: talk(made).id, author: talk(made).seller, text: 'Hello' });

/** The viewer is the buyer of the first conversation. */
const screens: Readonly<Record<string, Screen>> = {
  search: {
    query: (made) =>
      `{ search(category: "${at(made.categories, 0).id}", order: CHEAPEST, first: 20) { nodes { id title seller { id name } } } }`,
    changes: [
      { what: 'a listing is renamed', write: rename.listing, fetches: ['search.nodes.*'], calls: 2, keys: 2 },
      { what: 'a seller is renamed', write: rename.seller, fetches: ['search.nodes.*.seller'], calls: 1, keys: 1 },
    ],
  },
  inbox: {
    query: (made) => `{ user(id: "${talk(made).buyer}") { id inbox(first: 20) { nodes {
      id listing { id title } seller { id name } messages(last: 1) { nodes { id text } }
    } } } }`,
    changes: [
      {
        ...{ what: 'a listing is renamed', write: rename.listing, fetches: ['user.inbox.nodes.*.listing'] },
        ...{ calls: 1, keys: 1 },
      },
      {
        ...{ what: 'a seller is renamed', write: rename.seller, fetches: ['user.inbox.nodes.*.seller'] },
        ...{ calls: 1, keys: 1 },
      },
      {
        ...{ what: 'a message is sent', write: sendMessage, fetches: ['user.inbox.nodes.* messages'] },
        ...{ calls: 4, keys: 4 },
      },
    ],
  },
};

test('a change of one object costs the reads of that object, and those of its rule', async () => {
  const viewer = { id: '', user: '' };
  const todo = await openTodo({ schema, kvetchSchema, model, viewer });
  ends.push(() => todo.end());
  const { kvetch, port } = todo;
  const made = await fill(kvetch, { listings: 60, messages: 400 });
  const { buyer } = talk(made);
  const account = made.accounts.find(({ user }) => user === buyer);
  Object.assign(viewer, { id: account?.id, user: buyer });
  for (const [name, { query, changes }] of Object.entries(screens)) {
    const text = query(made);
    const client = openClient(port);
    const shown = watch(client, text);
    const isFresh = async () => JSON.stringify(shown.now()) === JSON.stringify(plain(await fresh(port, text)));
    await until(`${name} is shown`, async () => shown.now() !== undefined && (await isFresh()));
    for (const { what, write, fetches, calls, keys } of changes) {
      const before = JSON.stringify(shown.now());
      todo.asked.length = 0;
      await write(kvetch, made);
      const from = kvetch.stats.snapshot();
      await until(`${name}: ${what}`, () => JSON.stringify(shown.now()) !== before);
      const to = kvetch.stats.snapshot();
      const asked = todo.asked.filter(({ isOfClient }) => isOfClient).flatMap(({ refetch }) => refetch ?? []);
      const positions = asked.map((one) => [one.at, ...(one.fields ?? [])].join(' '));
      assert.equal(positions, fetches, `${name}: ${what}`);
      const cost = [to.storeCalls - from.storeCalls, to.keys - from.keys];
      assert.equal(cost, [calls, keys], `${name}: ${what}`);
      assert.ok(await isFresh(), `${name}: ${what}`);
    }
    client.close();
  }
});

test.run();
