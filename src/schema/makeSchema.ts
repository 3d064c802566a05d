import type { GraphQLSchema } from 'graphql';
import { applyEnumsAndScalars } from './applyEnumsAndScalars.ts';
import { attachAbstractTypes } from './attachAbstractTypes.ts';
import { attachInputObjects } from './attachInputObjects.ts';
import { attachObjects } from './attachObjects.ts';
import { buildTypeDefs } from './buildTypeDefs.ts';
import { checkHiddenItems } from './checkHiddenItems.ts';
import { checkSchema } from './checkSchema.ts';
import { unknownKeys } from './configuredTypes.ts';
import type { SchemaConfig, TypeMap } from './SchemaConfig.ts';
import { SchemaProblems } from './SchemaError.ts';

const knownSettings: Readonly<Record<keyof SchemaConfig, true>> = {
  typeDefs: true,
  objects: true,
  interfaces: true,
  unions: true,
  inputObjects: true,
  enums: true,
  scalars: true,
  assumeValid: true,
};

/**
 * Makes a schema from SDL, with plan resolvers, graphql-js resolvers and the behaviour of its enums, scalars and
 * inputs. The result is an ordinary GraphQLSchema; plans hang on it as `extensions.planql`.
 *
 * ```ts
 * makeSchema({
 *   typeDefs: 'type Query { user(id: ID!): User } type User { name: String! }',
 *   objects: { Query: { plans: { user: (_$root, { $id }) => loadOne($id, userById) } } },
 * });
 * ```
 *
 * `makeSchema<Types>` checks every plan resolver against a `TypeMap`: the step it is given, the arguments it reads,
 * the step it returns, and that type and field exist. Without a map, nothing of this is checked.
 *
 * @throws SchemaError with all mistakes at once. Mistakes in `typeDefs` come first and alone, for nothing can be
 * compared with them until they are right.
 */
// biome-ignore lint/suspicious/noExplicitAny: without a type map, nothing is checked
export function makeSchema<Types extends TypeMap<Types> = any>(config: SchemaConfig<NoInfer<Types>>): GraphQLSchema {
  const settings = config as SchemaConfig;
  const problems = new SchemaProblems();
  const { schema: plain, document } = buildTypeDefs(settings, problems);
  for (const message of unknownKeys('makeSchema', settings, knownSettings)) problems.add(null, message);
  const schema = applyEnumsAndScalars(plain, document, settings, problems);
  attachObjects(schema, settings.objects, problems);
  attachAbstractTypes(schema, settings, problems);
  attachInputObjects(schema, settings.inputObjects, problems);
  checkHiddenItems(schema, problems);
  if (settings.assumeValid !== true) checkSchema(schema, problems);
  problems.throwIfAny();
  return schema;
}
