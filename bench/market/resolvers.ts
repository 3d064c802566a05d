import { readFileSync } from 'node:fs';
import DataLoader from 'dataloader';
import { buildSchema, type GraphQLSchema } from 'graphql';
import type { Kvetch } from 'planql/kvetch';
import type { Viewer } from '../../examples/market/viewer.ts';
import { isIn, isOfferTo, isShown, type NewMessage, type Row, sendMessage } from './byHand.ts';

const sdl = readFileSync(new URL('../../examples/market/generated/schema.graphql', import.meta.url), 'utf8');

/** graphql-js calls the methods of the objects below. */
export const resolverSchema: GraphQLSchema = buildSchema(sdl);

/** The root of one request, with its loaders. */
export class Root {
  readonly kvetch: Kvetch;
  readonly viewer: Viewer;
  readonly objects: DataLoader<string, Row | null>;
  readonly favourites: DataLoader<string, boolean>;

  constructor(kvetch: Kvetch, viewer: Viewer) {
    this.kvetch = kvetch;
    this.viewer = viewer;
    this.objects = new DataLoader<string, Row | null>(
      async (ids) => (await kvetch.getObjects([...ids])) as ReadonlyArray<Row | Error | null>,
    );
    this.favourites = new DataLoader<string, boolean>((ids) =>
      kvetch.hasEdges(ids.map((toId) => ({ edge: 'favourites', fromId: String(viewer.id), toId }))),
    );
  }

  async search({ category, status, price }: Record<string, unknown>): Promise<unknown> {
    const page = { first: 20, range: { priceCents: price } };
    return this.#listings(await this.kvetch.queryIndex('shelf_by_price', { category, status }, page));
  }

  async feed(): Promise<unknown> {
    return this.#listings(await this.kvetch.queryIndex('feed', {}, { first: 20, reverse: true }));
  }

  async #listings({
    ids,
    hasNextPage,
  }: {
    readonly ids: readonly string[];
    readonly hasNextPage: boolean;
  }): Promise<unknown> {
    const rows = await this.objects.loadMany(ids);
    const shown = rows.filter(isRow).filter(isShown(this.viewer.user));
    return { nodes: shown.map((row) => new Listing(this, row)), pageInfo: { hasNextPage } };
  }

  async user({ id }: { readonly id: string }): Promise<unknown> {
    const row = await this.objects.load(id);
    return row && new User(this, row);
  }

  async listing({ id }: { readonly id: string }): Promise<unknown> {
    const row = await this.objects.load(id);
    return row && isShown(this.viewer.user)(row) ? new Listing(this, row) : null;
  }

  async createMessage({ data }: { readonly data: NewMessage }): Promise<unknown> {
    const row = await sendMessage(this.kvetch, data, this.viewer, (id) => this.objects.load(id));
    return { message: row && new Message(this, row) };
  }

  async conversation({ id }: { readonly id: string }): Promise<unknown> {
    const row = await this.objects.load(id);
    return row && isIn(this.viewer.user)(row) ? new Conversation(this, row) : null;
  }
}

function isRow(row: Row | Error | null): row is Row {
  return row !== null && !(row instanceof Error);
}

class Node {
  readonly root: Root;
  readonly row: Row;

  constructor(root: Root, row: Row) {
    this.root = root;
    this.row = row;
  }

  get id(): string {
    return this.row.id;
  }
}

class User extends Node {
  get name(): unknown {
    return this.row.name;
  }

  async inbox(): Promise<unknown> {
    const { edges } = await this.root.kvetch.getEdges('inbox', this.id, { first: 20 });
    const rows = await this.root.objects.loadMany(edges.map(({ toId }) => toId));
    const shown = rows.filter(isRow).filter(isIn(this.root.viewer.user));
    return { nodes: shown.map((row) => new Conversation(this.root, row)) };
  }
}

class Listing extends Node {
  get title(): unknown {
    return this.row.title;
  }

  get priceCents(): unknown {
    return this.row.priceCents;
  }

  get photos(): unknown {
    return this.row.photos;
  }

  get status(): unknown {
    return this.row.status;
  }

  get offerCount(): unknown {
    return this.row.offerCount;
  }

  category(): unknown {
    return this.root.user({ id: String(this.row.category) });
  }

  async offers({ first }: { readonly first: number }): Promise<unknown> {
    const page = await this.root.kvetch.getEdges('listing_offers', this.id, { first });
    const rows = await this.root.objects.loadMany(page.edges.map(({ toId }) => toId));
    const shown = rows.filter(isRow).filter(isOfferTo(this.root.viewer.user, this.row));
    return { nodes: shown.map((row) => new Offer(this.root, row)), pageInfo: { hasNextPage: page.hasNextPage } };
  }

  isFavourite(): unknown {
    return this.root.viewer.id === null ? false : this.root.favourites.load(this.id);
  }

  seller(): unknown {
    return this.root.user({ id: String(this.row.seller) });
  }
}

class Offer extends Node {
  get amountCents(): unknown {
    return this.row.amountCents;
  }

  get status(): unknown {
    return this.row.status;
  }

  buyer(): unknown {
    return this.root.user({ id: String(this.row.buyer) });
  }
}

class Conversation extends Node {
  async listing(): Promise<unknown> {
    const row = await this.root.objects.load(String(this.row.listing));
    return row && isShown(this.root.viewer.user)(row) ? new Listing(this.root, row) : null;
  }

  buyer(): unknown {
    return this.root.user({ id: String(this.row.buyer) });
  }

  seller(): unknown {
    return this.root.user({ id: String(this.row.seller) });
  }

  async messages({ last }: { readonly last: number }): Promise<unknown> {
    const page = await this.root.kvetch.getEdges('conversation_messages', this.id, { last });
    const rows = await this.root.objects.loadMany(page.edges.map(({ toId }) => toId));
    return {
      nodes: rows.filter(isRow).map((row) => new Message(this.root, row)),
      pageInfo: { hasPreviousPage: page.hasPreviousPage === true },
    };
  }
}

class Message extends Node {
  get text(): unknown {
    return this.row.text;
  }

  conversation(): unknown {
    return this.root.conversation({ id: String(this.row.conversation) });
  }

  author(): unknown {
    return this.root.user({ id: String(this.row.author) });
  }
}
