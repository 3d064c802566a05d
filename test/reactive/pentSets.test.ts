/** The exact dependencies of reads by Pent with privacy: a viewer's answer depends on what was hidden, too, and on nothing more. */
import { type ExecutionResult, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, type EngineOptions } from '../../src/index.ts';
import { createKvetch, type Kvetch, memoryShards, type ShardStore } from '../../src/kvetch.ts';
import type { Context } from '../../src/pent/contract.ts';
import { canRead, definePents, type PentModel, requireThat } from '../../src/pent.ts';
import { openedHere } from '../../src/reactive/response/sealExtension.ts';
import {
  createReactive,
  type Held,
  heldAt,
  isStale,
  memoryVersions,
  type Reactive,
  type ReactiveExtension,
} from '../../src/reactive.ts';
import { propertiesOf } from '../../src/utils/propertiesOf.ts';
import type { DependencyGroup } from '../../src/utils/reactiveExtension.ts';
import { wrapStore } from '../kvetch/backends.ts';
import { as, boardModel, boardSchema, Comment } from '../pent/board.ts';
import { boardsSchema } from '../pent/boardSchema.ts';

const secrets = [{ id: 'a', secret: 'a secret of sufficient length' }];

/** By scope and position: the keys there. */
type Told = Readonly<Record<string, string>>;

interface World {
  readonly kvetch: Kvetch;
  readonly reactive: Reactive;
  readonly ids: Readonly<Record<string, string>>;
  readonly names: ReadonlyMap<string, string>;
}

const late = (shard: ShardStore): ShardStore =>
  wrapStore(shard, async (_method, run) => {
    await new Promise((resolve) => setImmediate(resolve));
    return run();
  });

/** A board that Ann sees, with five cards, two of them secrets of Bob, and a board that she does not see. */
async function open(options: Partial<EngineOptions>, isLate: boolean): Promise<World> {
  const reactive = createReactive({
    engine: createEngine({ schema: boardsSchema, ...options }),
    versions: memoryVersions(),
    secrets,
  }) as Reactive;
  const shards = memoryShards(1).map((shard) => (isLate ? late(shard) : shard));
  const kvetch = createKvetch({ schema: boardSchema, shards, changes: reactive.changes });
  const ids: Record<string, string> = {};
  ids.board = await kvetch.createObject('Board', { name: 'garden', members: ['ann', 'bob'] });
  ids.hidden = await kvetch.createObject('Board', { name: 'cellar', members: ['bob'] });
  for (const [name, fields] of Object.entries({
    c1: { slug: 'one' },
    s2: { secretOf: 'bob' },
    c3: {},
    s4: { secretOf: 'bob', slug: 'four' },
    c5: {},
  })) {
    ids[name] = await kvetch.createObject('Card', { title: 'card', board: ids.board as string, ...fields });
  }
  ids.x1 = await kvetch.createObject('Card', { title: 'other', board: ids.hidden as string });
  for (const card of ['c1', 's2']) {
    ids[`on${card}`] = await kvetch.createObject('Comment', { text: 'well', card: ids[card] as string });
  }
  const names = new Map<string, string>();
  for (const [name, id] of Object.entries(ids)) {
    for (const [kind, told] of Object.entries({ 'o:': 'o:', 'e:20:': 'cards:', 'e:21:': 'comments:' })) {
      names.set(reactive.wireKeys.of(kind + id), told + name);
    }
  }
  for (const [index, values] of Object.entries({ slug: ['one', 'four', 'none'], title: ['card', 'other'] })) {
    for (const value of values) names.set(reactive.wireKeys.of(`i:${index}:s${value}`), `${index}:${value}`);
  }
  for (const [typeId, name] of [
    [200, 'Board'],
    [201, 'Card'],
    [202, 'Comment'],
  ] as const) {
    names.set(reactive.wireKeys.of(`t:${typeId}`), `t:${name}`);
  }
  return { kvetch, reactive, ids, names };
}

