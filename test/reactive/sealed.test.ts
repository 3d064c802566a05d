/** What keys, versions and moments of responses tell: nothing of hidden objects, other positions and other subjects. */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/index.ts';
import { createKvetch, memoryShards } from '../../src/kvetch.ts';
import { splitSeeds } from '../../src/reactive/keys/Seals.ts';
import { heldOf } from '../../src/reactive/response/describe.ts';
import {
  createInvalidationServer,
  createInvalidator,
  createReactive,
  memoryVersions,
  type Reactive,
  type ReactiveExtension,
} from '../../src/reactive.ts';
import { splitKeys } from '../../src/utils/wireKeys.ts';
import { as, boardSchema } from '../pent/board.ts';
import { boardsSchema } from '../pent/boardSchema.ts';

const secrets = [{ id: 'a', secret: 'a secret of sufficient length' }];
const absent = '00000000-0000-7000-8000-000000000001';
const CARD = 'query ($id: UUID!) { card(id: $id) { id title } }';
const LIST = 'query ($id: UUID!) { board(id: $id) { id cards { id title } } }';

async function open() {
  const versions = memoryVersions();
  const engine = createEngine({ schema: boardsSchema });
  const reactive = createReactive({ engine, versions, secrets }) as Reactive;
  const kvetch = createKvetch({ schema: boardSchema, shards: memoryShards(1), changes: reactive.changes });
  const board = await kvetch.createObject('Board', { name: 'garden', members: ['ann', 'bob'] });
  const cellar = await kvetch.createObject('Board', { name: 'cellar', members: ['bob'] });
  const shown = await kvetch.createObject('Card', { title: 'card', board });
  const secret = await kvetch.createObject('Card', { title: 'card', board, secretOf: 'bob' });
  const inCellar = await kvetch.createObject('Card', { title: 'card', board: cellar });
  const ask = async (text: string, id: string, subject = 'ann', extensions: object = {}) => {
    const { extensions: given } = await reactive.execute({
      ...{ document: parse(text), variableValues: { id }, subject },
      contextValue: { pent: as(subject, kvetch), kvetch: kvetch.forRequest() },
      extensions: { reactive: { v: 1, ...extensions } },
    });
    return given?.reactive as ReactiveExtension;
  };
  return { versions, reactive, kvetch, board, shown, secret, inCellar, ask };
}

/** A response without what is sealed: the form of it. */
const formOf = ({ keys, versions, groups, status, objects, grant }: ReactiveExtension): unknown => ({
  ...{ keys: keys?.length, versions: versions?.length, groups, status, objects },
  grant: grant?.replace(/[\w-]+/g, (part) => '-'.repeat(part.length)),
});

const test = suite('sealed keys');

test('a hidden object is as an absent one: in groups, in the number of keys, in the grant [11.5.5.2]', async () => {
  const { ask, secret, inCellar } = await open();
  const expected = formOf(await ask(CARD, absent));
  for (const id of [secret, inCellar]) assert.equal(formOf(await ask(CARD, id)), expected);
  for (const at of ['card', '']) {
    const again = { refetch: [{ at }] };
    const nothing = formOf(await ask(CARD, absent, 'ann', again));
    for (const id of [secret, inCellar]) assert.equal(formOf(await ask(CARD, id, 'ann', again)), nothing);
  }
});

test('of several lists none shows that it has a hidden object [11.5.5.2]', async () => {
  for (const field of ['cards { id title }', 'connection { nodes { id } pageInfo { hasNextPage } }']) {
    const { ask, kvetch, board } = await open();
    const other = await kvetch.createObject('Board', { name: 'yard', members: ['ann', 'bob'] });
    await kvetch.createObject('Card', { title: 'card', board: other });
    const text = `query { boards { id ${field} } }`;
    const before = await ask(text, '');
    const names = new Set(before.groups?.map(({ scope, at }) => `${scope} ${at}`));
    assert.ok(names.has('under boards.*.cards') || names.has('under boards.*.connection.nodes'), [...names].join());
    const refetch = [{ at: 'boards.*', ids: [board, other], fields: [field.split(' ')[0]] }];
    const part = await ask(text, '', 'ann', { refetch });
    await kvetch.createObject('Card', { title: 'card', board: other, secretOf: 'bob' });
    assert.equal(formOf(await ask(text, '')), formOf(before));
    assert.equal(formOf(await ask(text, '', 'ann', { refetch })), formOf(part));
  }
});

test('versions begin anywhere: they do not tell whether a key has ever changed', async () => {
  const { ask, secret, kvetch } = await open();
  const firsts = new Set<number>();
  for (let n = 0; n < 40; n++) {
    const id = n % 2 === 0 ? secret : absent.replace(/1$/, String(n % 10));
    const { versions = [] } = await ask(CARD.replace('query', `query Q${n}`), id);
    for (const version of versions) firsts.add(version);
  }
  assert.ok(firsts.size > 100, String(firsts.size));
  const before = await ask(CARD, secret);
  await kvetch.updateObject(secret, { title: 'new' });
  const after = await ask(CARD, secret);
  assert.is(after.keys, before.keys, 'of one position the names stay');
  const steps = after.versions?.map((version, at) => version - (before.versions?.[at] ?? 0));
  assert.equal(
    steps?.filter((step) => step !== 0),
    [1],
  );
});

