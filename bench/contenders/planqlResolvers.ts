import { createEngine } from '../../src/index.ts';
import { type Contender, textOfResult } from './Contender.ts';
import { Loaders, loading } from './loaders.ts';
import { resolverSchema } from './resolverSchema.ts';

/** The schema, resolvers and DataLoaders of `dataloader`, executed by planql: what changing one import gives. */
export const planqlResolvers: Contender = {
  name: 'planql-resolvers',
  title: 'planql, resolvers + DataLoader',
  isExact: true,
  prepare(workload, store) {
    const engine = createEngine({ schema: resolverSchema(workload, loading) });
    return async (document, variableValues) =>
      textOfResult(await engine.execute({ document, variableValues, contextValue: new Loaders(store) }));
  },
};
