/** What privacy still tells, as "Limits of privacy" in docs/privacy.md says it: no more, and no less. */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, makeSchema, SafeError } from '../../src/index.ts';
import { createKvetch, defineKvetchSchema, type Kvetch, memoryShards } from '../../src/kvetch.ts';
import {
  allowAll,
  allowIf,
  type Context,
  canRead,
  createPent,
  definePents,
  denyIf,
  Pent,
  PentContext,
  type PentDefinition,
  type Policy,
  pent,
  readEdge,
  readHasEdge,
  updatePent,
} from '../../src/pent.ts';
import { createReactive, memoryVersions, type Reactive, type ReactiveExtension } from '../../src/reactive.ts';

const schema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'Board', fields: { name: 'string', code: 'string', note: 'string' } },
    { typeId: 2, name: 'Card', fields: { board: 'uuid', isSecret: 'bool', boss: 'uuid', n: 'int' } },
    { typeId: 3, name: 'Odd', fields: { other: 'uuid' } },
  ],
  edges: [
    { edgeId: 1, name: 'cards', from: 'Board', storedOn: 'Card', storedIdAttr: 'board' },
    { edgeId: 2, name: 'pinned', from: 'Board', to: 'Card' },
  ],
  indexes: [{ name: 'code', type: 'Board', attr: 'code', kind: 'string', unique: true }],
});

const scopes = new Set<object>();

class Board extends Pent {
  static override readonly definition: PentDefinition = { name: 'Board', typeId: 1 };
  static override readonly privacy: Policy<Board, string> = {
    read: [
      denyIf('of another', ({ $record }, { viewer }) => $record.name === 'hidden' && viewer !== 'admin'),
      allowAll,
    ],
    write: [allowAll],
    fields: { note: [allowIf('admin', (_board, { viewer }) => viewer === 'admin')] },
  };
}

class Card extends Pent {
  static override readonly definition: PentDefinition = { name: 'Card', typeId: 2, storedIds: { boss: ['Board'] } };
  static override readonly privacy: Policy<Card, string> = {
    read: [
      allowIf('not secret', async ({ $record }, context: Context<string>) => {
        scopes.add(context.scope);
        if ($record.boss !== undefined) await Board.get(context, $record.boss as string);
        return $record.isSecret !== true;
      }),
    ],
  };
}

/** Readable where the other one is hidden. */
class Odd extends Pent {
  static override readonly definition: PentDefinition = { name: 'Odd', typeId: 3 };
  static override readonly privacy: Policy<Odd, string> = {
    read: [denyIf('other', ({ $record }, context) => canRead(context, $record.other as string | null)), allowAll],
  };
}

const model = definePents({ schema, pents: [Board, Card, Odd], byDefault: 'deny' });
const as = (kvetch: Kvetch, viewer: string, onError: (error: Error) => void = () => {}): PentContext<string> =>
  new PentContext({ kvetch, model, viewer, onError });
const open = (): Kvetch => createKvetch({ schema, shards: memoryShards(1) });
const thrown = (reading: Promise<unknown>): Promise<{ code?: string }> =>
  reading.then(
    () => assert.unreachable('nothing was thrown'),
    (error) => error,
  );

const test = suite('what privacy still tells');

test('a page that lacks objects after 10,000 entries is an error that clients do not read', async () => {
  const kvetch = open();
  const [many, few] = [await kvetch.createObject('Board', {}), await kvetch.createObject('Board', {})];
  for (const [board, count] of [
    [many, 11_001],
    [few, 9_000],
  ] as const) {
    for (let from = 0; from < count; from += 500) {
      const secret = { data: { board, isSecret: true } };
      await kvetch.createObjects('Card', new Array(Math.min(500, count - from)).fill(secret));
    }
    await kvetch.createObject('Card', { board });
  }
  const page = async (board: string) => readEdge(await Board.getX(as(kvetch, 'ann'), board), 'cards', { first: 1 });
  const error = await thrown(page(many));
  assert.is(error.code, 'PAGE_TOO_SPARSE');
  assert.not.ok(error instanceof SafeError);
  assert.is((await page(few)).objects.length, 1);
});

test('an id as "after" of a plain edge works for a readable object that has left the list, and for no hidden one', async () => {
  const kvetch = open();
  const board = await kvetch.createObject('Board', {});
  const cards: string[] = [];
  for (let n = 0; n < 4; n++) {
    cards.push(await kvetch.createObject('Card', { n }));
    await kvetch.insertEdge('pinned', { fromId: board, toId: cards[n] as string });
  }
  const behind = async (after: string): Promise<readonly unknown[]> => {
    const { objects } = await readEdge(await Board.getX(as(kvetch, 'ann'), board), 'pinned', { after });
    return objects.map((card) => (card as Card).$record.n);
  };
  assert.equal(await behind(cards[1] as string), [2, 3]);
  await kvetch.deleteEdge('pinned', { fromId: board, toId: cards[1] as string });
  assert.equal(await behind(cards[1] as string), [2, 3]);
  for (const id of [cards[0], cards[1]]) await kvetch.updateObject(id as string, { isSecret: true });
  for (const id of [cards[0], cards[1], '00000000-0000-8000-8000-000000000001']) {
    assert.equal(await behind(id as string), []);
  }
});

