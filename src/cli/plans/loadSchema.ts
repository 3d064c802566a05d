import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type GraphQLSchema, isSchema } from 'graphql';

/** The schema that a module exports as `schema` or as default. Loading it defines its loaders and named functions. */
export async function loadSchema(path: string): Promise<GraphQLSchema> {
  const module = await load(path);
  const schema = [module.schema, module.default].find(isSchema);
  if (schema === undefined) throw new Error(`${path} exports no GraphQLSchema, neither as "schema" nor as default.`);
  return schema;
}

/** The context of a request: what the module exports as `context`, or what the function returns that it exports so. */
export async function loadContext(path: string): Promise<unknown> {
  const { context } = await load(path);
  return typeof context === 'function' ? context() : context;
}

async function load(path: string): Promise<Readonly<Record<string, unknown>>> {
  return import(pathToFileURL(resolve(path)).href);
}
