import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Trigger } from 'planql/pent';
import { Listing } from '../pents/Listing.ts';
import { seed } from '../seed.ts';
import { Browser, startTestServer, type TestServer } from './testServer.ts';

let server: TestServer;
let bikes: string;
before(async () => {
  server = await startTestServer();
  await seed(server.kvetch);
  const { data } = await new Browser(server).ask('{ categoryBySlug(slug: "bikes") { id } }');
  bikes = data.categoryBySlug.id;
});
after(() => server.close());

/** Somebody with a browser. */
class Person extends Browser {
  account = '';
  user = '';

  static async signUp(login: string): Promise<Person> {
    const person = new Person(server);
    person.account = await person.signUp(login);
    person.user = (await person.ask('{ me { user { id } } }')).data.me.user.id;
    return person;
  }

  /** The id of a new listing. */
  async sell(title: string, priceCents = 9000, status = 'OPEN'): Promise<string> {
    const query = 'mutation ($data: CreateListingData!) { createListing(data: $data) { listing { id } } }';
    const data = { title, priceCents, status, category: bikes, seller: this.user };
    return (await this.ask(query, { data })).data.createListing.listing.id;
  }

  // biome-ignore lint/suspicious/noExplicitAny: a response has the shape of its query
  offer(listing: string, amountCents = 8000, more: object = {}): Promise<any> {
    const query = 'mutation ($data: CreateOfferData!) { createOffer(data: $data) { offer { id } } }';
    return this.ask(query, { data: { amountCents, listing, buyer: this.user, ...more } });
  }

  // biome-ignore lint/suspicious/noExplicitAny: as above
  answer(offer: string, status: 'ACCEPTED' | 'DECLINED'): Promise<any> {
    const query =
      'mutation ($id: UUID!, $data: UpdateOfferData!) { updateOffer(id: $id, data: $data) { offer { status } } }';
    return this.ask(query, { id: offer, data: { status } });
  }

  /** The id of a new conversation about a listing. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  begin(listing: string): Promise<any> {
    const query =
      'mutation ($data: CreateConversationData!) { createConversation(data: $data) { conversation { id } } }';
    return this.ask(query, { data: { listing, buyer: this.user } });
  }

  // biome-ignore lint/suspicious/noExplicitAny: as above
  say(conversation: string, text: string): Promise<any> {
    const query = 'mutation ($data: CreateMessageData!) { createMessage(data: $data) { message { text } } }';
    return this.ask(query, { data: { conversation, text } });
  }

  /** The status of a listing, of its offers by amount, and how many are open: as its seller sees them. */
  async sale(listing: string): Promise<readonly unknown[]> {
    const query =
      'query ($id: UUID!) { listing(id: $id) { status offers(first: 100) { nodes { status } } openOffers { totalCount } } }';
    const { status, offers, openOffers } = (await this.ask(query, { id: listing })).data.listing;
    return [status, offers.nodes.map((offer: { status: string }) => offer.status), openOffers.totalCount];
  }
}

// biome-ignore lint/suspicious/noExplicitAny: as above
const codeOf = (answer: any): string => answer.errors?.[0].extensions.code ?? 'answered';

