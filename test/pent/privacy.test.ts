/**
 * Every road of the boards' schema, walked as five viewers, on every kind of store. What each may see is computed from
 * the data by two lines that know nothing of Pent.
 */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/index.ts';
import type { Kvetch } from '../../src/kvetch.ts';
import { Pent } from '../../src/pent.ts';
import { type Backend, backends } from '../kvetch/backends.ts';
import { needs } from '../support/needs.ts';
import { as, Board, Card, Comment, openBoards } from './board.ts';
import { boardsSchema } from './boardSchema.ts';

interface Thing {
  readonly type: 'Board' | 'Card' | 'Comment';
  readonly id: string;
  readonly label: string;
  readonly members: readonly string[];
  readonly secretOf: string | null;
  readonly parent: Thing | null;
}

const viewers = ['ann', 'bob', 'eve', 'zoe', ''];
const absent = '00000000-0000-4000-8000-000000000000';
const engine = createEngine({ schema: boardsSchema });

/** The table of who may see what. */
function may(viewer: string, { members, secretOf, parent }: Thing): boolean {
  if (parent === null) return members.includes(viewer);
  return (secretOf === null || secretOf === viewer) && may(viewer, parent);
}

class World {
  readonly kvetch: Kvetch;
  readonly things: Thing[] = [];

  constructor(kvetch: Kvetch) {
    this.kvetch = kvetch;
  }

  async fill(): Promise<void> {
    for (const [name, members] of [
      ['Ours', ['ann', 'bob']],
      ['Theirs', ['bob', 'eve']],
      ['Empty', ['ann']],
    ] as const) {
      const board = await this.#add('Board', name, null, { name, members: [...members] }, { members });
      for (let n = 0; n < (name === 'Empty' ? 0 : 9); n++) {
        const secretOf = n % 3 === 0 ? null : n % 3 === 1 ? 'bob' : 'zoe';
        const data = { title: `same`, slug: `${name}${n}`, board: board.id, ...(secretOf && { secretOf }) };
        const card = await this.#add('Card', `${name}${n}`, board, data, { secretOf });
        for (const text of ['x', 'y']) await this.#add('Comment', text, card, { text, card: card.id }, {});
      }
    }
  }

  async #add(
    type: Thing['type'],
    label: string,
    parent: Thing | null,
    data: object,
    facts: Partial<Thing>,
  ): Promise<Thing> {
    const id = await this.kvetch.createObject(type, data as Record<string, unknown>);
    const thing: Thing = { type, id, label, parent, members: [], secretOf: null, ...facts };
    this.things.push(thing);
    return thing;
  }

  of(type: Thing['type'], parent?: Thing): readonly Thing[] {
    return this.things.filter((thing) => thing.type === type && (parent === undefined || thing.parent === parent));
  }

  /** Asks as a viewer. No answer may hold the id of a hidden object that the question did not name. */
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its question
  async ask(viewer: string, query: string, variableValues: Record<string, unknown> = {}): Promise<any> {
    const contextValue = { pent: as(viewer, this.kvetch, { onError: () => {} }) };
    const result = await engine.execute({ document: parse(query), variableValues, contextValue });
    const text = JSON.stringify(result);
    const asked = JSON.stringify(variableValues);
    for (const thing of this.things) {
      if (!may(viewer, thing) && !asked.includes(thing.id)) assert.not.match(text, thing.id);
    }
    return JSON.parse(text);
  }
}

const ids = (things: readonly Thing[]): readonly string[] => things.map(({ id }) => id);
const chosen = ['memory x 1', 'memory x 3', 'sqlite', 'mysql x 1', 'redis over mysql'];
const used = backends.filter(({ name }) => chosen.some((start) => name.startsWith(start)));

for (const backend of used) walk(backend);

