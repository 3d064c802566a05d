import type { Kvetch } from 'planql/kvetch';
import type { Viewer } from '../../examples/market/viewer.ts';
import type { Asked, ScreenName } from './Screen.ts';

export type Row = Readonly<Record<string, unknown>> & { readonly id: string };

async function objects(kvetch: Kvetch, ids: readonly unknown[]): Promise<ReadonlyMap<string, Row>> {
  const wanted = [...new Set(ids)] as string[];
  const found = await kvetch.getObjects(wanted);
  return new Map(found.flatMap((row) => (row instanceof Error || row === null ? [] : [[row.id, row as Row] as const])));
}

function rowsOf(map: ReadonlyMap<string, Row>, ids: readonly string[]): readonly Row[] {
  return ids.flatMap((id) => map.get(id) ?? []);
}

const PAGE = 20;

/** The screens as a program without GraphQL: it knows each query, its lists, and its rules of privacy. */
export const byHand: Readonly<Record<ScreenName, (kvetch: Kvetch, asked: Asked) => Promise<unknown>>> = {
  async search(kvetch, { variables, viewer }) {
    const value = { category: variables.category, status: 'OPEN' };
    const page = await kvetch.queryIndex('shelf_by_price', value, {
      first: PAGE,
      range: { priceCents: variables.price },
    });
    const listings = rowsOf(await objects(kvetch, page.ids), page.ids).filter(isShown(viewer.user));
    const sellers = await objects(
      kvetch,
      listings.map(({ seller }) => seller),
    );
    const nodes = listings.map(({ id, title, priceCents, photos, seller }) => {
      return { id, title, priceCents, photos, seller: person(sellers, seller) };
    });
    return { search: { nodes, pageInfo: { hasNextPage: page.hasNextPage } } };
  },

  async feed(kvetch, { viewer }) {
    const page = await kvetch.queryIndex('feed', {}, { first: PAGE, reverse: true });
    const [map, favourites] = await Promise.all([
      objects(kvetch, page.ids),
      viewer.id === null
        ? []
        : kvetch.hasEdges(page.ids.map((toId) => ({ edge: 'favourites', fromId: viewer.id as string, toId }))),
    ]);
    const isFavourite = new Map(page.ids.map((id, at) => [id, favourites[at] === true]));
    const listings = rowsOf(map, page.ids).filter(isShown(viewer.user));
    const sellers = await objects(
      kvetch,
      listings.map(({ seller }) => seller),
    );
    const nodes = listings.map(({ id, title, priceCents, seller }) => {
      return { id, title, priceCents, isFavourite: isFavourite.get(id), seller: person(sellers, seller) };
    });
    return { feed: { nodes, pageInfo: { hasNextPage: page.hasNextPage } } };
  },

  async listing(kvetch, { variables, viewer }) {
    const id = String(variables.id);
    const [found, page, [isFavourite = false]] = await Promise.all([
      objects(kvetch, [id]),
      kvetch.getEdges('listing_offers', id, { first: 10 }),
      viewer.id === null ? [] : kvetch.hasEdges([{ edge: 'favourites', fromId: viewer.id, toId: id }]),
    ]);
    const listing = found.get(id);
    if (listing === undefined || !isShown(viewer.user)(listing)) return { listing: null };
    const offerIds = page.edges.map(({ toId }) => toId);
    const [around, offers] = await Promise.all([
      objects(kvetch, [listing.seller, listing.category]),
      objects(kvetch, offerIds),
    ]);
    const shown = rowsOf(offers, offerIds).filter(isOfferTo(viewer.user, listing));
    const buyers = await objects(
      kvetch,
      shown.map(({ buyer }) => buyer),
    );
    const nodes = shown.map(({ id: offerId, amountCents, status, buyer }) => {
      return { id: offerId, amountCents, status, buyer: person(buyers, buyer) };
    });
    const { title, priceCents, status, photos, offerCount, seller, category } = listing;
    return {
      listing: {
        ...{ id, title, priceCents, status, photos, offerCount, isFavourite },
        seller: person(around, seller),
        category: person(around, category),
        offers: { nodes, pageInfo: { hasNextPage: page.hasNextPage } },
      },
    };
  },

  async inbox(kvetch, { variables, viewer }) {
    const user = String(variables.user);
    const { edges } = await kvetch.getEdges('inbox', user, { first: PAGE });
    const ids = edges.map(({ toId }) => toId);
    const talks = rowsOf(await objects(kvetch, ids), ids).filter(isIn(viewer.user));
    const [around, chats] = await Promise.all([
      objects(
        kvetch,
        talks.flatMap(({ listing, buyer, seller }) => [listing, buyer, seller]),
      ),
      Promise.all(talks.map(({ id }) => kvetch.getEdges('conversation_messages', id, { last: 1 }))),
    ]);
    const messageIds = chats.flatMap((chat) => chat.edges.map(({ toId }) => toId));
    const messages = await objects(kvetch, messageIds);
    const nodes = talks.map(({ id, listing, buyer, seller }, at) => {
      const found = around.get(String(listing));
      const shown = found !== undefined && isShown(viewer.user)(found) ? { id: found.id, title: found.title } : null;
      return {
        ...{ id, listing: shown },
        buyer: { name: around.get(String(buyer))?.name },
        seller: { name: around.get(String(seller))?.name },
        messages: { nodes: (chats[at]?.edges ?? []).map(({ toId }) => ({ text: messages.get(toId)?.text })) },
      };
    });
    return { user: { inbox: { nodes } } };
  },

  async chat(kvetch, { variables, viewer }) {
    const id = String(variables.conversation);
    const [talks, page] = await Promise.all([
      objects(kvetch, [id]),
      kvetch.getEdges('conversation_messages', id, { last: 30 }),
    ]);
    const talk = talks.get(id);
    if (talk === undefined || !isIn(viewer.user)(talk)) return { conversation: null };
    const ids = page.edges.map(({ toId }) => toId);
    const messages = rowsOf(await objects(kvetch, ids), ids);
    const authors = await objects(
      kvetch,
      messages.map(({ author }) => author),
    );
    const nodes = messages.map(({ id: messageId, text, author }) => {
      return { id: messageId, text, author: { name: authors.get(String(author))?.name } };
    });
    return { conversation: { messages: { nodes, pageInfo: { hasPreviousPage: page.hasPreviousPage === true } } } };
  },

  async send(kvetch, { variables, viewer }) {
    const get = async (id: string): Promise<Row | null> => (await objects(kvetch, [id])).get(id) ?? null;
    const sent = await sendMessage(kvetch, variables.data as NewMessage, viewer, get);
    if (sent === null) return { createMessage: { message: null } };
    const { text, author, conversation } = sent;
    const people = await objects(kvetch, [author]);
    return { createMessage: { message: { text, author: person(people, author), conversation: { id: conversation } } } };
  },
};

