import { parse } from 'graphql';
import type { Filled } from '../../examples/market/fill.ts';
import { stranger, type Viewer } from '../../examples/market/viewer.ts';
import { getOrCreate } from '../../src/utils/getOrCreate.ts';
import { byHand } from './byHand.ts';
import type { Screen, ScreenName } from './Screen.ts';

function viewerOf({ accounts }: Filled, n: number): Viewer {
  const account = accounts[n % accounts.length];
  return { id: account?.id ?? null, user: account?.user ?? null };
}

/** Looked up once: visits are measured. */
const viewers = memoized(
  (made: Filled) => new Map(made.users.map(({ id }, n): [string | undefined, Viewer] => [id, viewerOf(made, n)])),
);
const offered = memoized(({ listings, offers }: Filled) => {
  const ids = new Set(offers.map(({ listing }) => listing));
  return listings.filter(({ id }) => ids.has(id));
});

function memoized<TOut>(make: (made: Filled) => TOut): (made: Filled) => TOut {
  const known = new WeakMap<Filled, TOut>();
  return (made) => getOrCreate(known, made, () => make(made));
}

function viewerIs(made: Filled, user: string | undefined): Viewer {
  return viewers(made).get(user) ?? stranger;
}

/** The screens that are the product, and a message that is sent. */
export const screens: Readonly<Record<ScreenName, Screen>> = {
  search: {
    byHand: byHand.search,
    document: parse(`query ($category: UUID!, $price: IntRange) {
      search(category: $category, price: $price, order: CHEAPEST, first: 20) {
        nodes { id title priceCents photos seller { id name } }
        pageInfo { hasNextPage }
      }
    }`),
    visit: (made, n) => ({
      viewer: viewerOf(made, n),
      variables: {
        category: made.categories[n % made.categories.length]?.id,
        price: { from: 1000 + 500 * (n % 100), to: 90_000 },
      },
    }),
  },
  feed: {
    byHand: byHand.feed,
    document: parse(`{
      feed(first: 20) {
        nodes { id title priceCents isFavourite seller { id name } }
        pageInfo { hasNextPage }
      }
    }`),
    visit: (made, n) => ({ viewer: viewerOf(made, n), variables: {} }),
  },
  listing: {
    byHand: byHand.listing,
    document: parse(`query ($id: UUID!) {
      listing(id: $id) {
        id title priceCents status photos offerCount isFavourite
        seller { id name }
        category { id name }
        offers(first: 10) { nodes { id amountCents status buyer { id name } } pageInfo { hasNextPage } }
      }
    }`),
    // Its seller looks: others see their own offers only.
    visit: (made, n) => {
      const listings = offered(made);
      const listing = listings[(n * 7) % listings.length];
      return { viewer: viewerIs(made, listing?.seller), variables: { id: listing?.id } };
    },
  },
  inbox: {
    byHand: byHand.inbox,
    document: parse(`query ($user: UUID!) {
      user(id: $user) {
        inbox(first: 20) {
          nodes { id listing { id title } buyer { name } seller { name } messages(last: 1) { nodes { text } } }
        }
      }
    }`),
    visit: (made, n) => {
      const talk = made.conversations[(n * 13) % made.conversations.length];
      const viewer = viewerIs(made, talk?.buyer);
      return { viewer, variables: { user: viewer.user } };
    },
  },
  chat: {
    byHand: byHand.chat,
    document: parse(`query ($conversation: UUID!) {
      conversation(id: $conversation) {
        messages(last: 30) { nodes { id text author { name } } pageInfo { hasPreviousPage } }
      }
    }`),
    visit: (made, n) => {
      const talk = made.conversations[(n * 13) % made.conversations.length];
      const viewer = viewerIs(made, talk?.buyer);
      return { viewer, variables: { conversation: talk?.id } };
    },
  },
  send: {
    byHand: byHand.send,
    document: parse(`mutation ($data: CreateMessageData!) {
      createMessage(data: $data) { message { text author { id name } conversation { id } } }
    }`),
    visit: (made, n) => {
      const talk = made.conversations[(n * 13) % made.conversations.length];
      const data = { conversation: talk?.id, text: `Message ${n}` };
      return { viewer: viewerIs(made, talk?.buyer), variables: { data } };
    },
  },
};
