import type { GraphQLInterfaceType, GraphQLSchema, GraphQLUnionType } from 'graphql';
import { checkFunctions, checkPlans, configuredTypes, unknownKeys, withHooks } from './configuredTypes.ts';
import type { AbstractConfig, SchemaConfig } from './SchemaConfig.ts';
import type { SchemaProblems } from './SchemaError.ts';

const settings: Readonly<Record<keyof AbstractConfig, true>> = { planType: true, toSpecifier: true, resolveType: true };

/** Hangs on interfaces and unions how the object type behind a value is found. */
export function attachAbstractTypes(schema: GraphQLSchema, config: SchemaConfig, problems: SchemaProblems): void {
  for (const setting of ['interfaces', 'unions'] as const) {
    const types = configuredTypes<GraphQLInterfaceType | GraphQLUnionType, AbstractConfig>(
      schema,
      setting,
      config[setting],
      problems,
    );
    for (const [type, entry] of types) {
      for (const message of unknownKeys(`"${type.name}"`, entry, settings)) problems.add(type.name, message);
      checkFunctions(type.name, entry, Object.keys(settings), problems);
      checkPlans(type.name, entry, ['planType', 'toSpecifier'], problems);
      const { planType, toSpecifier, resolveType } = entry;
      if (toSpecifier !== undefined && planType === undefined) {
        problems.add(type.name, '"toSpecifier" has no use without "planType".');
      }
      type.extensions = withHooks(type.extensions, { planType, toSpecifier });
      if (resolveType !== undefined) type.resolveType = resolveType;
    }
  }
}
