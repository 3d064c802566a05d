import { type DocumentNode, execute } from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import { ask } from '../ask.ts';
import type { Relation, Store } from '../Workload.ts';
import { type Contender, textOfResult } from './Contender.ts';
import { Loaders, loading } from './loaders.ts';
import { keyOf, type Resolver, resolverSchema } from './resolverSchema.ts';

function naive(relation: Relation): Resolver {
  const key = keyOf(relation);
  return async (source, args, store: Store) => (await ask(store, relation.batch, [key(source, args)]))?.[0];
}

export const graphqlNaive: Contender = {
  name: 'graphql-js',
  title: 'graphql-js, naive resolvers',
  isExact: true,
  prepare(workload, store) {
    const schema = resolverSchema(workload, naive);
    return async (document, variableValues) =>
      textOfResult(await execute({ schema, document, variableValues, contextValue: store }));
  },
};

export const graphqlDataLoader: Contender = {
  name: 'dataloader',
  title: 'graphql-js + DataLoader',
  isExact: true,
  prepare(workload, store) {
    const schema = resolverSchema(workload, loading);
    return async (document, variableValues) =>
      textOfResult(await execute({ schema, document, variableValues, contextValue: new Loaders(store) }));
  },
};

/** With the options that its documentation gives for speed, and `JSON.stringify`: its own serializer was slower here. */
export const graphqlJit: Contender = {
  name: 'jit',
  title: 'graphql-jit + DataLoader',
  isExact: false,
  prepare(workload, store) {
    const schema = resolverSchema(workload, loading);
    const queries = new WeakMap<DocumentNode, CompiledQuery>();
    return async (document, variables) => {
      let query = queries.get(document);
      if (query === undefined) {
        const compiled = compileQuery(schema, document, '', { disablingCapturingStackErrors: true });
        if (!isCompiledQuery(compiled)) throw new Error(`graphql-jit refuses: ${JSON.stringify(compiled)}`);
        query = compiled;
        queries.set(document, query);
      }
      return textOfResult(await query.query(undefined, new Loaders(store), variables));
    };
  },
};