test('the error about a unique value tells that some object has it', async () => {
  const kvetch = open();
  await kvetch.createObject('Board', { name: 'hidden', code: 'x' });
  const error = await thrown(createPent(as(kvetch, 'ann'), Board, { code: 'x' }));
  assert.match(String(error), 'Another Board already has this code.');
});

test('versions and times of an object change with its hidden fields, and a refused update tells no value', async () => {
  const kvetch = open();
  const id = await kvetch.createObject('Board', { note: 'a' });
  const versionFor = async (): Promise<number> => (await Board.getX(as(kvetch, 'ann'), id)).version;
  assert.is(await versionFor(), 1);
  await kvetch.updateObject(id, { note: 'b' });
  assert.is(await versionFor(), 2);
  const refusals: unknown[] = [];
  for (const note of ['a', 'b', null]) {
    const { message, extensions } = (await thrown(updatePent(as(kvetch, 'ann'), Board, id, { note }))) as SafeError;
    refusals.push({ message, extensions });
  }
  const [first, ...others] = refusals;
  for (const other of others) assert.equal(other, first);
  assert.is(await versionFor(), 2);
});

test('which plain edges begin at the viewer is told, even where rules hide its object', async () => {
  const kvetch = open();
  const own = await kvetch.createObject('Board', { name: 'hidden' });
  const card = await kvetch.createObject('Card', {});
  await kvetch.insertEdge('pinned', { fromId: own, toId: card });
  const viewer = as(kvetch, own);
  assert.is(await Board.get(viewer, own), null);
  assert.is(await readHasEdge(await Card.getX(viewer, card), 'pinned', 'to', null), true);
});

test('rules of a request share one "scope", until it writes', async () => {
  const kvetch = open();
  const ids = [await kvetch.createObject('Card', {}), await kvetch.createObject('Card', {})];
  const board = await kvetch.createObject('Board', {});
  const context = as(kvetch, 'ann');
  scopes.clear();
  for (const id of ids) assert.ok(await Card.get(context, id));
  assert.is(scopes.size, 1);
  await updatePent(context, Board, board, { name: 'new' });
  assert.ok(await Card.get(context, ids[0] as string));
  assert.is(scopes.size, 2);
  assert.ok(await Card.get(as(kvetch, 'ann'), ids[0] as string));
  assert.is(scopes.size, 3);
});

test('rules that contradict each other hide, and are reported', async () => {
  const kvetch = open();
  const one = await kvetch.createObject('Odd', {});
  const other = await kvetch.createObject('Odd', { other: one });
  await kvetch.updateObject(one, { other });
  const messages: string[] = [];
  const found = await Odd.getMany(
    as(kvetch, 'ann', ({ message }) => messages.push(message)),
    [one, other],
  );
  assert.equal(found, [null, null]);
  assert.ok(
    messages.some((message) => message.includes('allow it only as long as they deny it')),
    String(messages),
  );
});

test('a position becomes stale when a hidden object changes, or what its rules have read; for an absent one never', async () => {
  const engine = createEngine({
    schema: makeSchema({
      typeDefs: 'type Query { card(id: ID!): Card } type Card { id: ID! }',
      objects: { Query: { plans: { card: (_$root, { $id }) => pent(Card, $id) } } },
    }),
  });
  const versions = memoryVersions();
  const secrets = [{ id: 'a', secret: 'a secret of sufficient length' }];
  const reactive = createReactive({ engine, versions, secrets }) as Reactive;
  const kvetch = createKvetch({ schema, shards: memoryShards(1), changes: reactive.changes });
  const boss = await kvetch.createObject('Board', { name: 'boss' });
  const hidden = await kvetch.createObject('Card', { isSecret: true, boss });
  const absent = '00000000-0000-8000-8000-000000000001';
  const told = async (id: string): Promise<ReactiveExtension> => {
    const { data, extensions } = await reactive.execute({
      ...{ document: parse('query ($id: ID!) { card(id: $id) { id } }'), variableValues: { id }, subject: 'ann' },
      ...{ contextValue: { pent: as(kvetch, 'ann') }, extensions: { reactive: { v: 1 } } },
    });
    assert.equal(JSON.parse(JSON.stringify(data)), { card: null });
    return extensions?.reactive as ReactiveExtension;
  };
  const moved = async (id: string, change: () => Promise<unknown>): Promise<number> => {
    const before = await told(id);
    await change();
    const after = await told(id);
    assert.is(after.keys, before.keys);
    return (after.versions ?? []).filter((version, at) => version !== before.versions?.[at]).length;
  };
  let n = 0;
  for (const id of [hidden, boss]) {
    const change = (): Promise<unknown> => kvetch.updateObject(id, id === boss ? { name: `boss ${++n}` } : { n: ++n });
    assert.is(await moved(absent, change), 0);
    assert.is(await moved(hidden, change), 1);
  }
});

test.run();
