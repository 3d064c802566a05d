import {
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { PlanqlError } from '../../errors/PlanqlError.ts';
import { get } from '../../step/get.ts';
import type { Step } from '../../step/Step.ts';
import { propertiesOf } from '../../utils/propertiesOf.ts';
import { type AnyStep, abstractTypePlans, type FieldArgs, type TypePlan } from '../planResolvers.ts';
import {
  EntityTypeStep,
  FirstEntityStep,
  ReferenceStep,
  ResolveReferenceStep,
  resolveReferenceOf,
} from './entitySteps.ts';
import { keysReader } from './representationKeys.ts';

/** How the entities of a type are found: from the step of their representations to that of the objects. */
export interface EntityConfig {
  /**
   * Represents the object behind a representation, whose fields are read with `get($ref, 'id')`: those of the keys that it
   * has, and those that `@requires` asked for. All representations of a type are one batch.
   */
  readonly entity: ($reference: AnyStep) => AnyStep;
}

/** By the names of object types and entity interfaces. */
export type Entities = Readonly<Record<string, EntityConfig>>;

/**
 * Plans the entities of a subgraph's schema that has `_entities`, as those of `@apollo/subgraph` and of Pothos have. The
 * plans hang on the schema, which is returned; graphql-js runs it as before. Types without a plan keep their
 * `__resolveReference`, and types with neither are their representations.
 *
 * @throws PlanqlError `NO_ENTITIES` for a schema without `_entities`, `UNKNOWN_ENTITY` for a plan of no entity type.
 */
export function federate(schema: GraphQLSchema, entities: Entities): GraphQLSchema {
  return planEntities(schema, entities, new Map());
}

/** The same where the keys of types are known: those of representations are read as arguments are. */
export function planEntities(schema: GraphQLSchema, entities: Entities, keys: Subgraph['keys']): GraphQLSchema {
  const field = schema.getQueryType()?.getFields()._entities;
  const union = schema.getType('_Entity');
  if (field === undefined || !isUnionType(union)) {
    throw new PlanqlError(
      'NO_ENTITIES',
      'federate() needs a schema with "Query._entities" and "_Entity". Build it with @apollo/subgraph, or use subgraph().',
    );
  }
  const types = union.getTypes();
  for (const name of Object.keys(entities)) {
    const type = schema.getType(name);
    if (types.some((one) => one === type) || isInterfaceType(type)) continue;
    throw new PlanqlError('UNKNOWN_ENTITY', `federate() has a plan for "${name}", which is no entity of the schema.`);
  }
  for (const [name, fields] of keys) keysReader(schema, name, fields); // refuses those that cannot be read
  const planType = ($reference: AnyStep): TypePlan => entityPlan({ schema, types, entities, keys }, $reference);
  hang(field, { plan: (_$root: AnyStep, { $representations }: FieldArgs) => $representations });
  hang(union, { planType });
  return schema;
}

function hang(part: { extensions: object }, hooks: object): void {
  const own = propertiesOf(part.extensions);
  part.extensions = { ...own, planql: { ...propertiesOf(own.planql), ...hooks } };
}

interface Subgraph {
  readonly schema: GraphQLSchema;
  readonly types: readonly GraphQLObjectType[];
  readonly entities: Entities;
  /** By type, the fields of each `@key` by which it is found. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
}

/** The types behind representations, and for each type the step of its objects. */
function entityPlan(subgraph: Subgraph, $reference: Step): TypePlan {
  const { schema, types } = subgraph;
  const interfaces = new Map<GraphQLNamedType, TypePlan & { readonly $object: Step }>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isInterfaceType(type) || !isFound(subgraph, type.name)) continue;
    const $object = entityOf(subgraph, type.name, $reference);
    const plan = abstractTypePlans(type).planType?.($object, { abstractType: type });
    interfaces.set(type, { $__typename: get($object, '__typename'), ...plan, $object });
  }
  const names = new Map([...interfaces].map(([{ name }, { $__typename }]) => [name, $__typename]));
  return {
    $__typename: new EntityTypeStep(
      $reference,
      types.map(({ name }) => name),
      names,
    ),
    planForType(type) {
      const through = isObjectType(type) ? type.getInterfaces().flatMap((one) => interfaces.get(one) ?? []) : [];
      const $own = entityOf(subgraph, type.name, $reference);
      if (through.length === 0) return $own;
      const $others = through.map(({ $object, planForType }) => planForType?.(type) ?? $object);
      return new FirstEntityStep([$own, ...$others]);
    },
  };
}

function isFound({ schema, entities }: Subgraph, name: string): boolean {
  return Object.hasOwn(entities, name) || resolveReferenceOf(schema, name) !== null;
}

function entityOf({ schema, entities, keys }: Subgraph, name: string, $reference: Step): Step {
  const $own = new ReferenceStep($reference, name, keys.get(name) ?? []);
  const config = Object.hasOwn(entities, name) ? entities[name] : undefined;
  if (config !== undefined) return config.entity($own);
  return resolveReferenceOf(schema, name) === null ? $own : new ResolveReferenceStep($own, name);
}