test('the names of keys are not equal across positions, operations and subjects [11.5.5.1]', async () => {
  const { ask, board, shown } = await open();
  const asked = [
    await ask(LIST, board),
    await ask(LIST, board, 'bob'),
    await ask(LIST.replace('query', 'query Other'), board),
    await ask(CARD, shown),
    await ask('query ($id: UUID!) { a: card(id: $id) { id title } b: card(id: $id) { id title } }', shown),
  ];
  const all = asked.flatMap(({ keys = '' }) => splitKeys(keys));
  assert.is(new Set(all).size, all.length);
  const trueNames = asked.flatMap((extension) => heldOf(extension)?.keys ?? []);
  for (const name of trueNames) assert.not.ok(all.includes(name));
});

test('asOf is a time, and counts nobody’s writes', async () => {
  const { ask, shown, reactive } = await open();
  const first = await ask(CARD, shown);
  for (let n = 0; n < 500; n++) await reactive.invalidate(`of others ${n}`);
  const second = await ask(CARD, shown);
  const passed = (second.asOf ?? 0) - (first.asOf ?? 0);
  assert.ok(passed > 0 && Math.abs(Date.now() - (second.asOf ?? 0) / 1000) < 60_000, String(second.asOf));
  const [, , one] = first.grant?.split('.') ?? [];
  const [, , two] = second.grant?.split('.') ?? [];
  assert.is.not(one?.split('~')[0], two?.split('~')[0], 'the true moment is sealed, and equal ones look different');
});

test('a set is good for its subject, its keys and its grant only, and opens to the true names and versions', async () => {
  const { ask, board, reactive, versions } = await open();
  const extension = await ask(LIST, board);
  const { epoch = '', keys = '', versions: told = [], grant = '' } = extension;
  const set = { epoch, keys, versions: told, grant };
  const own = reactive.sets.open('ann', set);
  const held = heldOf(extension);
  const known = new Map(held?.keys.map((key, at) => [key, held.versions[at]]));
  const fillers = (own?.keys ?? []).filter((key) => !known.has(key));
  assert.is(new Set(own?.keys).size, known.size + fillers.length);
  for (const [at, key] of (own?.keys ?? []).entries()) assert.is(own?.versions[at], known.get(key) ?? 0);
  assert.is(own?.seq, versions.seen?.seq);
  const [id, end, seals = '', mac] = grant.split('.');
  const other = seals.replace(/~./, (start) => `~${start[1] === 'A' ? 'B' : 'A'}`);
  for (const forged of [
    { ...set, keys: keys.slice(16) },
    { ...set, keys: keys.slice(16), versions: told.slice(1) },
    { ...set, versions: told.slice(1) },
    { ...set, grant: [id, end, other, mac].join('.') },
    { ...set, grant: [id, end, mac].join('.') },
    { ...set, grant: reactive.grants.give('ann', keys) },
  ]) {
    assert.is(reactive.sets.open('ann', forged), null);
  }
  assert.is(reactive.sets.open('bob', set), null);
  const tenant = createInvalidator({ versions, secrets, tenant: 'acme' });
  assert.is(tenant.sets.open('ann', set), null);
  const next = createInvalidator({
    versions,
    secrets: [{ id: 'b', secret: 'another one of that length' }, ...secrets],
  });
  assert.equal(next.sets.open('ann', set)?.keys, own?.keys, 'an old secret opens its sets');
});

test('a client that makes up its versions learns nothing but that its keys are stale', async () => {
  const { ask, secret, inCellar, reactive } = await open();
  const server = createInvalidationServer({ invalidator: reactive, authenticate: () => 'ann' });
  const poll = async (id: string, change: (version: number) => number) => {
    const { epoch, asOf, keys, versions = [], grant } = await ask(CARD, id);
    const set = { epoch, asOf, keys, versions: versions.map(change), grant };
    const body = JSON.stringify({ v: 1, sets: [set] });
    const request = new Request('http://x/deps/poll', { method: 'POST', body });
    return (await server.handle(request))?.json() as Promise<{ stale: Record<string, number> }>;
  };
  assert.equal((await poll(secret, (version) => version)).stale, {});
  for (const less of [1, 2, 5000]) {
    for (const id of [secret, inCellar, absent]) {
      const { stale } = await poll(id, (version) => version - less);
      const { keys = '', versions = [] } = await ask(CARD, id);
      assert.equal(stale, Object.fromEntries(splitKeys(keys).map((key, at) => [key, versions[at]])));
    }
  }
});

test('what a mutation has changed is named for the positions that its client holds', async () => {
  const { ask, shown, board } = await open();
  const list = await ask(LIST, board);
  const [, ...runs] = list.grant?.split('.')[2]?.split('~') ?? [];
  const held = runs.map((run) => run.slice(0, 8)).join('');
  assert.is(splitSeeds(held).length, list.groups?.length);
  const rename = 'mutation ($id: UUID!) { updateCard(id: $id, data: { title: "new" }) { card { id } } }';
  const { invalidated = '' } = await ask(rename, shown, 'ann', { held });
  const changed = splitKeys(list.keys ?? '').filter((key) => splitKeys(invalidated).includes(key));
  assert.is(changed.length, 1, 'the card, where the list shows it');
  const foreign = await ask(rename.replace('new', 'newer'), shown, 'bob', { held });
  const theirs = splitKeys(foreign.invalidated ?? '');
  assert.not.ok(
    splitKeys(list.keys ?? '').some((key) => theirs.includes(key)),
    'of use to their subject only',
  );
});

test.run();
