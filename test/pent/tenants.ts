/**
 * Boards of two tenants behind Redis, and a schema with every place where code of an application runs. Each place tells
 * in which request it found itself, by AsyncLocalStorage, and whether its viewer is that of this request.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { GraphQLSchema } from 'graphql';
import { context, get, lambda, listen, loader, loadOne, makeSchema, object, type PubSub } from '../../src/index.ts';
import { createKvetch, defineKvetchSchema, type Kvetch, type KvetchOptions } from '../../src/kvetch.ts';
import { objectsOf } from '../../src/pent/ofType.ts';
import {
  allowIf,
  authorizePent,
  canRead,
  definePents,
  denyIf,
  method,
  Pent,
  PentContext,
  type PentDefinition,
  type Policy,
  pent,
  pentEdge,
  pentsFromIndex,
  readEdge,
  readStoredId,
  requireThat,
  sameAs,
  updating,
  type WriteHooks,
} from '../../src/pent.ts';
import { dependsOn, liveTypeDefs, manualKey } from '../../src/reactive.ts';

export interface Viewer {
  readonly id: string;
  readonly tenant: string;
  /** The name of the request: its AsyncLocalStorage has it, too. */
  readonly request: string;
}

export const requests: AsyncLocalStorage<string> = new AsyncLocalStorage<string>();
/** Places that found themselves in another request than that of their viewer. */
export const misplaced: string[] = [];
/** How often each place has run. */
export const visits: Map<string, number> = new Map();

export const here = (): string => String(requests.getStore());

