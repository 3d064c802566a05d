/**
 * The screens of the market, each against a plain computation over what was made: order, pages both ways, bounds,
 * privacy, counts. None of them is written by hand.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'graphql';
import { createEngine } from 'planql';
import { createKvetch, type Kvetch } from 'planql/kvetch';
import { PentContext } from 'planql/pent';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Filled, fill } from '../../examples/market/fill.ts';
import { kvetchSchema } from '../../examples/market/generated/kvetchSchema.ts';
import { model, schema } from '../../examples/market/generated/plans.ts';
import { stranger, type Viewer } from '../../examples/market/viewer.ts';
import { fewBackends } from '../kvetch/backends.ts';
import { needs } from '../support/needs.ts';
import { reported } from '../support/reported.ts';
import { repositoryRoot } from '../support/repository.ts';

const engine = createEngine({ schema });
const SIZE = { listings: 400, messages: 800 };

class World {
  readonly kvetch: Kvetch;
  readonly made: Filled;

  constructor(kvetch: Kvetch, made: Filled) {
    this.kvetch = kvetch;
    this.made = made;
  }

  viewer(n: number): Viewer {
    const account = this.made.accounts[n];
    return { id: account?.id ?? null, user: account?.user ?? null };
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into
  async ask(source: string, variableValues: Record<string, unknown> = {}, viewer: Viewer = stranger): Promise<any> {
    const pent = new PentContext({ kvetch: this.kvetch, model, viewer });
    const { data, errors } = (await engine.execute({
      document: parse(source),
      variableValues,
      contextValue: { pent },
    })) as {
      data: unknown;
      errors?: readonly Error[];
    };
    assert.equal(errors, undefined);
    return data;
  }

  shelf(category: string, status = 'OPEN'): Filled['listings'] {
    return this.made.listings.filter((listing) => listing.category === category && listing.status === status);
  }
}

interface Rated {
  readonly id: string;
  readonly rating: number | null;
}

const SEARCH = `query ($category: UUID!, $order: SearchOrder!, $price: IntRange, $first: Int!, $after: String) {
  search(category: $category, order: $order, price: $price, first: $first, after: $after) {
    nodes { id title priceCents photos seller { name } }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}`;

for (const backend of fewBackends) {
  const test = needs(suite(`the market on ${backend.name}`), ...backend.servers);
  let world: World;

  test.before(
    reported(async () => {
      const kvetch = createKvetch({ schema: kvetchSchema, ...backend.open() });
      world = new World(kvetch, await fill(kvetch, SIZE));
    }),
  );
  test.after(() => world?.kvetch.close());

  test('search finds what is open in a category, within a price, in each order', async () => {
    const category = world.made.categories[2]?.id ?? '';
    const byPrice = [...world.shelf(category)].sort((a, b) => a.priceCents - b.priceCents || (a.id < b.id ? -1 : 1));
    const price = { from: 20_000, to: 80_000 };
    const within = byPrice.filter(({ priceCents }) => priceCents >= price.from && priceCents <= price.to);
    assert.ok(within.length > 10 && within.length < byPrice.length);
    const orders = { CHEAPEST: within, DEAREST: within.toReversed() };
    for (const [order, wanted] of Object.entries(orders)) {
      const found: string[] = [];
      let after: string | null = null;
      do {
        const { search } = await world.ask(SEARCH, { category, order, price, first: 7, after });
        found.push(...search.nodes.map(({ title }: { title: string }) => title));
        after = search.pageInfo.hasNextPage ? search.pageInfo.endCursor : null;
        assert.is(search.totalCount, wanted.length);
      } while (after !== null);
      assert.equal(
        found,
        wanted.map(({ title }) => title),
        order,
      );
    }
    const { search } = await world.ask(SEARCH, { category, order: 'NEWEST', first: 20 });
    const newest = world.shelf(category).toReversed().slice(0, 20);
    assert.equal(
      search.nodes.map(({ id }: { id: string }) => id),
      newest.map(({ id }) => id),
    );
  });

  test('what clients send wrong has a code, and is never another page; bounds without ends mean those that have a value', async () => {
    const [category = '', other = ''] = [world.made.categories[2]?.id, world.made.categories[1]?.id];
    const { search } = await world.ask(SEARCH, { category, order: 'CHEAPEST', first: 2 });
    const { endCursor } = search.pageInfo;
    const codeOf = async (variableValues: Record<string, unknown>): Promise<unknown> => {
      const pent = new PentContext({ kvetch: world.kvetch, model, viewer: stranger });
      const asked = { category, order: 'CHEAPEST', first: 2, ...variableValues };
      const document = parse(SEARCH);
      const { data, errors } = (await engine.execute({
        ...{ document, variableValues: asked, contextValue: { pent } },
      })) as { data: unknown; errors?: ReadonlyArray<{ extensions: { code?: string } }> };
      return errors === undefined ? data : [...new Set(errors.map(({ extensions }) => extensions.code))].join();
    };
    for (const [wanted, variableValues] of [
      ['BAD_PAGE', { order: 'NEWEST', price: { from: 5 } }],
      ['BAD_PAGE', { first: -1 }],
      ['BAD_PAGE', { first: 2_000_000_000 }],
      ['BAD_CURSOR', { after: endCursor, order: 'NEWEST' }],
      ['BAD_CURSOR', { after: endCursor, category: other }],
      ['BAD_CURSOR', { after: endCursor.replace(/.$/, (last: string) => (last === 'a' ? 'b' : 'a')) }],
      ['BAD_CURSOR', { after: '' }],
      ['BAD_CURSOR', { after: 'x'.repeat(100_000) }],
      ['BAD_CURSOR', { after: world.made.listings[0]?.id }],
    ] as const)
      assert.is(await codeOf(variableValues), wanted, JSON.stringify(variableValues).slice(0, 200));
    for (const order of ['CHEAPEST', 'DEAREST', 'NEWEST']) {
      const all = await codeOf({ order });
      assert.equal(await codeOf({ order, price: null }), all, order);
      // Bounds without ends are those that have a price: each listing does, and the order by time knows no prices.
      const priced = order === 'NEWEST' ? 'BAD_PAGE' : all;
      for (const price of [{}, { from: null }, { from: null, to: null }])
        assert.equal(await codeOf({ order, price }), priced, `${order} ${JSON.stringify(price)}`);
      assert.equal(await codeOf({ order: 'DEAREST', price: { from: 9, to: 8 } }), {
        search: { nodes: [], pageInfo: { hasNextPage: false, endCursor: null }, totalCount: 0 },
      });
    }
  });

  test('search by price takes three rounds and 45 keys, with photos and sellers', async () => {
    const category = world.made.categories[2]?.id ?? '';
    const { stats } = world.kvetch;
    const source = SEARCH.replace('totalCount', '');
    for (const order of ['CHEAPEST', 'DEAREST', 'NEWEST']) {
      stats.reset();
      const { search } = await world.ask(source, { category, order, first: 20 });
      assert.is(search.nodes.length, 20);
      const { rounds, keys } = stats.snapshot();
      assert.ok(rounds <= 3, `${rounds} rounds`);
      assert.ok(keys <= 45, `${keys} keys`);
    }
  });

  test('the feed has the newest first, page after page', async () => {
    const wanted = world.made.listings.filter(({ status }) => status === 'OPEN').toReversed();
    const found: string[] = [];
    let after: string | null = null;
    do {
      const { feed } = await world.ask(
        'query ($after: String) { feed(first: 90, after: $after) { edges { node { id } } pageInfo { hasNextPage endCursor } } }',
        { after },
      );
      found.push(...idsOf(feed));
      after = feed.pageInfo.hasNextPage ? feed.pageInfo.endCursor : null;
    } while (after !== null);
    assert.equal(
      found,
      wanted.map(({ id }) => id),
    );
  });

  test('the seller sees its drafts, nobody else does, and pages stay full', async () => {
    const source = `query ($category: UUID!, $after: String) {
      search(category: $category, status: DRAFT, order: NEWEST, first: 2, after: $after) {
        edges { node { id } } pageInfo { hasNextPage endCursor } totalCount
      }
    }`;
    const draft = world.made.listings.find(({ status }) => status === 'DRAFT');
    const category = draft?.category ?? '';
    const place = world.made.users.findIndex(({ id }) => id === draft?.seller);
    const own = world.shelf(category, 'DRAFT').filter(({ seller }) => seller === draft?.seller);
    assert.ok(own.length > 0 && own.length < world.shelf(category, 'DRAFT').length);
    const { search } = await world.ask(source, { category }, world.viewer(place));
    assert.equal(
      idsOf(search),
      own
        .toReversed()
        .slice(0, 2)
        .map(({ id }) => id),
    );
    assert.is(search.totalCount, own.length);
    const others = await world.ask(source, { category });
    assert.equal(others.search, { edges: [], pageInfo: { hasNextPage: false, endCursor: null }, totalCount: 0 });
  });

  test('favourites: the newest first, and whether a listing is one of them', async () => {
    const at = 11; // has twelve
    const viewer = world.viewer(at);
    const own = world.made.favourites.filter(({ account }) => account === viewer.id).map(({ listing }) => listing);
    const isOpen = (id: string) => world.made.listings.find((listing) => listing.id === id)?.status === 'OPEN';
    const { account } = await world.ask(
      'query ($id: UUID!) { account(id: $id) { favourites(first: 50) { edges { node { id isFavourite } } } } }',
      { id: viewer.id },
      viewer,
    );
    assert.equal(new Set(idsOf(account.favourites)), new Set(own.filter(isOpen)));
    assert.ok(account.favourites.edges.every(({ node }: { node: { isFavourite: boolean } }) => node.isFavourite));
    const feed = 'query { feed(first: 400) { edges { node { id isFavourite } } } }';
    const seen = await world.ask(feed, {}, viewer);
    for (const { node } of seen.feed.edges) assert.is(node.isFavourite, own.includes(node.id));
    const strangers = await world.ask(feed);
    assert.ok(strangers.feed.edges.every(({ node }: { node: { isFavourite: boolean } }) => !node.isFavourite));
    const other = await world.ask('query ($id: UUID!) { account(id: $id) { id } }', { id: viewer.id }, world.viewer(3));
    assert.is(other.account, null);
  });

  test('the inbox has the conversation with the last message first, and a chat is read from its end', async () => {
    const talk = world.made.conversations[3];
    const n = world.made.users.findIndex(({ id }) => id === talk?.buyer);
    const viewer = world.viewer(n);
    const inbox = `query ($id: UUID!) { user(id: $id) { inbox(first: 5) { edges { data node { id } } } } }`;
    const before = await world.ask(inbox, { id: viewer.user }, viewer);
    const times = before.user.inbox.edges.map(({ data }: { data: { lastMessageAt: unknown } }) =>
      new Date(data.lastMessageAt as string).getTime(),
    );
    assert.equal(
      times,
      [...times].sort((a, b) => b - a),
    );
    const own = world.made.messages.filter(({ conversation }) => conversation === talk?.id);
    const chat = `query ($id: UUID!, $before: String) {
      conversation(id: $id) { messages(last: 15, before: $before) {
        edges { node { id } } pageInfo { hasPreviousPage startCursor } totalCount
      } }
    }`;
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const { conversation } = await world.ask(chat, { id: talk?.id, before: cursor }, viewer);
      const { messages } = conversation;
      found.unshift(...idsOf(messages));
      assert.is(messages.totalCount, own.length);
      cursor = messages.pageInfo.hasPreviousPage ? messages.pageInfo.startCursor : null;
    } while (cursor !== null);
    assert.equal(
      found,
      own.map(({ id }) => id),
    );
    await world.ask(
      'mutation ($data: CreateMessageData!) { createMessage(data: $data) { message { id } } }',
      { data: { conversation: talk?.id, text: 'Still interested.' } },
      viewer,
    );
    const after = await world.ask(inbox, { id: viewer.user }, viewer);
    assert.is(idsOf(after.user.inbox)[0], talk?.id);
    const others = await world.ask(inbox, { id: viewer.user });
    assert.equal(others.user.inbox.edges, []);
  });

  test('unread notifications are counted, and leave their list when they are read', async () => {
    const unread = world.made.notifications.find(({ readAt }) => readAt === null);
    const n = world.made.accounts.findIndex(({ id }) => id === unread?.account);
    const viewer = world.viewer(n);
    const source =
      'query ($id: UUID!) { account(id: $id) { unread(first: 1) { totalCount edges { node { id } } } notifications { totalCount } } }';
    const before = await world.ask(source, { id: viewer.id }, viewer);
    const [first = ''] = idsOf(before.account.unread);
    await world.ask(
      'mutation ($id: UUID!) { updateNotification(id: $id, data: { readAt: "2026-03-01T00:00:00Z" }) { notification { id } } }',
      { id: first },
      viewer,
    );
    const after = await world.ask(source, { id: viewer.id }, viewer);
    assert.is(after.account.unread.totalCount, before.account.unread.totalCount - 1);
    assert.is(after.account.notifications.totalCount, before.account.notifications.totalCount);
    assert.not.equal(idsOf(after.account.unread), [first]);
  });

  test('reviews: the newest, the best, those with two stars', async () => {
    const seller = world.made.reviews[0]?.seller ?? '';
    const own = world.made.reviews.filter((review) => review.seller === seller);
    const source = `query ($id: UUID!, $order: ReviewOrder!, $stars: IntRange) {
      user(id: $id) { reviews(order: $order, stars: $stars, first: 50) { edges { node { id stars } } } }
    }`;
    const newest = await world.ask(source, { id: seller, order: 'NEWEST' });
    assert.equal(
      idsOf(newest.user.reviews),
      own.toReversed().map(({ id }) => id),
    );
    const best = await world.ask(source, { id: seller, order: 'BEST' });
    const stars = best.user.reviews.edges.map(({ node }: { node: { stars: number } }) => node.stars);
    assert.equal(
      stars,
      own.map((review) => review.stars).sort((a, b) => b - a),
    );
    const low = await world.ask(source, { id: seller, order: 'WORST', stars: { to: 2 } });
    assert.is(low.user.reviews.edges.length, own.filter((review) => review.stars <= 2).length);
  });

  test('the ratings of all sellers are one more call, and those without reviews have none', async () => {
    const starsOf = (user: string): readonly number[] =>
      world.made.reviews.filter(({ seller }) => seller === user).map(({ stars }) => stars);
    const asked = async (source: string): Promise<{ readonly nodes: readonly Rated[]; readonly rounds: number }> => {
      world.kvetch.stats.reset();
      const { users } = await world.ask(source);
      return { nodes: users.nodes, rounds: world.kvetch.stats.snapshot().rounds };
    };
    const { rounds } = await asked('{ users(first: 100) { nodes { id name } } }');
    const rated = await asked('{ users(first: 100) { nodes { id name rating } } }');
    assert.ok(rated.rounds <= rounds + 1, `${rounds} rounds, with ratings ${rated.rounds}`);
    for (const { id, rating } of rated.nodes) {
      const stars = starsOf(id);
      assert.is(rating, stars.length === 0 ? null : stars.reduce((sum, own) => sum + own, 0) / stars.length, id);
    }
    assert.ok(rated.nodes.some(({ rating }) => rating !== null));
  });

  test('people are found by the beginning of their names', async () => {
    const { users } = await world.ask(
      '{ users(name: { startsWith: "Zo" }, first: 50) { edges { node { id name } } totalCount } }',
    );
    const wanted = world.made.users.filter(({ name }) => name.startsWith('Zo'));
    assert.equal(new Set(idsOf(users)), new Set(wanted.map(({ id }) => id)));
    assert.is(users.totalCount, wanted.length);
  });

  test('what does not fit a list is said: bounds of another order, cursors of another list', async () => {
    const category = world.made.categories[0]?.id;
    const pent = () => ({ pent: new PentContext({ kvetch: world.kvetch, model, viewer: stranger }) });
    const variableValues = { category, order: 'NEWEST', price: { from: 1 }, first: 2 };
    const bounded = await engine.execute({ document: parse(SEARCH), variableValues, contextValue: pent() });
    assert.match(JSON.stringify(bounded), /priceCents/);
    const { search } = await world.ask(SEARCH, { category, order: 'CHEAPEST', first: 2 });
    const moved = { category, order: 'NEWEST', first: 2, after: search.pageInfo.endCursor };
    const other = await engine.execute({ document: parse(SEARCH), variableValues: moved, contextValue: pent() });
    assert.match(JSON.stringify(other), /BAD_CURSOR/);
  });

  test.run();
}

const files = suite('the market');

files('has no list that is written by hand, and no server knows of more', () => {
  const root = join(repositoryRoot, 'examples/market');
  const schemaText = readFileSync(join(root, 'schema/market.graphql'), 'utf8');
  assert.not.match(schemaText, /@custom/);
  for (const file of readdirSync(join(root, 'pents'))) {
    assert.not.match(
      readFileSync(join(root, 'pents', file), 'utf8'),
      /getEdges|queryIndex|readEdge|fromIndex|browse/i,
      file,
    );
  }
});

files.run();

function idsOf({
  edges,
}: {
  readonly edges: ReadonlyArray<{ readonly node: { readonly id: string } }>;
}): readonly string[] {
  return edges.map(({ node }) => node.id);
}
