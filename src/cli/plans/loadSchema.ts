import { type GraphQLSchema, isSchema } from 'graphql';
import { importModule } from '../importModule.ts';

/** The schema that a module exports as `schema` or as default. Loading it defines its loaders and named functions. */
export async function loadSchema(path: string): Promise<GraphQLSchema> {
  const module = await importModule(path);
  const schema = [module.schema, module.default].find(isSchema);
  if (schema === undefined) throw new Error(`${path} exports no GraphQLSchema, neither as "schema" nor as default.`);
  return schema;
}

/** The context of a request: the `context` that the module exports, or its result where that is a function. */
export async function loadContext(path: string): Promise<unknown> {
  const { context } = await importModule(path);
  return typeof context === 'function' ? context() : context;
}