/** The text and the talk of a message to be sent. */
export interface NewMessage {
  readonly conversation: string;
  readonly text: string;
}

/**
 * Sends a message, and says so in both inboxes and to the other one, as the model of the market does. Null where the viewer may
 * not. `get`: an object by its id.
 */
export async function sendMessage(
  kvetch: Kvetch,
  { conversation, text }: NewMessage,
  viewer: Viewer,
  get: (id: string) => Promise<Row | null>,
): Promise<Row | null> {
  const talk = await get(conversation);
  if (talk === null || viewer.user === null || !isIn(viewer.user)(talk)) return null;
  const other = await get(String(talk.buyer === viewer.user ? talk.seller : talk.buyer));
  const account = typeof other?.account === 'string' ? other.account : null;
  if (account !== null) {
    const [isBlocked] = await kvetch.hasEdges([{ edge: 'blocks', fromId: account, toId: viewer.user }]);
    if (isBlocked === true) return null;
  }
  if (text.trim().length < 1 || text.trim().length > 2000) return null;
  const message = { text, conversation, author: viewer.user };
  const id = await kvetch.createObject('Message', message);
  const data = { lastMessageAt: new Date() };
  await Promise.all([
    ...[talk.buyer, talk.seller].map((user) =>
      kvetch.insertEdge('inbox', { fromId: String(user), toId: conversation, data }),
    ),
    account === null ? null : kvetch.createObject('Notification', { account, about: conversation }),
  ]);
  return { id, ...message };
}

function person(people: ReadonlyMap<string, Row>, id: unknown): object {
  return { id, name: people.get(String(id))?.name };
}

/** The rule of listings. */
export function isShown(user: string | null): (listing: Row) => boolean {
  return ({ status, seller }) => status === 'OPEN' || seller === user;
}

/** The rule of offers. */
export function isOfferTo(user: string | null, listing: Row): (offer: Row) => boolean {
  return ({ buyer }) => user !== null && (buyer === user || listing.seller === user);
}

/** The rule of conversations. */
export function isIn(user: string | null): (talk: Row) => boolean {
  return ({ buyer, seller }) => user !== null && (buyer === user || seller === user);
}
