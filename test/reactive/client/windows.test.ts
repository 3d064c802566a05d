/** What a client that shows the first or last few of a long list fetches again (spec 11.4.1, 12.2). */
import * as assert from 'uvu/assert';
import { type Filled, fill } from '../../../examples/market/fill.ts';
import { kvetchSchema } from '../../../examples/market/generated/kvetchSchema.ts';
import { model, schema } from '../../../examples/market/generated/plans.ts';
import type { Kvetch } from '../../../src/kvetch.ts';
import { until } from '../../support/until.ts';
import { at, casesOf } from './cases.ts';
import { fresh, openClient, openTodo, plain, watch } from './world.ts';

const { test, ends } = casesOf('client, windows of lists');

/** A watched window. `rows` are the ids that it shows. */
interface Shown {
  readonly kvetch: Kvetch;
  readonly made: Filled;
  rows(): readonly string[];
  /** Writes, waits until the window is as wanted, and returns the positions that the client has fetched. */
  fetched(write: () => Promise<unknown>, wanted: (rows: readonly string[]) => boolean): Promise<readonly string[]>;
  /** A write that the client must not hear of: it hears of the next one alone. */
  ignores(write: () => Promise<unknown>): Promise<void>;
}

async function show(
  query: (made: Filled) => string,
  position: string,
  touch: (shown: Shown, n: number) => Promise<unknown>,
): Promise<Shown> {
  const viewer = { id: '', user: '' };
  const todo = await openTodo({ schema, kvetchSchema, model, viewer });
  const { kvetch, port } = todo;
  const client = openClient(port);
  ends.push(
    () => todo.end(),
    () => client.close(),
  );
  const made = await fill(kvetch, { listings: 160, messages: 800 });
  const account = at(made.accounts, 1);
  Object.assign(viewer, { id: account.id, user: account.user });
  const text = query(made);
  const window = watch(client, text);
  const isFresh = async () => JSON.stringify(window.now()) === JSON.stringify(plain(await fresh(port, text)));
  await until('it is shown', async () => window.now() !== undefined && (await isFresh()));
  const rows = (): readonly string[] => {
    const nodes = position
      .split('.')
      .reduce((part: unknown, name) => (part as Record<string, unknown>)[name], window.now());
    return (nodes as readonly { readonly id: string }[]).map(({ id }) => id);
  };
  const fetched: Shown['fetched'] = async (write, wanted) => {
    todo.asked.length = 0;
    await write();
    await until('it is fetched', () => todo.asked.some(({ isOfClient }) => isOfClient));
    await until('it shows what is stored', isFresh);
    assert.ok(wanted(rows()), String(write));
    const asked = todo.asked.filter(({ isOfClient }) => isOfClient);
    return [...new Set(asked.flatMap(({ refetch }) => refetch?.map((one) => one.at) ?? 'all'))].sort();
  };
  let touches = 0;
  const shown: Shown = {
    ...{ kvetch, made, rows, fetched },
    async ignores(write) {
      const before = rows();
      const both = async () => {
        await write();
        await touch(shown, touches++);
      };
      assert.equal(await fetched(both, (now) => String(now) === String(before)), [`${position}.*`], String(write));
    },
  };
  return shown;
}

const same = (before: readonly string[]) => (now: readonly string[]) => String(now) === String(before);

test('listings by price: what enters, leaves or moves is fetched', async () => {
  const list = 'search.nodes';
  const shown = await show(
    ({ categories }) => `{ search(category: "${at(categories, 0).id}", first: 5) { nodes { id title } } }`,
    list,
    ({ kvetch, rows }, n) => kvetch.updateObject(at(rows(), 0), { title: `touched ${n}` }),
  );
  const { kvetch, made, rows, fetched, ignores } = shown;
  const [category, other] = made.categories.map(({ id }) => id);
  const entry = { photos: [], offerCount: 0, title: 'New', status: 'OPEN', seller: at(made.users, 0).id };
  const behind = made.listings
    .filter((one) => one.category === category && one.status === 'OPEN' && !rows().includes(one.id))
    .sort((a, b) => b.priceCents - a.priceCents)
    .map(({ id }) => id);
  let id = '';
  const enter = async () => {
    id = await kvetch.createObject('Listing', { ...entry, category, priceCents: 50 });
  };
  assert.equal(await fetched(enter, (now) => now[0] === id), [list], 'created within');
  const [, second = '', third = ''] = rows();
  assert.ok(
    (
      await fetched(
        () => kvetch.updateObject(third, { priceCents: 40 }),
        (now) => now[0] === third,
      )
    ).includes(list),
    'moved within',
  );
  assert.ok(
    (
      await fetched(
        () => kvetch.updateObject(third, { priceCents: 10 ** 6 }),
        (now) => !now.includes(third),
      )
    ).includes(list),
    'moved out',
  );
  const last = at(behind, 0);
  assert.equal(
    await fetched(
      () => kvetch.updateObject(last, { priceCents: 45 }),
      (now) => now[0] === last,
    ),
    [list],
    'moved in',
  );
  assert.ok(
    (
      await fetched(
        () => kvetch.updateObject(second, { status: 'SOLD' }),
        (now) => !now.includes(second),
      )
    ).includes(list),
    'filtered out',
  );
  assert.ok(
    (
      await fetched(
        () => kvetch.deleteObject(id),
        (now) => !now.includes(id),
      )
    ).includes(list),
    'deleted',
  );
  // A dependency is of the whole list (spec/decisions/kvetch-ordered-lists.md): what lies behind the window is fetched in vain.
  const dear = at(behind, 1);
  assert.equal(
    await fetched(() => kvetch.updateObject(dear, { priceCents: 10 ** 7 }), same(rows())),
    [list],
    'moved behind',
  );
  const add = () => kvetch.createObject('Listing', { ...entry, category, priceCents: 10 ** 7 });
  assert.equal(await fetched(add, same(rows())), [list], 'created behind');
  await ignores(() => kvetch.updateObject(dear, { title: 'of no place' }));
  await ignores(() => kvetch.updateObject(dear, { priceCents: 10 ** 7 }));
  await ignores(() => kvetch.createObject('Listing', { ...entry, category: other, priceCents: 1 }));
  await ignores(() => kvetch.createObject('Listing', { ...entry, category, priceCents: 1, status: 'DRAFT' }));
});

