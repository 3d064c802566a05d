/** A server whose mutations tests make without a connection, and pages that share a storage. */
import type { AnyStep } from '../../../src/index.ts';
import { makeSchema } from '../../../src/index.ts';
import { defineKvetchSchema, type Kvetch } from '../../../src/kvetch.ts';
import type { OfflineStorage } from '../../../src/reactive/client/offline/OfflineStorage.ts';
import type { ReactiveClientOptions } from '../../../src/reactive-client.ts';
import { type Offline, type OfflineOptions, offline } from '../../../src/reactive-client-offline.ts';
import { loadObject } from '../../../steps/kvetch/index.ts';
import { openClient, openTodo, type ServerOptions, type TodoServer } from './world.ts';

export interface Memory extends OfflineStorage {
  readonly values: Map<string, string>;
}

/** What survives a reload in tests without a browser. */
export function memory(): Memory {
  const values = new Map<string, string>();
  return {
    values,
    list: async (prefix) => [...values].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1)),
    update: async (key, change) => {
      const value = change(values.get(key));
      if (value === undefined) values.delete(key);
      else values.set(key, value);
    },
  };
}

const kvetchSchema = defineKvetchSchema({ objects: [{ typeId: 1, name: 'List' }] });

/** The mutations that servers have run, the newest last. */
export const ran: string[] = [];

/** The ids of the objects that they have created. */
export const made: Set<string> = new Set();

const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    type Query { list(id: ID!): List }
    type List { id: ID! title: String }
    input Add { title: String! key: String }
    type Mutation {
      add(title: String!, key: String): List addWith(data: Add!): List
      rename(id: ID!, title: String!): List note(loc: String): String refuse: List
    }
  `,
  objects: {
    Query: { plans: { list: (_root, { $id }) => loadObject($id as AnyStep) } },
    Mutation: {
      resolvers: {
        add: (_: unknown, given: Given, { store }: { store: Kvetch }) => add(given, store),
        addWith: (_: unknown, { data }: { data: Given }, { store }: { store: Kvetch }) => add(data, store),
        rename: async (_: unknown, { id, title }: { id: string; title: string }, { store }: { store: Kvetch }) => {
          ran.push(`rename ${title}`);
          await store.updateObject(id, { title });
          return { id, title };
        },
        note: (_: unknown, { loc }: { loc: string }) => {
          ran.push(`note ${loc}`);
          return loc;
        },
        refuse: () => {
          throw new Error('No.');
        },
      },
    },
  },
});

interface Given {
  readonly title: string;
  readonly key: string;
}

async function add({ title, key }: Given, store: Kvetch): Promise<object> {
  ran.push(`add ${title}`);
  const id = await store.createObject('List', { title }, { idempotencyKey: key });
  made.add(id);
  return { id, title };
}

export const LIST = 'query ($id: ID!) { list(id: $id) { id title } }';
export const ADD = 'mutation Add($title: String!, $key: String) { add(title: $title, key: $key) { id title } }';
export const RENAME = 'mutation Rename($id: ID!, $title: String!) { rename(id: $id, title: $title) { id } }';

export interface Page {
  readonly client: ReturnType<typeof openClient>;
  readonly queue: Offline;
  readonly errors: string[];
}

export interface OfflineWorld {
  readonly todo: TodoServer;
  readonly storage: Memory;
  page(own?: Partial<OfflineOptions>, options?: Partial<ReactiveClientOptions>): Page;
}

export async function openOffline(ends: (() => unknown)[], options: ServerOptions = {}): Promise<OfflineWorld> {
  ran.length = 0;
  made.clear();
  const todo = await openTodo({ schema, kvetchSchema, ...options });
  ends.push(() => todo.end());
  const storage = memory();
  return {
    todo,
    storage,
    page(own = {}, given = {}) {
      const errors: string[] = [];
      const queue = offline({ user: 'ann', storage, ...own });
      const client = openClient(todo.port, {
        offline: queue,
        onError: (error) => errors.push(String(error)),
        ...given,
      });
      ends.push(() => client.close());
      return { client, queue, errors };
    },
  };
}