test('who accepts an offer sells the listing and declines the other offers, in one write', async () => {
  const [ada, ben, cleo, eve] = await Promise.all(['ada', 'ben', 'cleo', 'eve'].map((name) => Person.signUp(name)));
  assert.ok(ada && ben && cleo && eve);
  const listing = await ada.sell('red bike');
  const { data } = await ben.offer(listing, 8000);
  await cleo.offer(listing, 8500);
  const offer = data.createOffer.offer.id;
  assert.equal(codeOf(await ben.offer(listing)), 'INVALID_INPUT', 'one open offer for each buyer');
  for (const other of [ben, eve, new Person(server)]) {
    assert.match(codeOf(await other.answer(offer, 'ACCEPTED')), /FORBIDDEN|NOT_FOUND/);
  }
  assert.deepEqual(await ada.sale(listing), ['OPEN', ['OPEN', 'OPEN'], 2]);
  assert.equal(codeOf(await ada.answer(offer, 'ACCEPTED')), 'answered');
  assert.deepEqual(await ada.sale(listing), ['SOLD', ['DECLINED', 'ACCEPTED'], 0]);
  assert.equal(codeOf(await ada.answer(offer, 'DECLINED')), 'INVALID_INPUT');
  assert.match(codeOf(await eve.offer(listing)), /NOT_FOUND|INVALID_INPUT/);
  // The buyer sees what it has bought; nobody else does.
  const seen = async (person: Person) =>
    (await person.ask('query ($id: UUID!) { listing(id: $id) { status } }', { id: listing })).data.listing;
  assert.deepEqual([await seen(ben), await seen(cleo)], [{ status: 'SOLD' }, null]);
  // Buyers are told of it, and the seller of their offers.
  const bell = async (person: Person) =>
    (await person.ask('{ me { unread { totalCount } } }')).data.me.unread.totalCount;
  assert.deepEqual([await bell(ada), await bell(ben), await bell(cleo), await bell(eve)], [2, 1, 1, 0]);
});

/** Runs `write`, and `other` when the first change of a listing that sets `attribute` is about to be written. */
async function withOther<T>(attribute: string, other: () => Promise<unknown>, write: () => Promise<T>): Promise<T> {
  const { before: triggers = [] } = Listing.hooks;
  let isOver = false;
  const meanwhile: Trigger<Listing> = async ({ data }) => {
    if (data[attribute] === undefined || isOver) return undefined;
    isOver = true;
    await other();
    return undefined;
  };
  Object.assign(Listing.hooks, { before: [...triggers, meanwhile] });
  try {
    return await write();
  } finally {
    Object.assign(Listing.hooks, { before: triggers });
  }
}

test('a sold listing has no open offer: one that comes while it is sold lets the sale fail', async () => {
  const [seller, buyer, late] = [
    await Person.signUp('seller'),
    await Person.signUp('buyer'),
    await Person.signUp('late'),
  ];
  const listing = await seller.sell('green bike');
  const offer = (await buyer.offer(listing)).data.createOffer.offer.id;
  const accept = () => seller.answer(offer, 'ACCEPTED');
  assert.equal(codeOf(await withOther('status', () => late.offer(listing), accept)), 'CONDITION_FAILED');
  assert.deepEqual(await seller.sale(listing), ['OPEN', ['OPEN', 'OPEN'], 2]);
  const codes = [await withOther('status', accept, accept), await accept()].map(codeOf);
  assert.deepEqual(codes, ['CONDITION_FAILED', 'INVALID_INPUT'], 'it is sold once');
  assert.deepEqual(await seller.sale(listing), ['SOLD', ['ACCEPTED', 'DECLINED'], 0]);
});

test('of two offers of a buyer at the same time one is made', async () => {
  const [seller, buyer] = [await Person.signUp('olga'), await Person.signUp('otto')];
  const listing = await seller.sell('grey bike');
  const offer = () => buyer.offer(listing);
  assert.equal(codeOf(await withOther('offerCount', offer, offer)), 'CONDITION_FAILED');
  assert.deepEqual(await seller.sale(listing), ['OPEN', ['OPEN'], 1]);
});

test('who takes a listing from the market declines its offers; so does a sale by hand', async () => {
  const [seller, buyer] = [await Person.signUp('gus'), await Person.signUp('ida')];
  for (const status of ['DRAFT', 'SOLD']) {
    const listing = await seller.sell(`lamp ${status}`);
    await buyer.offer(listing);
    const update =
      'mutation ($id: UUID!, $data: UpdateListingData!) { updateListing(id: $id, data: $data) { listing { id } } }';
    assert.equal(codeOf(await buyer.ask(update, { id: listing, data: { priceCents: 1 } })), 'FORBIDDEN');
    assert.equal(codeOf(await seller.ask(update, { id: listing, data: { status } })), 'answered');
    assert.deepEqual(await seller.sale(listing), [status, ['DECLINED'], 0]);
  }
});

