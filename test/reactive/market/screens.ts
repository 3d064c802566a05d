/** The screens of the market that clients watch, and what clients and programs change. */
import { randomUUID } from 'node:crypto';
import type { Filled } from '../../../examples/market/fill.ts';
import type { Kvetch } from '../../../src/kvetch.ts';
import type { Draft } from '../../../src/reactive-client.ts';

export type Variables = Readonly<Record<string, unknown>>;

/** Somebody who is signed in. */
export interface Person {
  readonly account: string;
  readonly user: string;
}

/** What may be drawn: it grows by what is created. */
export interface Cast {
  readonly made: Filled;
  readonly people: readonly Person[];
  readonly listings: string[];
  readonly conversations: string[];
  readonly offers: string[];
  readonly notifications: string[];
}

export class Draw {
  readonly random: () => number;
  readonly cast: Cast;

  constructor(random: () => number, cast: Cast) {
    this.random = random;
    this.cast = cast;
  }

  of<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)] as T;
  }

  /** The newer, the likelier: what lists begin with. */
  recent<T>(list: readonly T[]): T {
    return list[list.length - 1 - Math.floor(this.random() ** 3 * list.length)] as T;
  }

  number(below: number): number {
    return Math.floor(this.random() * below);
  }

  user(): string {
    return this.random() < 0.7 ? this.of(this.cast.people).user : this.of(this.cast.made.users).id;
  }
}

export interface Screen {
  readonly query: string;
  readonly variables: (draw: Draw, person: Person) => Variables;
}

const LISTING = 'id title priceCents status offerCount isFavourite seller { id name } buyer { id name }';

export const screens: Readonly<Record<string, Screen>> = {
  feed: {
    query: `query Feed($first: Int!) { feed(first: $first) { totalCount pageInfo { hasNextPage } edges { node { ${LISTING} category { slug } } } } }`,
    variables: (draw) => ({ first: draw.of([3, 10, 100]) }),
  },
  titles: {
    query: 'query Titles { feed(first: 5) { nodes { id title seller { id rating } } } }',
    variables: () => ({}),
  },
  search: {
    query: `query Search($category: UUID!, $order: SearchOrder!, $price: IntRange, $status: ListingStatus!) {
      search(category: $category, order: $order, price: $price, status: $status, first: 10) { totalCount nodes { ${LISTING} } } }`,
    variables: (draw) => {
      const order = draw.of(['CHEAPEST', 'DEAREST', 'NEWEST']);
      const price = order === 'NEWEST' || draw.random() < 0.5 ? null : { from: 1000, to: 80_000 };
      return {
        category: draw.of(draw.cast.made.categories).id,
        order,
        price,
        status: draw.of(['OPEN', 'OPEN', 'SOLD']),
      };
    },
  },
  inbox: {
    query: `query Inbox($user: UUID!) { user(id: $user) { id inbox(first: 5) { totalCount edges { data node {
      id listing { id title } buyer { id name } seller { id name } messages(last: 2) { nodes { id text author { id name } } } } } } } }`,
    variables: (_draw, { user }) => ({ user }),
  },
  account: {
    query: `query Account { me { id name user { id name } favourites(first: 5) { totalCount nodes { id title status } }
      blocked { nodes { id name } } unread { totalCount nodes { id readAt about { __typename
        ... on Conversation { id buyer { id name } } ... on Offer { id amountCents status } ... on Review { id stars } } } }
      notifications(first: 4) { nodes { id readAt } } } }`,
    variables: () => ({}),
  },
  user: {
    query: `query User($id: UUID!, $order: ReviewOrder!) { user(id: $id) { id name isBlocked rating account { id name }
      listings(first: 4) { totalCount nodes { ${LISTING} } } reviews(order: $order, first: 4) { totalCount nodes { id stars text author { id name } } } } }`,
    variables: (draw) => ({ id: draw.user(), order: draw.of(['NEWEST', 'BEST', 'WORST']) }),
  },
  stars: {
    query: `query Stars($id: UUID!) { user(id: $id) { id reviews(order: BEST, stars: { from: 3 }) { totalCount nodes { id stars } } } }`,
    variables: (draw) => ({ id: draw.user() }),
  },
  users: {
    query: `query Users($name: TextRange) { users(name: $name, first: 6) { totalCount nodes { id name username isBlocked } } }`,
    variables: (draw) => ({ name: draw.of([null, { startsWith: 'Z' }, { startsWith: 'A' }]) }),
  },
  listing: {
    query: `query Listing($id: UUID!) { listing(id: $id) { ${LISTING} photos offers { totalCount nodes { id amountCents status buyer { id name } } } openOffers { totalCount nodes { id listing { id status } } } } }`,
    variables: (draw) => ({ id: draw.recent(draw.cast.listings) }),
  },
  node: {
    query: `query Node($id: UUID!) { node(id: $id) { __typename id ... on Listing { title seller { name } } ... on Offer { amountCents status listing { title } }
      ... on Conversation { seller { name } messages(last: 1) { nodes { text } } } ... on User { name rating } } }`,
    variables: (draw) => ({
      id: draw.of([
        draw.recent(draw.cast.listings),
        draw.recent(draw.cast.offers),
        draw.of(draw.cast.conversations),
        draw.user(),
      ]),
    }),
  },
  conversation: {
    query: `query Conversation($id: UUID!) { conversation(id: $id) { id listing { id title status } buyer { id name } seller { id name }
      messages(last: 3) { totalCount edges { node { id text createdAt author { id name } } } } } }`,
    variables: (draw) => ({ id: draw.of(draw.cast.conversations) }),
  },
  pair: {
    query: `query Pair($one: UUID!, $other: UUID!) { one: user(id: $one) { id name listings(last: 2) { nodes { id title } } }
      other: user(id: $other) { id name ...More } } fragment More on User { rating listings(first: 2) { nodes { id priceCents seller { rating } } } }`,
    variables: (draw) => ({ one: draw.user(), other: draw.user() }),
  },
};

