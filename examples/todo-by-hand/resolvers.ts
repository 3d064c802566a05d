/** The same reads as resolvers, one object and one list at a time: what plans save is measured against these. */
import DataLoader from 'dataloader';
import type { GraphQLFieldResolver } from 'graphql';
import type { ObjectConfig } from 'planql';
import type { EdgePage, EdgesRequest, Kvetch, KvetchObject } from 'planql/kvetch';
import { type Context as BaseContext, mutations } from './mutations.ts';
import { storeSchema } from './store.ts';

/** What resolvers read with: the store itself, or DataLoaders before it. */
type Reader = Pick<Kvetch, 'getObject' | 'getEdges'>;

interface Context extends BaseContext {
  readonly reader?: Reader;
}

/** The reads of one request, batched by DataLoader as its authors advise. */
export function dataLoaders(kvetch: Kvetch): Reader {
  const objects = new DataLoader((ids: readonly string[]) => kvetch.getObjects(ids));
  const lists = new DataLoader<EdgesRequest, EdgePage, string>((requests) => kvetch.getEdgeLists(requests), {
    cacheKeyFn: (request) => JSON.stringify(request),
  });
  return {
    getObject: (id) => objects.load(id),
    getEdges: (edge, fromId, page) => lists.load({ ...page, edge, fromId }),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: sources are objects of the store, and payloads
type Resolver = GraphQLFieldResolver<any, Context>;

export const resolvers: Readonly<Record<string, ObjectConfig>> = {
  Query: {
    resolvers: {
      todoUser: byId('TodoUser', (_root, { id }) => id),
      todoUserByUsername: async (_root, { username }, { kvetch, reader = kvetch }) => {
        const { ids } = await kvetch.queryIndex('username', username);
        return ids[0] === undefined ? null : reader.getObject(ids[0]);
      },
      todoUsers: async (_root, page, { kvetch }) => (await kvetch.browse('TodoUser', page)).objects,
      todoList: byId('TodoList', (_root, { id }) => id),
      todoItem: byId('TodoItem', (_root, { id }) => id),
    },
  },
  Mutation: { resolvers: mutations },
  TodoUser: { resolvers: { todoLists: edge('user_to_list_edge') } },
  TodoList: { resolvers: { owner: byId('TodoUser', ({ owner }) => owner), todoItems: edge('list_to_item_edge') } },
  TodoItem: { resolvers: { todoList: byId('TodoList', ({ todoList }) => todoList) } },
  TodoUserPayload: { resolvers: { todoUser: byId('TodoUser', ({ id }) => id) } },
  TodoListPayload: { resolvers: { todoList: byId('TodoList', ({ id }) => id) } },
  TodoItemPayload: { resolvers: { todoItem: byId('TodoItem', ({ id }) => id) } },
};

/** One call for the list, and one for each object in it. */
function edge(name: string): Resolver {
  return async ({ id }: KvetchObject, page, { kvetch, reader = kvetch }) => {
    const { edges } = await reader.getEdges(name, id, page);
    return edges.map(({ toId }) => reader.getObject(toId));
  };
}

function byId(type: string, idOf: (source: KvetchObject, args: { readonly id?: string }) => unknown): Resolver {
  const { typeId } = storeSchema.type(type);
  return async (source, args, { kvetch, reader = kvetch }) => {
    const id = idOf(source, args);
    const object = typeof id === 'string' ? await reader.getObject(id) : null;
    return object?.typeId === typeId ? object : null;
  };
}