test('what makes no sense is refused, with its field', async () => {
  const [seller, buyer] = [await Person.signUp('max'), await Person.signUp('mia')];
  const listing = await seller.sell('old bike');
  const fieldOf = ({ errors }: { errors: [{ message: string; extensions: { code: string } }] }) => {
    assert.equal(errors[0].extensions.code, 'INVALID_INPUT');
    return errors[0].message;
  };
  assert.match(fieldOf(await buyer.offer(listing, -5)), /amountCents/);
  assert.match(fieldOf(await buyer.offer(listing, 5, { status: 'ACCEPTED' })), /status/);
  assert.match(fieldOf(await seller.offer(listing)), /yours/);
  assert.equal(codeOf(await buyer.offer(listing, 5, { buyer: seller.user })), 'FORBIDDEN');
  const create = 'mutation ($data: CreateListingData!) { createListing(data: $data) { listing { id } } }';
  const data = { title: 'x', priceCents: 1, category: bikes, seller: buyer.user };
  for (const [field, value] of [
    ['title', ' '],
    ['priceCents', -1],
    ['photos', Array(9).fill('/files/a.png')],
  ] as const) {
    assert.match(fieldOf(await buyer.ask(create, { data: { ...data, [field]: value } })), new RegExp(field));
  }
  const talk = (await buyer.begin(listing)).data.createConversation.conversation.id;
  assert.match(fieldOf(await buyer.say(talk, ' \n ')), /text/);
  assert.match(fieldOf(await buyer.say(talk, 'x'.repeat(2001))), /text/);
});

test('the search keeps to a category and a price, in each order; favourites are their owner’s', async () => {
  const [seller, buyer] = [await Person.signUp('tim'), await Person.signUp('tom')];
  const shoes = (await buyer.ask('{ categoryBySlug(slug: "shoes") { id } }')).data.categoryBySlug.id;
  const create = 'mutation ($data: CreateListingData!) { createListing(data: $data) { listing { id } } }';
  const ids: string[] = [];
  for (const [title, priceCents, status] of [
    ['dear', 50_000, 'OPEN'],
    ['cheap', 1000, 'OPEN'],
    ['fair', 5000, 'OPEN'],
    ['draft', 4000, 'DRAFT'],
  ]) {
    const data = { title, priceCents, status, category: shoes, seller: seller.user };
    ids.push((await seller.ask(create, { data })).data.createListing.listing.id);
  }
  const search = async (order: string, price: object | null): Promise<readonly string[]> => {
    const query =
      'query ($category: UUID!, $order: SearchOrder!, $price: IntRange) { search(category: $category, order: $order, price: $price) { nodes { title } totalCount } }';
    const { nodes, totalCount } = (await buyer.ask(query, { category: shoes, order, price })).data.search;
    assert.equal(nodes.length, totalCount);
    return nodes.map(({ title }: { title: string }) => title);
  };
  assert.deepEqual(await search('CHEAPEST', null), ['cheap', 'fair', 'dear']);
  assert.deepEqual(await search('DEAREST', { to: 5000 }), ['fair', 'cheap']);
  assert.deepEqual(await search('CHEAPEST', { from: 1001, to: 49_999 }), ['fair']);
  assert.deepEqual(await search('NEWEST', null), ['fair', 'cheap', 'dear']);

  const like = 'mutation ($from: UUID!, $to: UUID!) { addFavourite(from: $from, to: $to) { account { id } } }';
  assert.equal(codeOf(await buyer.ask(like, { from: buyer.account, to: ids[2] })), 'answered');
  assert.match(codeOf(await seller.ask(like, { from: buyer.account, to: ids[1] })), /FORBIDDEN|NOT_FOUND/);
  const liked = async (person: Person) =>
    (await person.ask('{ feed(first: 3) { nodes { isFavourite } } }')).data.feed.nodes.filter(
      ({ isFavourite }: { isFavourite: boolean }) => isFavourite,
    ).length;
  assert.deepEqual([await liked(buyer), await liked(seller), await liked(new Person(server))], [1, 0, 0]);
});

