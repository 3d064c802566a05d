/** Makes data up: people, listings in categories, offers, favourites, conversations with messages, notifications, reviews. */
import type { Kvetch } from 'planql/kvetch';
import type { ListingStatus, OfferStatus } from './generated/types.ts';

export interface Size {
  readonly listings: number;
  readonly messages: number;
}

/** 50,000 listings and 200,000 messages. */
export const whole: Size = { listings: 50_000, messages: 200_000 };

/** The categories have ids of their own. */
const categoryId = (n: number): string => `00000000-0000-4000-8000-${String(n + 1).padStart(12, '0')}`;

/** Whether all was made, or a part of it: the program that made it was ended. */
export async function isFilled(kvetch: Kvetch): Promise<boolean | 'in part'> {
  if ((await kvetch.getObject(categoryId(slugs.length - 1))) !== null) return true;
  const { objects } = await kvetch.browse('User', { first: 1 });
  return objects.length > 0 && 'in part';
}

/** What was made, for those who compare answers with it. Ids are in the order of creation. */
export interface Filled {
  readonly users: readonly Made<{ username: string; name: string }>[];
  readonly accounts: readonly Made<{ user: string }>[];
  readonly categories: readonly Made<{ slug: string }>[];
  readonly listings: readonly Made<{
    title: string;
    priceCents: number;
    status: ListingStatus;
    seller: string;
    category: string;
  }>[];
  readonly offers: readonly Made<{ listing: string; buyer: string; amountCents: number; status: OfferStatus }>[];
  readonly conversations: readonly Made<{ listing: string; buyer: string; seller: string }>[];
  readonly messages: readonly Made<{ conversation: string; author: string; text: string }>[];
  readonly notifications: readonly Made<{ account: string; about: string; readAt: Date | null }>[];
  readonly reviews: readonly Made<{ seller: string; author: string; stars: number }>[];
  readonly favourites: ReadonlyArray<{ readonly account: string; readonly listing: string }>;
  readonly blocks: ReadonlyArray<{ readonly account: string; readonly user: string }>;
}

type Made<T> = Readonly<T> & { readonly id: string };

const slugs = ['bikes', 'books', 'cameras', 'chairs', 'games', 'lamps', 'shoes', 'tools'];
const adjectives = ['Old', 'New', 'Red', 'Good', 'Small', 'Heavy', 'Rare'];
const lines = [
  'Is it still there?',
  'Yes.',
  'Would you take less?',
  'A little.',
  'When can I have a look?',
  'Tomorrow.',
];
const names = ['Ada', 'Ben', 'Zoë', 'Dora', 'Emil', 'Zora', 'Gus', 'Ida', 'Jan', 'Kim'];
/** Messages of a conversation. */
const TALK = 40;
/** Requests of one call. */
const CHUNK = 1000;
const START = Date.UTC(2026, 0, 1);

