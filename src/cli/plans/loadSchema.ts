import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type GraphQLSchema, isSchema } from 'graphql';

/** The schema that a module exports as `schema` or as default. Loading it defines its loaders and named functions. */
export async function loadSchema(path: string): Promise<GraphQLSchema> {
  const module = (await import(pathToFileURL(resolve(path)).href)) as {
    readonly schema?: unknown;
    readonly default?: unknown;
  };
  const schema = [module.schema, module.default].find(isSchema);
  if (schema === undefined) throw new Error(`${path} exports no GraphQLSchema, neither as "schema" nor as default.`);
  return schema;
}