test('a chat is for its two participants, until one blocks the other', async () => {
  const [ada, ben, eve] = [await Person.signUp('zoe'), await Person.signUp('zack'), await Person.signUp('zed')];
  const listing = await ada.sell('new bike');
  const talk = (await ben.begin(listing)).data.createConversation.conversation.id;
  assert.equal(codeOf(await ben.begin(listing)), 'ALREADY_TAKEN');
  await ben.say(talk, 'Is it still there?');
  await ada.say(talk, 'Yes.');
  const chat = 'query ($id: UUID!) { conversation(id: $id) { messages { nodes { text author { name } } } } }';
  const texts = [
    { text: 'Is it still there?', author: { name: 'zack' } },
    { text: 'Yes.', author: { name: 'zoe' } },
  ];
  for (const person of [ada, ben]) {
    assert.deepEqual((await person.ask(chat, { id: talk })).data.conversation.messages.nodes, texts);
    const { nodes } = (await person.ask('{ me { user { inbox { nodes { id } } } } }')).data.me.user.inbox;
    assert.deepEqual(nodes, [{ id: talk }]);
  }
  for (const person of [eve, new Person(server)]) {
    assert.equal((await person.ask(chat, { id: talk })).data.conversation, null);
    assert.match(codeOf(await person.say(talk, 'Hello')), /FORBIDDEN|NOT_FOUND/);
    const inbox = 'query ($id: UUID!) { user(id: $id) { inbox { nodes { id } totalCount } account { id } } }';
    const { user } = (await person.ask(inbox, { id: ada.user })).data;
    assert.deepEqual(user, { inbox: { nodes: [], totalCount: 0 }, account: null });
  }

  const block = 'mutation ($from: UUID!, $to: UUID!) { block(from: $from, to: $to) { account { id } } }';
  assert.match(codeOf(await ben.ask(block, { from: ada.account, to: eve.user })), /FORBIDDEN|NOT_FOUND/);
  await ada.ask(block, { from: ada.account, to: ben.user });
  const other = await ada.sell('another bike');
  assert.deepEqual(
    [codeOf(await ben.say(talk, 'Hello?')), codeOf(await ben.begin(other)), codeOf(await ben.offer(other))],
    ['BLOCKED', 'BLOCKED', 'BLOCKED'],
  );
  assert.equal(codeOf(await ada.say(talk, 'Go away.')), 'answered');
  const isBlocked = async (person: Person, id: string) =>
    (await person.ask('query ($id: UUID!) { user(id: $id) { isBlocked } }', { id })).data.user.isBlocked;
  assert.deepEqual([await isBlocked(ada, ben.user), await isBlocked(ben, ada.user)], [true, false]);
  await ada.ask(block.replaceAll('block', 'unblock'), { from: ada.account, to: ben.user });
  assert.equal(codeOf(await ben.say(talk, 'Thank you.')), 'answered');
});

test('the number beside the bell falls when its owner has read', async () => {
  const [ada, ben] = [await Person.signUp('una'), await Person.signUp('ulf')];
  const talk = (await ben.begin(await ada.sell('blue bike'))).data.createConversation.conversation.id;
  await ben.say(talk, 'One.');
  await ben.say(talk, 'Two.');
  const bell = async () =>
    (await ada.ask('{ me { unread { totalCount nodes { id about { __typename } } } } }')).data.me.unread;
  const { totalCount, nodes } = await bell();
  assert.deepEqual([totalCount, nodes[0].about], [2, { __typename: 'Conversation' }]);
  const read =
    'mutation ($id: UUID!, $at: DateTime!) { updateNotification(id: $id, data: { readAt: $at }) { notification { id } } }';
  const variables = { id: nodes[0].id, at: new Date().toISOString() };
  assert.match(codeOf(await ben.ask(read, variables)), /FORBIDDEN|NOT_FOUND/);
  assert.equal(codeOf(await ada.ask(read, variables)), 'answered');
  assert.equal((await bell()).totalCount, 1);
});