test('an inbox, whose edges move by their data', async () => {
  const list = 'user.inbox.nodes';
  const shown = await show(
    ({ accounts }) =>
      `{ user(id: "${at(accounts, 1).user}") { id inbox(first: 2) { nodes { id listing { id title } } } } }`,
    list,
    ({ kvetch, made, rows }, n) => kvetch.updateObject(at(rows(), 0), { seller: at(made.users, n % 2).id }),
  );
  const { kvetch, made, rows, fetched } = shown;
  const fromId = at(made.accounts, 1).user;
  const move = (toId: string, day: number) =>
    kvetch.insertEdge('inbox', { fromId, toId, data: { lastMessageAt: new Date(Date.UTC(2027, 0, day)) } });
  const all = (await kvetch.getEdges('inbox', fromId, { first: 50 })).edges.map(({ toId }) => toId);
  const [first = '', second = '', third = '', fourth = ''] = all;
  assert.ok(fourth !== '', 'a longer list than is shown');
  assert.equal(await fetched(() => move(second, 1), same([second, first])), [list], 'moved within');
  assert.equal(await fetched(() => move(fourth, 2), same([fourth, second])), [list], 'moved in');
  assert.equal(
    await fetched(() => kvetch.deleteEdge('inbox', { fromId, toId: second }), same([fourth, first])),
    [list],
    'removed',
  );
  assert.equal(
    await fetched(() => kvetch.deleteEdge('inbox', { fromId, toId: third }), same(rows())),
    [list],
    'removed behind',
  );
});

test('users by name, whose list lies on several shards', async () => {
  const list = 'users.nodes';
  const shown = await show(
    () => '{ users(first: 3) { nodes { id name username } } }',
    list,
    ({ kvetch, rows }, n) => kvetch.updateObject(at(rows(), 0), { username: `touched${n}` }),
  );
  const { kvetch, made, rows, fetched, ignores } = shown;
  const last = made.users.filter(({ id }) => !rows().includes(id)).at(-1)?.id ?? '';
  const before = rows();
  assert.equal(await fetched(() => kvetch.updateObject(last, { name: 'AAA' }), same([last, ...before.slice(0, 2)])), [
    list,
  ]);
  // The list and one of its three objects are too large a part to be fetched by itself (12.2.3).
  assert.equal(await fetched(() => kvetch.updateObject(last, { name: 'Zzz' }), same(before)), ['all']);
  await ignores(() => kvetch.updateObject(last, { username: 'another' }));
});

test('the last messages of a conversation', async () => {
  const list = 'conversation.messages.nodes';
  const conversationOf = ({ conversations, accounts }: Filled) =>
    conversations.find(({ buyer, seller }) => [buyer, seller].includes(at(accounts, 1).user))?.id ?? '';
  const shown = await show(
    (made) => `{ conversation(id: "${conversationOf(made)}") { id messages(last: 3) { nodes { id text } } } }`,
    list,
    ({ kvetch, rows }, n) => kvetch.updateObject(at(rows(), 0), { text: `touched ${n}` }),
  );
  const { kvetch, made, rows, fetched, ignores } = shown;
  const conversation = conversationOf(made);
  const author = at(made.accounts, 1).user;
  const oldest = made.messages.find((one) => one.conversation === conversation)?.id ?? '';
  const before = rows();
  let id = '';
  const say = async () => {
    id = await kvetch.createObject('Message', { conversation, author, text: 'new' });
  };
  assert.equal(await fetched(say, (now) => String(now) === String([...before.slice(1), id])), [list]);
  assert.ok((await fetched(() => kvetch.deleteObject(id), same(before))).includes(list));
  assert.equal(await fetched(() => kvetch.deleteObject(oldest), same(before)), [list], 'deleted before the window');
  await ignores(() =>
    kvetch.createObject('Message', {
      conversation: made.conversations.find(({ id }) => id !== conversation)?.id,
      author,
      text: 'elsewhere',
    }),
  );
});

test.run();
