/** Places in lists: `after` tells nothing of entries that the viewer may not read. */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/index.ts';
import type { Kvetch, ShardStore } from '../../src/kvetch.ts';
import { type Backend, backends, wrapStore } from '../kvetch/backends.ts';
import { needs } from '../support/needs.ts';
import { as, Board, openBoards } from './board.ts';
import { boardsSchema } from './boardSchema.ts';

const engine = createEngine({ schema: boardsSchema });
const nothing = '00000000-0000-4000-8000-000000000000';

interface World {
  readonly kvetch: Kvetch;
  readonly board: string;
  readonly cards: readonly string[];
  /** Ids of objects that are no entries of the board's list for Ann. */
  readonly strange: Readonly<Record<string, string>>;
  /** The calls of the stores. */
  readonly calls: string[];
}

/** Six cards of a board: those with odd numbers are secrets of Bob. */
async function open(backend: Backend): Promise<World> {
  const calls: string[] = [];
  const { shards, ...rest } = backend.open();
  const told = (shard: ShardStore): ShardStore =>
    wrapStore(shard, (method, run) => {
      calls.push(method);
      return run();
    });
  const kvetch = openBoards({ ...rest, shards: shards.map(told) });
  const board = await kvetch.createObject('Board', { name: 'Ours', members: ['ann', 'bob'] });
  const theirs = await kvetch.createObject('Board', { name: 'Theirs', members: ['bob'] });
  const other = await kvetch.createObject('Board', { name: 'Other', members: ['ann'] });
  const make = (title: string, of: string, secretOf?: string) =>
    kvetch.createObject('Card', { title, board: of, ...(secretOf !== undefined && { secretOf }) });
  const deleted = await make('deleted', board);
  const moved = await make('moved', board);
  const cards: string[] = [];
  for (let n = 0; n < 6; n++) cards.push(await make(`card${n}`, board, n % 2 === 1 ? 'bob' : undefined));
  await kvetch.deleteObject(deleted);
  await kvetch.updateObject(moved, { board: other });
  const strange = {
    ...{ hidden: cards[1] as string, first: cards[3] as string, deleted, moved, board },
    ...{ theirs: await make('c', theirs), others: await make('d', other), zero: nothing.replace(/[48]/g, '0') },
  };
  return { kvetch, board, cards, strange, calls };
}

const query = parse(
  'query ($id: UUID!, $after: String) { board(id: $id) { cards(first: 2, after: $after) { id title } } }',
);

async function ask({ kvetch, board }: World, viewer: string, after: string): Promise<string> {
  const contextValue = { pent: as(viewer, kvetch) };
  const result = await engine.execute({ document: query, variableValues: { id: board, after }, contextValue });
  return JSON.stringify(result);
}

const used = backends.filter(({ name }) =>
  ['memory x 1', 'memory x 3', 'sqlite x 1', 'mysql x 1', 'redis over mysql x 1'].includes(name),
);

for (const backend of used) {
  const test = needs(suite(`places in lists, ${backend.name}`), ...backend.servers);
  let world: World;
  test.before(async () => {
    world = await open(backend);
  });
  test.after(() => world.kvetch.close());

  test('a bare id that the viewer may not read is as the id of nothing', async () => {
    const expected = await ask(world, 'ann', nothing);
    assert.is(expected, '{"data":{"board":{"cards":[]}}}');
    for (const [name, id] of Object.entries(world.strange)) {
      assert.is(await ask(world, 'ann', id), expected, name);
      assert.is(await ask(world, 'ann', id.toUpperCase()), expected, name);
      const board = await Board.getX(as('ann', world.kvetch), world.board);
      assert.equal(await board.cards({ first: 2, after: id }), [], name);
      assert.equal(await board.cards({ after: id.replaceAll('-', '') }), [], name);
    }
  });

  test('the stores are asked the same', async () => {
    const callsOf = async (id: string): Promise<readonly string[]> => {
      world.calls.length = 0;
      await ask(world, 'ann', id);
      return [...world.calls];
    };
    const expected = await callsOf(nothing);
    for (const name of ['hidden', 'first', 'deleted']) {
      assert.equal(await callsOf(world.strange[name] as string), expected, name);
    }
  });

  test('a readable entry keeps paging, and so does everything without privacy', async () => {
    const { cards, kvetch } = world;
    assert.match(await ask(world, 'ann', cards[0] as string), /"card2".*"card4"/);
    assert.match(await ask(world, 'bob', cards[1] as string), /"card2".*"card3"/);
    const board = await Board.getX(as('ann', kvetch).unrestricted, world.board);
    const after = world.strange.hidden as string;
    const titles = (await board.cards({ first: 2, after })).map(({ title }) => title);
    assert.equal(titles, ['card2', 'card3']);
  });

  test('pages behind different ids are read together, each as if alone', async () => {
    const ids = [world.cards[0], world.strange.hidden, world.cards[2], nothing, world.strange.moved] as string[];
    const fields = ids.map((id, n) => `p${n}: cards(first: 2, after: "${id}") { title }`).join(' ');
    const document = parse(`query ($id: UUID!) { board(id: $id) { ${fields} } }`);
    const variableValues = { id: world.board };
    const { data } = await engine.execute({
      document,
      variableValues,
      contextValue: { pent: as('ann', world.kvetch) },
    });
    const board = JSON.parse(JSON.stringify(data?.board));
    const [c2, c4] = [{ title: 'card2' }, { title: 'card4' }];
    assert.equal(board, { p0: [c2, c4], p1: [], p2: [c4], p3: [], p4: [] });
  });

  test.run();
}
