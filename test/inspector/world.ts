import { type DocumentNode, type GraphQLSchema, parse } from 'graphql';
import { type AnyStep, createEngine, type Engine, get, makeSchema } from '../../src/index.ts';
import { createInspector, type Inspector, type InspectorOptions } from '../../src/inspector.ts';
import {
  createKvetch,
  defineKvetchSchema,
  type Kvetch,
  type KvetchSchema,
  loadEdges,
  loadObject,
  loadObjects,
  memoryShards,
} from '../../src/kvetch.ts';
import { createReactive, memoryVersions, type Reactive, type VersionStore } from '../../src/reactive.ts';

export const schema: GraphQLSchema = makeSchema({
  typeDefs: /* GraphQL */ `
    type Query { user(id: ID!): User slow(of: Int!): [Int!]! fails(text: String): Int bare: Int }
    type Mutation { rename(id: ID!, name: String!): Int addList(owner: ID!, title: String!): Int }
    type User { id: ID! name: String lists: [List!]! shout: String }
    type List { id: ID! title: String slow: Int }
  `,
  objects: {
    Query: {
      plans: {
        user: (_root, { $id }) => loadObject($id as AnyStep),
        slow: { resolve: (_root, { of }) => Array.from({ length: of }, (_, n) => n) },
        fails: {
          resolve: (_root, { text }) => {
            throw new Error(text);
          },
        },
        bare: { resolve: () => 1 },
      },
    },
    Mutation: {
      plans: {
        rename: {
          resolve: async (_root, { id, name }, { kvetch }) => {
            await kvetch.updateObject(id, { name });
            return 1;
          },
        },
        addList: {
          resolve: async (_root, { owner, title }, { kvetch }) => {
            await kvetch.createObject('List', { owner, title });
            return 1;
          },
        },
      },
    },
    User: {
      plans: {
        lists: ($user) => loadObjects(loadEdges('lists', get($user, 'id') as AnyStep)),
        shout: { resolve: async (user) => `${user.name}!` },
      },
    },
    List: { plans: { slow: { resolve: async () => 1 } } },
  },
});

const kvetchSchema: KvetchSchema = defineKvetchSchema({
  objects: ['User', 'List'].map((name, at) => ({ typeId: at + 1, name })),
  edges: [{ edgeId: 10, name: 'lists', from: 'User', storedOn: 'List', storedIdAttr: 'owner' }],
});

const secrets = [{ id: 'a', secret: 'only these tests know this secret' }];
export const asked: { extensions: { reactive: { v: 1 } } } = { extensions: { reactive: { v: 1 } } };
export const userQuery: DocumentNode = parse('query User($id: ID!) { user(id: $id) { id name lists { id title } } }');
export const renameMutation: DocumentNode = parse(
  'mutation Rename($id: ID!, $name: String!) { rename(id: $id, name: $name) }',
);

/** A server with an inspector. Servers may share a version store and the shards. */
export interface Inspected {
  readonly engine: Engine;
  readonly reactive: Reactive;
  readonly kvetch: Kvetch;
  readonly inspector: Inspector;
  /** The JSON of a path of the inspector. */
  json(path?: string): Promise<Summary>;
  close(): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into all of it
export type Summary = Record<string, any>;

type Options = Partial<Omit<InspectorOptions, 'engine' | 'reactive'>> & {
  readonly versions?: VersionStore;
  readonly shards?: ReturnType<typeof memoryShards>;
};

export function inspected({
  versions = memoryVersions(),
  shards = memoryShards(1),
  ...options
}: Options = {}): Inspected {
  const engine = createEngine({ schema });
  const reactive = createReactive({ engine, versions, secrets }) as Reactive;
  const kvetch = createKvetch({ schema: kvetchSchema, shards, changes: reactive.changes });
  const inspector = createInspector({ engine, reactive, allow: () => true, ...options } as InspectorOptions);
  return {
    ...{ engine, reactive, kvetch, inspector },
    async json(path = '/__inspect.json') {
      const response = await inspector.handle(new Request(`http://localhost${path}`));
      return (await response?.json()) as Summary;
    },
    async close() {
      inspector.close();
      await reactive.close();
      await kvetch.close();
    },
  };
}
