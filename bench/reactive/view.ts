import { type DocumentNode, parse } from 'graphql';
import { type AnyStep, createEngine, type Engine, get, lambda, makeSchema } from '../../src/index.ts';
import {
  createKvetch,
  defineKvetchSchema,
  type Kvetch,
  type KvetchCache,
  memoryShards,
  type ShardStore,
} from '../../src/kvetch.ts';
import { createReactive, liveTypeDefs, type Reactive, type VersionStore } from '../../src/reactive.ts';
import { loadEdges, loadObject, loadObjects } from '../../steps/kvetch/index.ts';
import { secrets } from './secrets.ts';

/** A user with lists of items, in memory. */
export interface View {
  readonly engine: Engine;
  readonly kvetch: Kvetch;
  readonly reactive: Reactive;
  readonly document: DocumentNode;
  readonly text: string;
  readonly user: string;
  readonly lists: readonly string[];
  readonly items: readonly string[];
}

const schema = makeSchema({
  typeDefs: [
    liveTypeDefs,
    /* GraphQL */ `
    interface Node { id: ID! }
    type Query { node(id: ID!): Node user(id: ID!): User }
    type User implements Node { id: ID! name: String! lists: [List!]! }
    type List implements Node { id: ID! title: String! items: [Item!]! }
    type Item implements Node { id: ID! text: String! done: Boolean! position: Int! }
  `,
  ],
  objects: {
    Query: {
      plans: {
        node: (_root, { $id }) => loadObject($id as AnyStep),
        user: (_root, { $id }) => loadObject($id as AnyStep),
      },
    },
    User: { plans: { lists: ($user) => loadObjects(loadEdges('lists', get($user, 'id') as AnyStep)) } },
    List: { plans: { items: ($list) => loadObjects(loadEdges('items', get($list, 'id') as AnyStep)) } },
  },
  interfaces: {
    Node: { planType: ($object) => ({ $__typename: lambda(get($object, 'typeId'), typeName) }) },
  },
});

const TYPES = ['User', 'List', 'Item'];

function typeName(typeId: unknown): string | undefined {
  return TYPES[Number(typeId) - 1];
}

const TEXT = 'query ($id: ID!) { user(id: $id) { id name lists { id title items { id text done position } } } }';

/** Where the rows lie. Default: in memory. */
export interface ViewStore {
  readonly shards?: readonly ShardStore[];
  readonly cache?: KvetchCache;
  /** Whether Kvetch records what is read, where somebody asks. Default true. */
  readonly isTracked?: boolean;
}

/** `lists` lists of `items` items each. */
export async function openView(
  versions: VersionStore,
  lists: number,
  items: number,
  { shards = memoryShards(4), cache, isTracked = true }: ViewStore = {},
): Promise<View> {
  const engine = createEngine({ schema });
  const reactive = createReactive({ engine, versions, secrets });
  const kvetch = createKvetch({
    schema: defineKvetchSchema({
      objects: TYPES.map((name, at) => ({ typeId: at + 1, name })),
      edges: [
        { edgeId: 10, name: 'lists', from: 'User', storedOn: 'List', storedIdAttr: 'owner' },
        { edgeId: 11, name: 'items', from: 'List', storedOn: 'Item', storedIdAttr: 'list' },
      ],
    }),
    shards,
    ...(cache !== undefined && { cache }),
    ...(isTracked && { changes: reactive.changes }),
  });
  const user = await kvetch.createObject('User', { name: 'Ann' });
  const ids: string[] = [];
  const itemIds: string[] = [];
  for (let list = 0; list < lists; list++) {
    const id = await kvetch.createObject('List', { owner: user, title: `List ${list}` });
    ids.push(id);
    for (let position = 0; position < items; position++) {
      const item = await kvetch.createObject('Item', {
        list: id,
        text: `Item ${position} of ${list}`,
        done: false,
        position,
      });
      itemIds.push(item);
    }
  }
  const view = { engine, kvetch, document: parse(TEXT), text: TEXT, user, lists: ids, items: itemIds };
  return { ...view, reactive: reactive as Reactive };
}