async function ask(
  world: World,
  text: string,
  viewer: string,
  positions: readonly string[] | null = null,
  model: PentModel = boardModel,
) {
  const { data, errors, extensions } = await world.reactive.execute({
    document: parse(text.replace(/\$(\w+)/g, (_, name) => JSON.stringify(world.ids[name]))),
    contextValue: { pent: as(viewer, world.kvetch, { model }), kvetch: world.kvetch.forRequest() },
    extensions: { reactive: { v: 1, ...(positions && { refetch: positions.map((at) => ({ at })) }) } },
  });
  const extension = extensions?.reactive as ReactiveExtension;
  const keysOf = (group: DependencyGroup) =>
    (heldAt(extension, group)?.keys ?? []).map((key) => world.names.get(key) ?? key);
  const told = Object.fromEntries(
    (openedHere(extension).groups ?? []).map((group) => [`${group.scope} ${group.at}`, keysOf(group).sort().join(' ')]),
  );
  return { answer: JSON.stringify({ data, errors }), told, extension };
}

interface Case {
  readonly text: string;
  readonly told: Told;
}

/** As Ann asks. The rule of a card reads its board: that belongs to the positions whose objects it hides. */
const cases: Readonly<Record<string, Case>> = {
  'an object, and the board by which it may be seen [11.1.1]': {
    text: '{ card(id: $c1) { id title board { id name } } }',
    told: { 'field card': 'o:board', 'self card': 'o:c1', 'self card.board': 'o:board' },
  },
  'an object that is hidden by itself': {
    text: '{ card(id: $s2) { id title } }',
    told: { 'field card': 'o:s2' },
  },
  'an object that another one hides': {
    text: '{ card(id: $x1) { id title } }',
    told: { 'field card': 'o:hidden o:x1' },
  },
  'nothing is read below what is hidden': {
    text: '{ board(id: $hidden) { id cards { id title } } }',
    told: { 'field board': 'o:hidden' },
  },
  'a list that leaves hidden objects out [11.1.2]': {
    text: '{ board(id: $board) { id cards { id title } } }',
    told: {
      ...{ 'self board': 'o:board', 'field board.cards': 'cards:board o:board o:s2 o:s4' },
      'self board.cards.*': 'o:c1 o:c3 o:c5',
    },
  },
  'a page that goes on past hidden objects [11.1.2]': {
    text: '{ board(id: $board) { id cards(first: 2) { id title } } }',
    told: {
      ...{ 'self board': 'o:board', 'field board.cards': 'cards:board o:board o:c5 o:s2 o:s4' },
      'self board.cards.*': 'o:c1 o:c3',
    },
  },
  'a page of an index that goes on': {
    text: '{ cardsByTitle(title: "card", first: 2) { id } }',
    told: {
      'field cardsByTitle': 'o:board o:c5 o:s2 o:s4 title:card',
      'self cardsByTitle.*': 'o:c1 o:c3',
    },
  },
  'a page of a type that goes on': {
    text: '{ cards(first: 2) { id } }',
    told: { 'field cards': 'o:board o:c5 o:s2 o:s4 t:Card', 'self cards.*': 'o:c1 o:c3' },
  },
  'a type with a hidden object': {
    text: '{ boards { id name } }',
    told: { 'field boards': 'o:hidden t:Board', 'self boards.*': 'o:board' },
  },
  'a connection with its count, which counts what is seen': {
    text: '{ board(id: $board) { id connection(first: 2) { nodes { id } totalCount pageInfo { hasNextPage } } } }',
    told: {
      'field board.connection.nodes': 'cards:board o:board o:c5 o:s2 o:s4',
      'field board.connection.pageInfo': 'cards:board o:board o:c5 o:s2 o:s4',
      'field board.connection.totalCount': 'cards:board o:board o:c1 o:c3 o:c5 o:s2 o:s4',
      ...{ 'self board': 'o:board', 'self board.connection.nodes.*': 'o:c1 o:c3' },
    },
  },
  'a count alone': {
    text: '{ board(id: $board) { id connection { totalCount } } }',
    told: {
      'field board.connection.totalCount': 'cards:board o:board o:c1 o:c3 o:c5 o:s2 o:s4',
      'self board': 'o:board',
    },
  },
  'an index that leads to a hidden object': {
    text: '{ cardBySlug(slug: "four") { id } }',
    told: { 'field cardBySlug': 'o:s4 slug:four' },
  },
  'an index that leads to nothing': {
    text: '{ cardBySlug(slug: "none") { id } }',
    told: { 'field cardBySlug': 'slug:none' },
  },
  'objects by ids, some of them hidden': {
    text: '{ nodes(ids: [$c1, $s2, $x1]) { id } }',
    told: { 'field nodes': 'o:board o:c1 o:hidden o:s2 o:x1' },
  },
  'rules over two objects': {
    text: '{ comment(id: $onc1) { id text } }',
    told: { 'field comment': 'o:board o:c1', 'self comment': 'o:onc1' },
  },
  'steps that use the decision of another step [11.3.4.1]': {
    text: '{ card(id: $c1) { id } cardBySlug(slug: "one") { id } comment(id: $onc1) { id card { id } } }',
    told: {
      ...{ 'field card': 'o:board', 'self card': 'o:c1' },
      ...{ 'field cardBySlug': 'o:board slug:one', 'self cardBySlug': 'o:c1' },
      ...{ 'field comment': 'o:board o:c1', 'self comment': 'o:onc1', 'self comment.card': 'o:c1' },
    },
  },
};

