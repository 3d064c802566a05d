import DataLoader from 'dataloader';
import { buildSchema, type DocumentNode, execute, type GraphQLObjectType, parse } from 'graphql';
import type { EdgePage, Kvetch, KvetchObject } from '../../../src/kvetch.ts';
import { textOfResult } from '../../contenders/Contender.ts';
import type { Resolver } from '../../contenders/resolverSchema.ts';
import { operations } from '../workloads.ts';
import { openKvetch } from './openKvetch.ts';
import type { ProgramKind } from './Program.ts';
import { typeDefs } from './typeDefs.ts';

/** A request's loaders: one for objects, one for each edge. Pages differ in nothing but their source here. */
class Loaders {
  readonly kvetch: Kvetch;
  readonly objects: DataLoader<string, KvetchObject | null>;
  readonly #pages = new Map<string, DataLoader<string, EdgePage>>();

  constructor(kvetch: Kvetch) {
    this.kvetch = kvetch;
    this.objects = new DataLoader(async (ids) => kvetch.reads.objects(ids));
  }

  pages(edge: string, first: number): DataLoader<string, EdgePage> {
    let loader = this.#pages.get(edge);
    if (loader === undefined) {
      loader = new DataLoader(async (ids) => this.kvetch.reads.edges(ids.map((fromId) => ({ edge, fromId, first }))));
      this.#pages.set(edge, loader);
    }
    return loader;
  }
}

const related = (edge: string): Resolver => {
  return async ({ id }, { first }, loaders: Loaders) => {
    const { edges } = await loaders.pages(edge, first).load(id);
    return loaders.objects.loadMany(edges.map(({ toId }) => toId));
  };
};

const resolvers: Readonly<Record<string, Readonly<Record<string, Resolver>>>> = {
  Query: {
    user: (_root, { id }, loaders: Loaders) => loaders.objects.load(id),
    userByName: async (_root, { username }, { kvetch, objects }: Loaders) => {
      const { ids } = await kvetch.queryIndex('username', username);
      return ids[0] === undefined ? null : objects.load(ids[0]);
    },
    items: (_root, { ids }, loaders: Loaders) => loaders.objects.loadMany(ids),
    pages: (_root, { ids, first }, loaders: Loaders) => loaders.pages('list_to_item', first).loadMany(ids),
  },
  User: { lists: related('user_to_list') },
  List: { items: related('list_to_item') },
};

function makeSchema() {
  const schema = buildSchema(typeDefs);
  for (const [type, fields] of Object.entries(resolvers)) {
    const all = (schema.getType(type) as GraphQLObjectType).getFields();
    for (const [name, resolve] of Object.entries(fields)) Object.assign(all[name] ?? {}, { resolve });
  }
  return schema;
}

const documents = Object.fromEntries(Object.entries(operations).map(([name, text]) => [name, parse(text)]));

/** Resolvers with DataLoader on the same store. */
export const dataLoaderProgram: ProgramKind = {
  name: 'dataloader',
  title: 'graphql-js + DataLoader on Kvetch',
  async open(places, withRedis) {
    const { kvetch, close } = await openKvetch(places, withRedis);
    const schema = makeSchema();
    return {
      async ask(operation, variableValues) {
        const document = documents[operation] as DocumentNode;
        return textOfResult(await execute({ schema, document, variableValues, contextValue: new Loaders(kvetch) }));
      },
      write: async (id, text) => void (await kvetch.updateObject(id, { text })),
      close,
    };
  },
};