function walk(backend: Backend): void {
  const test = needs(suite(`privacy on every road, ${backend.name}`), ...backend.servers);
  let world: World;
  test.before(async () => {
    world = new World(openBoards(backend.open()));
    await world.fill();
  });
  test.after(() => world.kvetch.close());

  for (const viewer of viewers) {
    const who = viewer === '' ? 'nobody' : viewer;

    test(`by id, as ${who}: hidden is as absent`, async () => {
      const query =
        'query ($id: UUID!) { board(id: $id) { id } card(id: $id) { id } comment(id: $id) { id } node(id: $id) { __typename id } nodes(ids: [$id]) { id } entries(ids: [$id]) { __typename } raw(id: $id) { id } }';
      const nothing = await world.ask(viewer, query, { id: absent });
      assert.is(nothing.errors, undefined);
      for (const thing of world.things) {
        const { data, errors } = await world.ask(viewer, query, { id: thing.id });
        assert.is(errors, undefined);
        if (!may(viewer, thing)) assert.equal(data, nothing.data);
        else {
          assert.equal(data.node, { __typename: thing.type, id: thing.id });
          assert.equal(data[thing.type.toLowerCase()], { id: thing.id });
          assert.equal(data.raw, thing.type === 'Card' ? { id: thing.id } : data.raw);
        }
      }
    });

    test(`by index and browsing, as ${who}: pages are full`, async () => {
      const cards = world.of('Card');
      for (const card of cards) {
        const { data } = await world.ask(viewer, 'query ($slug: String!) { cardBySlug(slug: $slug) { id } }', {
          slug: card.label,
        });
        assert.equal(data.cardBySlug, may(viewer, card) ? { id: card.id } : null);
      }
      for (const [field, type] of [
        ['cardsByTitle(title: "same", ', 'Card'],
        ['cards(', 'Card'],
        ['boards(', 'Board'],
        ['comments(', 'Comment'],
      ] as const) {
        const expected = [...ids(world.of(type).filter((thing) => may(viewer, thing)))].sort();
        const found: string[] = [];
        for (let after: string | null = null, page = 0; page === 0 || after !== null; page++) {
          const query = `query ($after: UUID) { list: ${field}first: 4, after: $after) { id } }`;
          const { data } = await world.ask(viewer, query, { after });
          const part: string[] = data.list.map(({ id }: { id: string }) => id);
          assert.is(part.length, Math.min(4, expected.length - found.length), `page ${page} of ${field}`);
          found.push(...part);
          after = part.length < 4 ? null : (part.at(-1) as string);
        }
        assert.equal([...found].sort(), expected);
      }
    });

    test(`lists, connections and counts, as ${who}`, async () => {
      for (const board of world.of('Board')) {
        const expected = ids(world.of('Card', board).filter((card) => may(viewer, card)));
        const query = `query ($id: UUID!, $after: String) { board(id: $id) { cards(first: 2, after: $after) { id board { id } } connection(first: 2, after: $after) { totalCount nodes { id } edges { cursor node { id comments { id card { id } } connection { totalCount nodes { id } } } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } rawCards(board: $id) { id } }`;
        const found: string[] = [];
        for (let after: string | null = null, page = 0; page === 0 || after !== null; page++) {
          const { data, errors } = await world.ask(viewer, query, { id: board.id, after });
          assert.is(errors, undefined);
          assert.equal(
            data.rawCards.map(({ id }: { id: string }) => id),
            expected,
          );
          if (!may(viewer, board)) {
            assert.is(data.board, null);
            assert.equal(expected, []);
            break;
          }
          const { cards, connection } = data.board;
          const part = expected.slice(page * 2, page * 2 + 2);
          assert.equal(
            cards.map(({ id }: { id: string }) => id),
            part,
          );
          assert.ok(cards.every((card: { board: { id: string } }) => card.board.id === board.id));
          assert.is(connection.totalCount, expected.length);
          assert.equal(
            connection.nodes.map(({ id }: { id: string }) => id),
            part,
          );
          assert.is(connection.pageInfo.hasNextPage, expected.length > page * 2 + 2);
          assert.is(connection.pageInfo.hasPreviousPage, page > 0);
          for (const { node } of connection.edges) {
            assert.is(node.connection.totalCount, 2);
            assert.equal(
              node.comments.map(({ id }: { id: string }) => id),
              node.connection.nodes.map(({ id }: { id: string }) => id),
            );
          }
          found.push(...part);
          after = connection.pageInfo.hasNextPage ? connection.pageInfo.endCursor : null;
        }
        assert.equal(found, may(viewer, board) ? expected : []);
      }
    });

    test(`async methods, as ${who}`, async () => {
      const context = as(viewer, world.kvetch);
      const everything = await Pent.getMany(context, ids(world.things));
      assert.equal(
        everything.map((pent) => pent !== null),
        world.things.map((thing) => may(viewer, thing)),
      );
      for (const [type, pentType] of [
        ['Board', Board],
        ['Card', Card],
        ['Comment', Comment],
      ] as const) {
        const expected = [...ids(world.of(type).filter((thing) => may(viewer, thing)))].sort();
        const browsed = await (pentType as typeof Card).browse(context, { first: 100 });
        assert.equal(
          browsed.map(({ id }) => id),
          expected,
        );
        assert.equal(
          [...(await (pentType as typeof Card).getDict(context, ids(world.of(type)))).keys()].sort(),
          expected,
        );
      }
      for (const board of await Board.browse(context)) {
        const thing = world.things.find(({ id }) => id === board.id) as Thing;
        const cards = await board.cards({ first: 100 });
        assert.equal(
          cards.map(({ id }) => id),
          ids(world.of('Card', thing).filter((card) => may(viewer, card))),
        );
        for (const card of cards) assert.is((await card.board())?.id, board.id);
      }
    });

    test(`writes, as ${who}: hidden objects do not exist`, async () => {
      const update =
        'mutation ($id: UUID!) { updateCard(id: $id, data: { title: "same" }) { card { id } } deleteCard(id: $id) { deletedId } }';
      const create = 'mutation ($id: UUID!) { createCard(data: { title: "same", board: $id }) { card { id } } }';
      const codes = (
        { errors = [] }: { errors?: { message: string; extensions?: { code?: string } }[] },
        id: string,
      ): unknown => errors.map(({ message, extensions }) => [message.replace(id, 'ID'), extensions?.code]);
      const nothing = await world.ask(viewer, update, { id: absent });
      const nowhere = await world.ask(viewer, create, { id: absent });
      assert.is(codes(nothing, absent)?.toString(), 'There is no Card with the id "ID".,NOT_FOUND');
      for (const thing of world.things.filter((hidden) => !may(viewer, hidden))) {
        const hidden = await world.ask(viewer, update, { id: thing.id });
        assert.equal([hidden.data, codes(hidden, thing.id)], [nothing.data, codes(nothing, absent)]);
        const there = await world.ask(viewer, create, { id: thing.id });
        assert.equal([there.data, codes(there, thing.id)], [nowhere.data, codes(nowhere, absent)]);
      }
    });
  }

  test.run();
}