/** The positions that have a key with a newer version, by scope. */
async function staleGroups({ reactive }: World, extension: ReactiveExtension): Promise<readonly DependencyGroup[]> {
  const stale: DependencyGroup[] = [];
  for (const group of openedHere(extension).groups ?? []) {
    const held: Held | null = heldAt(extension, group);
    if (held === null) continue;
    const now = await reactive.versions.read(held.keys);
    if (held.versions.some((version, n) => isStale(held, version, now, n))) stale.push(group);
  }
  return stale;
}

/** The values of an answer at a position; `change` replaces them. */
function valuesAt(answer: string, at: string, change: ((value: unknown) => unknown) | null = null): readonly unknown[] {
  return take(JSON.parse(answer).data, at.split('.'), change);
}

function take(
  value: Record<string, unknown> | unknown[] | null,
  [part = '', ...rest]: readonly string[],
  change: ((value: unknown) => unknown) | null,
): readonly unknown[] {
  if (value === null || typeof value !== 'object') return [];
  const within = value as Record<string, unknown>;
  return (part === '*' ? Object.keys(within) : [part]).flatMap((key) => {
    if (rest.length > 0) return take(within[key] as unknown[], rest, change);
    if (change !== null) within[key] = change(within[key]);
    return [within[key]];
  });
}

/** The data of an answer without that at some positions. */
function without(answer: string, positions: readonly string[]): unknown {
  if (positions.includes('')) return null;
  const { data } = JSON.parse(answer);
  for (const at of positions) take(data, at.split('.'), () => 'stale');
  return data;
}

/** All that may show or hide something, or move it. */
const writes: Readonly<Record<string, (world: World) => Promise<unknown>>> = {
  'a card becomes secret': ({ kvetch, ids }) => kvetch.updateObject(ids.c1 as string, { secretOf: 'bob' }),
  'another card becomes secret': ({ kvetch, ids }) => kvetch.updateObject(ids.c3 as string, { secretOf: 'bob' }),
  'the last card becomes secret': ({ kvetch, ids }) => kvetch.updateObject(ids.c5 as string, { secretOf: 'bob' }),
  'a secret card is shown': ({ kvetch, ids }) => kvetch.updateObject(ids.s2 as string, { secretOf: null }),
  'another secret card is shown': ({ kvetch, ids }) => kvetch.updateObject(ids.s4 as string, { secretOf: null }),
  'the board is taken away': ({ kvetch, ids }) => kvetch.updateObject(ids.board as string, { members: ['bob'] }),
  'the hidden board is shown': ({ kvetch, ids }) => kvetch.updateObject(ids.hidden as string, { members: ['ann'] }),
  'a card goes to the hidden board': ({ kvetch, ids }) =>
    kvetch.updateObject(ids.c1 as string, { board: ids.hidden as string }),
  'a card of the hidden board comes': ({ kvetch, ids }) =>
    kvetch.updateObject(ids.x1 as string, { board: ids.board as string }),
  'a card is deleted': ({ kvetch, ids }) => kvetch.deleteObject(ids.c3 as string),
  'a secret card is deleted': ({ kvetch, ids }) => kvetch.deleteObject(ids.s2 as string),
  'a card is made': ({ kvetch, ids }) =>
    kvetch.createObject('Card', { title: 'card', slug: 'none', board: ids.board as string }),
  'a comment changes': ({ kvetch, ids }) => kvetch.updateObject(ids.onc1 as string, { text: 'better' }),
};

const roads: Readonly<Record<string, readonly [options: Partial<EngineOptions>, isLate: boolean]>> = {
  closures: [{ codegen: 'never' }, false],
  'generated code': [{ codegen: 'always' }, false],
  'a store that answers later, so that loads start ahead': [{}, true],
};