/** Tells the request, and notes where it is not that of the viewer. */
export function look(place: string, { viewer }: { readonly viewer: Viewer }): string {
  visits.set(place, (visits.get(place) ?? 0) + 1);
  const found = here();
  if (found !== viewer.request) misplaced.push(`${place}: ${found} in ${viewer.request}`);
  return found;
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const storeSchema = defineKvetchSchema({
  objects: [
    { typeId: 200, name: 'Board', fields: { name: 'string', tenant: 'string', size: 'string' } },
    { typeId: 201, name: 'Card', fields: { title: 'string', board: 'uuid', secretOf: 'string' } },
  ],
  edges: [{ edgeId: 20, name: 'cards', from: 'Board', storedOn: 'Card', storedIdAttr: 'board' }],
  indexes: [{ name: 'size', type: 'Board', attr: 'size', kind: 'string' }],
});

export class Board extends Pent {
  static override readonly definition: PentDefinition = { name: 'Board', typeId: 200 };
  static override readonly privacy: Policy<Board, Viewer> = {
    read: [
      requireThat('looked', (_board, context) => look('rule', context) !== ''),
      requireThat('later', async (_board, context) => {
        await tick();
        return look('rule that waits', context) !== '';
      }),
      denyIf('tenant', (board, { viewer }) => board.tenant !== viewer.tenant),
      allowIf('rest', () => true),
    ],
  };

  get name(): string {
    return this.$record.name as string;
  }

  get tenant(): string {
    return this.$record.tenant as string;
  }

  /** A getter that the output reads. */
  get seenByGetter(): string {
    return look('getter', this.$context);
  }

  cards(first = 10): Promise<readonly Card[]> {
    return readEdge<Card>(this, 'cards', { first }).then(objectsOf);
  }

  /** Of `@custom` fields: reads by itself. */
  async titles({ first }: { readonly first: number }): Promise<readonly string[]> {
    look('method', this.$context);
    const cards = await this.cards(first);
    dependsOn(manualKey(`method of ${look('method behind a read', this.$context)}`));
    const boards = await Promise.all(cards.map((card) => card.board()));
    look('method behind two reads', this.$context);
    return cards.map(({ title }, at) => `${title} ${boards[at]?.name}`);
  }
}

export class Card extends Pent {
  static override readonly definition: PentDefinition = { name: 'Card', typeId: 201, storedIds: { board: ['Board'] } };
  static override readonly privacy: Policy<Card, Viewer> = {
    read: [
      denyIf('secret', (card, context) => look('rule of cards', context) === '' || card.isSecretTo(context.viewer)),
      denyIf('gone', async (card, context) => {
        const isReadable = await canRead(context, String(card.$record.board));
        look('rule behind a read', context);
        return !isReadable;
      }),
      sameAs('board'),
    ],
    update: [allowIf('looked', (_change, context) => look('rule of a write', context) !== '')],
  };
  static override readonly hooks: WriteHooks<Card, Viewer> = {
    validators: [
      async (_change, context) => {
        look('validator', context);
        await tick();
        look('validator that waits', context);
        return undefined;
      },
    ],
    before: [
      async ({ before }, context) => {
        await before?.board();
        look('trigger behind a read', context);
        return undefined;
      },
    ],
    after: [
      async ({ after }, context) => {
        look('observer', context);
        await after?.board();
        look('observer behind a read', context);
        throw new Error('observer');
      },
    ],
  };

  get title(): string {
    return this.$record.title as string;
  }

  isSecretTo({ id }: Viewer): boolean {
    const of = this.$record.secretOf ?? null;
    return of !== null && of !== id;
  }

  board(): Promise<Board | null> {
    return readStoredId(this, 'board', ['Board']);
  }
}

const model = definePents({ schema: storeSchema, pents: [Board, Card], byDefault: 'allow' });

interface Context {
  readonly pent: PentContext<Viewer>;
  readonly kvetch: Kvetch;
  readonly pubsub: PubSub;
}

export function contextOf(kvetch: Kvetch, viewer: Viewer): Context {
  const onError = (_error: Error, place: string): void => void look(`report of ${place}`, { viewer });
  const own = new PentContext<Viewer>({ kvetch, model, viewer, onError });
  return { pent: own, kvetch: kvetch.forRequest(), pubsub: { subscribe: (id) => events(id, own) } };
}

async function* events(id: string, context: PentContext<Viewer>): AsyncGenerator<{ id: string; at: string }> {
  for (let n = 0; n < 3; n++) {
    await tick();
    await context.kvetch.getObject(id);
    yield { id, at: look('event behind a read', context) };
  }
}

/** Loads by the storage alone, each request for itself. */
const stamps = loader<string, string>({
  name: 'tenants.stamps',
  load: async (ids) => ids.map((id) => `${id} ${here()}`),
});
/** Loads for several requests of one tenant at once. */
const shared = loader<string, string>({
  name: 'tenants.shared',
  batch: { maxWaitMs: 1, contextKey: ({ pent: { viewer } }: Context) => viewer.tenant },
  load: async (ids, { context }) => {
    await tick();
    return ids.map((id) => `${id} of ${context.pent.viewer.tenant}`);
  },
});

const typeDefs = /* GraphQL */ `
  scalar Place
  type Query {
    board(id: ID!, at: Place): Board
    bySize(size: String!): [Board!]!
    viewer: String!
    refused: String
  }
  type Mutation { rename(id: ID!, data: CardData!): Renamed }
  type Subscription { changes(id: ID!): Event heard(id: ID!): Event }
  type Event { at: String board: Board }
  input CardData { title: String }
  type Renamed { card: Card }
  type Board {
    id: ID!
    name: String!
    seenByGetter: String!
    place: Place
    lambda: String
    stamp: String
    shared: String
    titles(first: Int! = 5): [String!]!
    resolved(first: Int! = 5): [Resolved!]!
    cards(first: Int! = 5): [Card!]!
  }
  type Resolved { at: String! title: String! board: Board }
  type Card { id: ID! title: String! lambda: String stamp: String board: Board }
`;

export const tenantsSchema: GraphQLSchema = makeSchema({
  typeDefs: [typeDefs, liveTypeDefs],
  objects: {
    Query: {
      plans: {
        board: (_$root, { $id }) => pent(Board, $id),
        bySize: (_$root, { $size }) => pentsFromIndex(Board, 'size', $size),
        viewer: { resolve: (_source, _args, { pent: context }: Context) => look('resolver of the root', context) },
        refused: {
          resolve: async (_source, _args, { pent: context, kvetch }: Context) => {
            await kvetch.queryIndex('size', 'large');
            throw new Error(`refused for ${look('resolver that throws', context)}`);
          },
        },
      },
    },
    Mutation: { plans: { rename: (_$root, { $id, $data }) => object({ card: updating(Card, { $id, $data }) }) } },
    Subscription: {
      plans: {
        changes: {
          subscribe: (_source, { id }, { pubsub }: Context) => pubsub.subscribe(id),
          plan: ($event) => $event,
        },
        heard: {
          subscribePlan: (_$root, { $id }) => listen(get(context<Context>(), 'pubsub'), $id),
          plan: ($event) => $event,
        },
      },
    },
    Event: {
      plans: {
        at: ($event) => lambda(get($event, 'at'), (at) => `${at} ${here()}`),
        board: ($event) => pent(Board, get($event, 'id')),
      },
    },
    Board: {
      authorize: authorizePent,
      hidden: 'leaveOut',
      plans: {
        place: ($board) => get($board, 'id'),
        lambda: ($board) => lambda(get($board, 'id'), () => here()),
        stamp: ($board) => loadOne(get($board, 'id'), stamps),
        shared: ($board) => loadOne(get($board, 'id'), shared),
        titles: method(Board, 'titles'),
        resolved: {
          resolve: async (board: Board, { first }, { pent: context }: Context) => {
            const cards = await board.cards(first);
            const at = look('resolver behind a read', context);
            dependsOn(manualKey(`resolver of ${at}`));
            return cards.map((card) => ({ at, card }));
          },
        },
        cards: ($board, { $first }) => pentEdge(Card, 'cards', $board, { $first }),
      },
    },
    Resolved: {
      plans: {
        at: { resolve: ({ at }, _args, { pent: context }: Context) => `${at} ${look('resolver', context)}` },
        title: { resolve: ({ card }) => card.title },
        board: {
          resolve: async ({ card }, _args, { pent: context }: Context) => {
            const board = await (card as Card).board();
            look('resolver behind two reads', context);
            return board;
          },
        },
      },
    },
    Card: {
      authorize: authorizePent,
      hidden: 'leaveOut',
      plans: {
        lambda: ($card) => lambda(get($card, 'id'), () => here()),
        stamp: ($card) => loadOne(get($card, 'id'), stamps),
        board: { resolve: (card: Card) => card.board() },
      },
    },
  },
  scalars: {
    Place: { serialize: () => `written in ${here()}`, parseValue: () => `read in ${here()}` },
  },
});

export function openTenants(options: Omit<KvetchOptions, 'schema'>): Kvetch {
  return createKvetch({ schema: storeSchema, ...options });
}

/** Two boards of a tenant, one of them with a secret card of each viewer. */
export async function fillTenant(
  kvetch: Kvetch,
  tenant: string,
  viewers: readonly string[],
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const name of ['garden', 'cellar']) {
    const board = await kvetch.createObject('Board', { name: `${name} of ${tenant}`, tenant, size: 'large' });
    ids.push(board);
    for (const n of [1, 2]) await kvetch.createObject('Card', { title: `${tenant} ${name} ${n}`, board });
    for (const id of viewers) await kvetch.createObject('Card', { title: `secret of ${id}`, board, secretOf: id });
  }
  return ids;
}