export async function fill(
  kvetch: Kvetch,
  { listings: listingCount, messages: messageCount }: Size = whole,
  tell: (type: string, count: number) => void = () => {},
): Promise<Filled> {
  const create = async <T extends object>(type: string, rows: readonly T[]): Promise<Made<T>[]> => {
    const made = await createAll(kvetch, type, rows);
    tell(type, made.length);
    return made;
  };
  const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));
  const people = Math.max(20, Math.ceil(listingCount / 25));

  const users = await create(
    'User',
    times(people, (n) => ({ username: `user${n}`, name: `${at(names, n)} ${n}` })),
  );
  const accounts = await create(
    'Account',
    users.map(({ id }) => ({ user: id })),
  );
  await inTurns(users, ({ id }, n) => kvetch.updateObject(id, { account: at(accounts, n).id }));
  const categories = slugs.map((slug, n) => ({
    id: categoryId(n),
    slug,
    name: slug.charAt(0).toUpperCase() + slug.slice(1),
  }));
  const statusOf = (n: number): ListingStatus => (n % 10 === 9 ? 'SOLD' : n % 10 === 8 ? 'DRAFT' : 'OPEN');
  let open = 0;
  const listings = await create(
    'Listing',
    times(listingCount, (n) => ({
      title: `${at(adjectives, n)} ${at(slugs, n).slice(0, -1)} ${n}`,
      // Spread over the prices, and some of them equal.
      priceCents: 100 + ((n * 7919) % 10_000) * 10,
      status: statusOf(n),
      offerCount: statusOf(n) === 'OPEN' ? open++ % 4 : 0,
      photos: [`https://photos.example.org/${n}-1.jpg`, `https://photos.example.org/${n}-2.jpg`],
      seller: at(users, n * 3 + Math.floor(n / 40)).id,
      category: at(categories, n).id,
    })),
  );
  const offers = await create(
    'Offer',
    listings
      .filter(({ status }) => status === 'OPEN')
      .flatMap(({ id, priceCents, offerCount }, n) =>
        times(offerCount, (k) => ({
          listing: id,
          buyer: at(users, n * 3 + k + 1).id,
          amountCents: Math.round(priceCents * (0.7 + k * 0.1)),
          status: (k === 0 ? 'DECLINED' : 'OPEN') as OfferStatus,
        })),
      ),
  );
  const talks = Math.max(5, Math.ceil(messageCount / TALK));
  const conversations = await create(
    'Conversation',
    times(talks, (n) => {
      const listing = at(listings, n);
      return { listing: listing.id, seller: listing.seller, buyer: at(users, Math.floor(n / 5) * 3 + 1).id };
    }),
  );
  const messages = await create(
    'Message',
    times(messageCount, (n) => {
      const { id, buyer, seller } = at(conversations, n);
      return {
        conversation: id,
        author: Math.floor(n / talks) % 2 === 0 ? buyer : seller,
        text: at(lines, Math.floor(n / talks)),
      };
    }),
  );
  await inTurns(conversations, async ({ id, buyer, seller }, n) => {
    const data = { lastMessageAt: new Date(START + ((n * 7919) % talks) * 60_000) };
    await Promise.all([buyer, seller].map((user) => kvetch.insertEdge('inbox', { fromId: user, toId: id, data })));
  });
  const accountOf = new Map(accounts.map(({ id, user }) => [user, id]));
  const notifications = await create('Notification', [
    ...conversations.map(({ id, seller }, n) => ({
      account: accountOf.get(seller) ?? '',
      about: id,
      readAt: n % 3 === 0 ? null : new Date(START + n * 60_000),
    })),
  ]);
  const reviews = await create(
    'Review',
    times(Math.ceil(listingCount / 5), (n) => ({
      seller: at(users, n * 7).id,
      author: at(users, n * 7 + 1 + (n % 5)).id,
      stars: 1 + (n % 5),
      text: n % 5 > 2 ? 'All went well.' : 'It took its time.',
    })),
  );
  const favourites = accounts.flatMap(({ id }, n) =>
    times(1 + (n % 12), (k) => ({ account: id, listing: at(listings, n * 5 + k * 10).id })),
  );
  await inTurns(favourites, ({ account, listing }) =>
    kvetch.insertEdge('favourites', { fromId: account, toId: listing }),
  );
  const blocks = accounts
    .filter((_, n) => n % 10 === 3)
    .map(({ id }, n) => ({ account: id, user: at(users, n * 10).id }));
  await inTurns(blocks, ({ account, user }) => kvetch.insertEdge('blocks', { fromId: account, toId: user }));
  // At the end: a store that has them has everything.
  for (const { id, ...data } of categories) await kvetch.createObject('Category', data, { id });
  tell('Category', categories.length);
  return {
    users,
    accounts,
    categories,
    listings,
    offers,
    conversations,
    messages,
    notifications,
    reviews,
    favourites,
    blocks,
  };
}

async function createAll<T extends object>(kvetch: Kvetch, type: string, rows: readonly T[]): Promise<Made<T>[]> {
  const made: Made<T>[] = [];
  for (let from = 0; from < rows.length; from += CHUNK) {
    const chunk = rows.slice(from, from + CHUNK);
    const ids = await kvetch.createObjects(
      type,
      chunk.map((data) => ({ data: { ...data } as Record<string, unknown> })),
    );
    for (const [n, id] of ids.entries()) {
      if (id instanceof Error) throw id;
      made.push({ ...(chunk[n] as T), id });
    }
  }
  return made;
}

/** Some at a time. */
async function inTurns<T>(rows: readonly T[], write: (row: T, n: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < rows.length; from += CHUNK) {
    await Promise.all(rows.slice(from, from + CHUNK).map((row, n) => write(row, from + n)));
  }
}

function at<T>(list: readonly T[], n: number): T {
  return list[n % list.length] as T;
}
