/** Users with lists of items in Kvetch, queried live. */
import { type DocumentNode, type ExecutionResult, GraphQLError, parse } from 'graphql';
import { type AnyStep, createEngine, get, makeSchema } from '../../../src/index.ts';
import { createKvetch, defineKvetchSchema, type Kvetch, memoryShards } from '../../../src/kvetch.ts';
import { type PatchOperation, patched } from '../../../src/reactive/client/patch.ts';
import type { LiveRequest } from '../../../src/reactive/live/createLiveQueries.ts';
import {
  createLiveQueries,
  createReactive,
  type LiveLimits,
  type LiveQueries,
  type LiveQueriesOptions,
  liveTypeDefs,
  memoryVersions,
  type Reactive,
  type VersionStore,
} from '../../../src/reactive.ts';
import { loadEdges, loadObject, loadObjects } from '../../../steps/kvetch/index.ts';

const schema = makeSchema({
  typeDefs: [
    /* GraphQL */ `
      type Query { user(id: ID!): User viewer: String bad: Int }
      type Mutation { nothing: Int }
      type Subscription { ticks: Int }
      type User { id: ID! name: String lists: [List!]! tags: [Tag!]! }
      type List { id: ID! title: String items: [Item!]! }
      type Item { id: ID! text: String }
      type Tag { text: String }
    `,
    liveTypeDefs,
  ],
  objects: {
    Query: {
      plans: {
        user: (_root, { $id }) => loadObject($id as AnyStep),
        viewer: { resolve: (_root, _args, context) => context.viewer },
        bad: {
          resolve: () => {
            throw new GraphQLError('bad');
          },
        },
      },
    },
    Subscription: {
      plans: {
        ticks: {
          async *subscribe() {
            for (const ticks of [1, 2]) yield { ticks };
          },
        },
      },
    },
    User: {
      plans: {
        lists: ($user) => loadObjects(loadEdges('lists', get($user, 'id') as AnyStep)),
        tags: ($user) => loadObjects(loadEdges('tags', get($user, 'id') as AnyStep)),
      },
    },
    List: { plans: { items: ($list) => loadObjects(loadEdges('items', get($list, 'id') as AnyStep)) } },
  },
});

export const LISTS = `query Lists($id: ID!) @live {
  user(id: $id) { __typename id name lists { __typename id title items { __typename id text } } }
}`;

export interface WorldOptions {
  readonly versions?: VersionStore;
  readonly limits?: Partial<LiveLimits>;
  readonly scope?: LiveQueriesOptions['scope'];
}

export interface World {
  readonly reactive: Reactive;
  readonly kvetch: Kvetch;
  readonly live: LiveQueries;
  readonly versions: VersionStore;
  readonly fresh: (document: DocumentNode, variables?: object) => Promise<unknown>;
  readonly contextValue: (viewer?: string) => object;
}

export function openWorld({ versions = memoryVersions(), limits = {}, scope }: WorldOptions = {}): World {
  const engine = createEngine({ schema });
  const reactive = createReactive({
    engine,
    versions,
    secrets: [{ id: 'a', secret: 'a secret of sufficient length' }],
  });
  const types = ['User', 'List', 'Item', 'Tag'];
  const kvetch = createKvetch({
    schema: defineKvetchSchema({
      objects: types.map((name, at) => ({ typeId: at + 1, name })),
      edges: [
        { edgeId: 10, name: 'lists', from: 'User', storedOn: 'List', storedIdAttr: 'owner' },
        { edgeId: 11, name: 'items', from: 'List', storedOn: 'Item', storedIdAttr: 'list' },
        { edgeId: 12, name: 'tags', from: 'User', storedOn: 'Tag', storedIdAttr: 'user' },
      ],
    }),
    shards: memoryShards(2),
    changes: reactive.changes,
    outboxPollMs: 0,
  });
  const live = createLiveQueries({ reactive, limits, ...(scope !== undefined && { scope }) });
  const contextValue = (viewer = ''): object => ({ kvetch: kvetch.forRequest(), viewer });
  const fresh = async (document: DocumentNode, variableValues: object = {}): Promise<unknown> => {
    const args = { document, variableValues: { ...variableValues }, contextValue: contextValue() };
    return JSON.parse(JSON.stringify((await engine.execute(args)).data));
  };
  return { reactive, kvetch, live, fresh, contextValue, versions };
}

/** A live query of one subject. */
export function request(world: World, id: string, more: Partial<LiveRequest> = {}): LiveRequest {
  const context = (): object => world.contextValue(more.subject);
  return { document: parse(LISTS), variableValues: { id }, subject: 'ann', context, ...more };
}

const open: AsyncGenerator<ExecutionResult, void, void>[] = [];

export function results(world: World, args: LiveRequest): AsyncGenerator<ExecutionResult, void, void> {
  const given = world.live.execute(args);
  if (!(Symbol.asyncIterator in given)) throw new Error(`It is not live: ${JSON.stringify(given)}`);
  open.push(given);
  return given;
}

/** Ends all live queries. */
export async function endAll(): Promise<void> {
  for (const generator of open.splice(0)) await generator.return();
}

/** `extensions.live` of a payload. */
export interface LiveExtension {
  readonly rev: number;
  readonly base?: number;
  readonly patch?: readonly PatchOperation[];
}

/** What somebody has who applies patches. */
export class Follower {
  data: unknown;
  errors: ExecutionResult['errors'];
  rev = 0;
  payloads = 0;
  patches = 0;
  bytes = 0;
  over: Promise<void> = Promise.resolve();

  take(payload: ExecutionResult): void {
    const text = JSON.stringify(payload);
    const { data, errors, extensions } = JSON.parse(text);
    const { rev, base, patch } = extensions.live as LiveExtension;
    this.payloads++;
    this.bytes += text.length;
    if (patch === undefined) this.data = data;
    else {
      if (base !== this.rev) throw new Error(`The patch is for ${base}, and this is ${this.rev}.`);
      this.patches++;
      this.data = patched(this.data, patch);
    }
    this.errors = errors;
    this.rev = rev;
  }

  static of(payloads: AsyncIterable<ExecutionResult>): Follower {
    const follower = new Follower();
    follower.over = (async () => {
      for await (const payload of payloads) follower.take(payload);
    })();
    return follower;
  }
}

export function equals(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