export interface Mutation {
  readonly query: string;
  readonly variables: (draw: Draw, person: Person) => Variables;
  readonly optimistic?: (draft: Draft, variables: Variables) => void;
  /** Where the answer has an id for later draws. */
  readonly created?: readonly [of: 'listings' | 'conversations' | 'offers', at: string];
}

const data = (variables: Variables): Record<string, unknown> => variables.data as Record<string, unknown>;
const text = (draw: Draw): string => `${draw.of(['Old', 'New', 'Red'])} ${draw.number(1000)}`;

export const mutations: Readonly<Record<string, Mutation>> = {
  createListing: {
    query: 'mutation ($data: CreateListingData!) { createListing(data: $data) { listing { id title } } }',
    variables: (draw, { user }) => ({
      data: {
        ...{ title: text(draw), priceCents: draw.number(100_000), status: draw.of(['OPEN', 'OPEN', 'DRAFT']) },
        ...{ seller: user, category: draw.of(draw.cast.made.categories).id },
      },
    }),
    created: ['listings', 'createListing.listing.id'],
  },
  updateListing: {
    query:
      'mutation ($id: UUID!, $data: UpdateListingData!) { updateListing(id: $id, data: $data) { listing { id title status } } }',
    variables: (draw) => ({
      id: draw.recent(draw.cast.listings),
      data: draw.of([
        { title: text(draw) },
        { priceCents: draw.number(100_000) },
        { status: draw.of(['OPEN', 'DRAFT', 'SOLD']) },
        { category: draw.of(draw.cast.made.categories).id, title: text(draw) },
      ]),
    }),
    optimistic: (draft, variables) => {
      const { category: _category, ...fields } = data(variables);
      draft.set({ __typename: 'Listing', id: String(variables.id) }, fields as never);
    },
  },
  createOffer: {
    query: 'mutation ($data: CreateOfferData!) { createOffer(data: $data) { offer { id amountCents } } }',
    variables: (draw, { user }) => ({
      data: { amountCents: draw.number(50_000), listing: draw.recent(draw.cast.listings), buyer: user },
    }),
    created: ['offers', 'createOffer.offer.id'],
  },
  updateOffer: {
    query:
      'mutation ($id: UUID!, $data: UpdateOfferData!) { updateOffer(id: $id, data: $data) { offer { id status listing { id status } } } }',
    variables: (draw) => ({
      id: draw.recent(draw.cast.offers),
      data: { status: draw.of(['DECLINED', 'ACCEPTED']) },
    }),
    optimistic: (draft, variables) =>
      draft.set({ __typename: 'Offer', id: String(variables.id) }, data(variables) as never),
  },
  createConversation: {
    query: 'mutation ($data: CreateConversationData!) { createConversation(data: $data) { conversation { id } } }',
    variables: (draw, { user }) => ({ data: { listing: draw.recent(draw.cast.listings), buyer: user } }),
    created: ['conversations', 'createConversation.conversation.id'],
  },
  createMessage: {
    query:
      'mutation ($data: CreateMessageData!) { createMessage(data: $data) { message { id text conversation { id } } } }',
    variables: (draw) => ({ data: { text: text(draw), conversation: draw.recent(draw.cast.conversations) } }),
  },
  createReview: {
    query: 'mutation ($data: CreateReviewData!) { createReview(data: $data) { review { id stars } } }',
    variables: (draw) => ({ data: { stars: 1 + draw.number(5), text: text(draw), seller: draw.user() } }),
  },
  updateNotification: {
    query:
      'mutation ($id: UUID!, $data: UpdateNotificationData!) { updateNotification(id: $id, data: $data) { notification { id readAt } } }',
    variables: (draw) => ({
      id: draw.recent(draw.cast.notifications),
      data: { readAt: draw.of([null, '2026-05-01T00:00:00.000Z', '2026-06-01T00:00:00.000Z']) },
    }),
    optimistic: (draft, variables) =>
      draft.set({ __typename: 'Notification', id: String(variables.id) }, data(variables) as never),
  },
  addFavourite: {
    query: 'mutation ($from: UUID!, $to: UUID!) { addFavourite(from: $from, to: $to) { account { id } } }',
    variables: (draw, { account }) => ({ from: account, to: draw.recent(draw.cast.listings) }),
    optimistic: (draft, { to }) => draft.set({ __typename: 'Listing', id: String(to) }, { isFavourite: true }),
  },
  removeFavourite: {
    query: 'mutation ($from: UUID!, $to: UUID!) { removeFavourite(from: $from, to: $to) { account { id } } }',
    variables: (draw, { account }) => {
      const own = draw.cast.made.favourites.filter((one) => one.account === account);
      return { from: account, to: draw.of([draw.recent(draw.cast.listings), ...own.map(({ listing }) => listing)]) };
    },
    optimistic: (draft, { to }) => draft.set({ __typename: 'Listing', id: String(to) }, { isFavourite: false }),
  },
  block: {
    query: 'mutation ($from: UUID!, $to: UUID!) { block(from: $from, to: $to) { account { id } } }',
    variables: (draw, { account }) => ({ from: account, to: draw.user() }),
    optimistic: (draft, { to }) => draft.set({ __typename: 'User', id: String(to) }, { isBlocked: true }),
  },
  unblock: {
    query: 'mutation ($from: UUID!, $to: UUID!) { unblock(from: $from, to: $to) { account { id } } }',
    variables: (draw, { account }) => ({ from: account, to: draw.user() }),
  },
};