for (const [road, [options, isLate]] of Object.entries(roads)) {
  const test = suite(`exact dependencies of Pent: ${road}`);
  for (const [title, { text, told }] of Object.entries(cases)) {
    test(title, async () => {
      const world = await open(options, isLate);
      assert.equal((await ask(world, text, 'ann')).told, told);
      assert.equal((await ask(world, text, 'ann')).told, told, 'the second time');
    });
  }
  test('an answer that a write changes was told to be stale, at the positions that differ [11.1.2, 11.3.4.1]', async () => {
    let changes = 0;
    let parts = 0;
    for (const [title, { text }] of Object.entries(cases)) {
      for (const [what, write] of Object.entries(writes)) {
        const world = await open(options, isLate);
        const { answer, extension } = await ask(world, text, 'ann');
        await write(world);
        const fresh = (await ask(world, text, 'ann')).answer;
        if (fresh === answer) continue;
        changes++;
        const groups = await staleGroups(world, extension);
        assert.ok(groups.length > 0, `${title}: ${what}`);
        // An object that is no longer shown: the client asks for the whole operation [11.6.7].
        const idsAt = (told: string, at: string) => valuesAt(told, at).map((object) => propertiesOf(object).id);
        const isGone = ({ scope, at }: DependencyGroup) =>
          scope === 'self' && String(idsAt(answer, at)) !== String(idsAt(fresh, at));
        const stale = [...new Set(groups.map(({ at }) => at))];
        if (groups.some(isGone)) continue;
        assert.equal(
          without(answer, stale),
          without(fresh, stale),
          `${title}: ${what}: only the stale positions differ`,
        );
        if (stale.includes('')) continue;
        // A new request, which runs the rules of these positions again.
        const again = await ask(world, text, 'ann', stale);
        assert.equal(
          stale.map((at) => valuesAt(again.answer, at)),
          stale.map((at) => valuesAt(fresh, at)),
          `${title}: ${what}: fetched by position`,
        );
        parts++;
      }
    }
    assert.ok(changes > 50, `${changes} answers changed`);
    assert.ok(parts > 30, `${parts} of them by position`);
  });
  test('a part that comes later has the reads of its own rules, and of decisions that an earlier part made [11.3.4.1, 11.5.7]', async () => {
    const { reactive, kvetch, ids, names } = await open(options, isLate);
    const text = `{ card(id: "${ids.c1}") { id } ... @defer { board(id: "${ids.board}") { id cards { id } } } }`;
    const result = await reactive.executeIncrementally({
      document: parse(text),
      contextValue: { pent: as('ann', kvetch), kvetch: kvetch.forRequest() },
      extensions: { reactive: { v: 1 } },
    });
    assert.ok('initialResult' in result);
    const told: Record<string, string> = {};
    const take = (part: { readonly extensions?: ExecutionResult['extensions'] }): void => {
      const extension = part.extensions?.reactive as ReactiveExtension | undefined;
      for (const group of openedHere(extension as ReactiveExtension).groups ?? []) {
        const keys = (heldAt(extension as ReactiveExtension, group)?.keys ?? []).map((key) => names.get(key) ?? key);
        told[`${group.scope} ${group.at}`] = keys.sort().join(' ');
      }
    };
    take(result.initialResult);
    assert.equal(told, { 'field card': 'o:board', 'self card': 'o:c1' });
    for await (const part of result.subsequentResults) take(part);
    const later = ['field board', 'field board.cards'].map((at) => told[at] ?? '').join(' ');
    for (const key of ['o:board', 'cards:board', 'o:c1', 'o:c3', 'o:c5', 'o:s2', 'o:s4'])
      assert.ok(later.includes(key), key);
    assert.is(told['field '], undefined);
  });
  test('what rules of the application read belongs to the root: they may keep it for other fields [11.3.4]', async () => {
    const { privacy } = Comment;
    try {
      const asked = (comment: Comment, context: Context) => canRead(context, comment.$record.card as string);
      Object.assign(Comment, { privacy: { read: [requireThat('card', asked)] } });
      // A model knows the rules that its classes had when it was made.
      const model = definePents({ schema: boardSchema, pents: boardModel.classes });
      const world = await open(options, isLate);
      const answer = await ask(world, '{ comment(id: $onc1) { id text } }', 'ann', null, model);
      assert.equal(answer.told, { 'field ': 'o:board o:c1', 'self comment': 'o:onc1' });
    } finally {
      Object.assign(Comment, { privacy });
    }
  });
  test.run();
}
