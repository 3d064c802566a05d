/**
 * The writes. A write is called once, so there is nothing to batch, and ordinary resolvers do: they run inside plans.
 * They return the id, and plans read the rest.
 */
import type { GraphQLFieldResolver } from 'graphql';
import { SafeError } from 'planql';
import type { Kvetch } from 'planql/kvetch';
import { storeSchema } from './store.ts';

export interface Context {
  readonly kvetch: Kvetch;
}

type Resolver = GraphQLFieldResolver<unknown, Context>;

export const mutations: Readonly<Record<string, Resolver>> = {
  createTodoUser: create('TodoUser'),
  updateTodoUser: update('TodoUser'),
  deleteTodoUser: remove('TodoUser'),
  createTodoList: create('TodoList'),
  updateTodoList: update('TodoList'),
  deleteTodoList: remove('TodoList'),
  createTodoItem: create('TodoItem'),
  updateTodoItem: update('TodoItem'),
  deleteTodoItem: remove('TodoItem'),
};

function create(type: string): Resolver {
  return async (_root, { data }, { kvetch }) => ({ id: await kvetch.createObject(type, data) });
}

/** An attribute that is absent is kept, `null` clears it, and edges and index follow: a list moves to its new owner. */
function update(type: string): Resolver {
  return async (_root, { id, data }, { kvetch }) => {
    if (!(await isA(type, id, kvetch))) throw new SafeError(`There is no ${type} with the id "${id}".`);
    await kvetch.updateObject(id, data);
    return { id };
  };
}

function remove(type: string): Resolver {
  return async (_root, { id }, { kvetch }) => {
    const isDeleted = (await isA(type, id, kvetch)) && (await kvetch.deleteObject(id));
    return { deletedId: isDeleted ? id : null };
  };
}

async function isA(type: string, id: string, kvetch: Kvetch): Promise<boolean> {
  const object = await kvetch.getObject(id);
  return object?.typeId === storeSchema.type(type).typeId;
}