export type Write = (kvetch: Kvetch, draw: Draw) => Promise<unknown>;

/** Of programs that know no rules. */
export const writes: Readonly<Record<string, Write>> = {
  renameUser: (kvetch, draw) =>
    kvetch.updateObject(draw.user(), { name: `${draw.of(['Zoë', 'Ada', 'Kim'])} ${draw.number(100)}` }),
  renameListing: (kvetch, draw) => kvetch.updateObject(draw.recent(draw.cast.listings), { title: text(draw) }),
  moveListing: (kvetch, draw) =>
    kvetch.updateObject(draw.recent(draw.cast.listings), {
      ...{ seller: draw.user(), status: draw.of(['OPEN', 'SOLD', 'DRAFT']), buyer: draw.of([null, draw.user()]) },
      category: draw.of(draw.cast.made.categories).id,
    }),
  addListing: async (kvetch, draw) => {
    const seller = draw.user();
    const more = { status: 'OPEN', offerCount: 0, photos: [], category: draw.of(draw.cast.made.categories).id };
    const id = await kvetch.createObject('Listing', {
      title: text(draw),
      priceCents: draw.number(90_000),
      seller,
      ...more,
    });
    draw.cast.listings.push(id);
  },
  deleteListing: (kvetch, draw) => kvetch.deleteObject(draw.recent(draw.cast.listings)),
  addOffer: async (kvetch, draw) => {
    const listing = draw.recent(draw.cast.listings);
    const offer = {
      listing,
      buyer: draw.user(),
      amountCents: draw.number(90_000),
      status: draw.of(['OPEN', 'DECLINED']),
    };
    draw.cast.offers.push(await kvetch.createObject('Offer', offer));
  },
  deleteOffer: (kvetch, draw) => kvetch.deleteObject(draw.recent(draw.cast.offers)),
  addMessage: (kvetch, draw) =>
    kvetch.createObject('Message', {
      conversation: draw.recent(draw.cast.conversations),
      author: draw.user(),
      text: text(draw),
    }),
  touchInbox: (kvetch, draw) =>
    kvetch.insertEdge('inbox', {
      ...{ fromId: draw.user(), toId: draw.of(draw.cast.conversations) },
      data: { lastMessageAt: new Date(Date.UTC(2026, 0, 1) + draw.number(1e9)) },
    }),
  leaveInbox: (kvetch, draw) => {
    const talk = draw.of(draw.cast.made.conversations);
    return kvetch.deleteEdge('inbox', { fromId: draw.of([talk.buyer, talk.seller]), toId: talk.id });
  },
  notify: async (kvetch, draw) => {
    const about = draw.of([draw.recent(draw.cast.offers), draw.of(draw.cast.conversations)]);
    const notification = { account: draw.of(draw.cast.people).account, about, readAt: null };
    draw.cast.notifications.push(await kvetch.createObject('Notification', notification));
  },
  deleteReview: async (kvetch, draw) => {
    const { objects } = await kvetch.browse('Review', { first: 50 });
    const review = draw.of(objects);
    if (review !== undefined && 'id' in review) await kvetch.deleteObject(review.id);
  },
  several: async (kvetch, draw) => {
    const ids = [...new Set([draw.recent(draw.cast.listings), draw.recent(draw.cast.listings)])];
    await kvetch.updateObjects(ids.map((id) => ({ id, data: { title: `several ${randomUUID().slice(0, 4)}` } })));
  },
};
