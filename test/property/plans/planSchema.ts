import type { GraphQLSchema } from 'graphql';
import {
  type AnyStep,
  context,
  type FieldArgs,
  get,
  incrementalTypeDefs,
  type Loader,
  listen,
  loadOne,
  makeSchema,
  type ObjectConfig,
  planNode,
  SafeError,
} from 'planql';
import type { AbstractConfig } from '../../../src/schema/SchemaConfig.ts';
import { kinds } from './kinds/index.ts';
import { inputObjects } from './kinds/inputs.ts';
import { oneLoader } from './loaders.ts';
import type { PlanScope, Recipe } from './Recipe.ts';
import { resolverOf } from './resolverSchema.ts';
import { objectTypes } from './Shape.ts';
import type { FieldSpec, HiddenForm, Spec, TypeForm, TypeSpec } from './Spec.ts';
import { typeDefsOf } from './typeDefs.ts';

/** How often each kind was planned by this process. */
export const planned: Map<string, number> = new Map();

/** The schema with plan resolvers. */
export function planSchemaOf(spec: Spec): GraphQLSchema {
  const $nodeOf = ($key: AnyStep): AnyStep => loadOne($key, oneLoader(spec.nodeForm) as Loader);
  return makeSchema({
    typeDefs: [typeDefsOf(spec), incrementalTypeDefs],
    objects: Object.fromEntries(spec.types.map((type) => [type.name, objectOf(type, spec)])),
    interfaces: {
      Thing: abstractOf(spec.typeForms.Thing),
      Node: { planType: planNode(Object.fromEntries(objectTypes.map((name) => [name, $nodeOf]))) },
    },
    unions: { Either: abstractOf(spec.typeForms.Either) },
    inputObjects,
  });
}

function objectOf({ fields, authorize, hidden }: TypeSpec, spec: Spec): ObjectConfig {
  return {
    plans: Object.fromEntries(
      fields.map((field) => [field.name, field.isResolved ? { resolve: resolverOf(field, spec) } : fieldOf(field)]),
    ),
    ...(authorize === null
      ? null
      : {
          authorize: ($object: AnyStep) => new PlanAt([$object], {} as FieldArgs).plan(authorize),
          hidden: hiddenOf(hidden),
        }),
  } as ObjectConfig;
}

function fieldOf({ recipe, hidden, topic }: FieldSpec): object {
  return {
    plan: ($parent: AnyStep, fieldArgs: FieldArgs) => new PlanAt([$parent], fieldArgs).plan(recipe),
    ...(hidden === null ? null : { hidden: hiddenOf(hidden) }),
    ...(topic === null
      ? null
      : {
          subscribePlan: ($root: AnyStep, fieldArgs: FieldArgs) =>
            listen(get(context() as AnyStep, 'pubsub'), new PlanAt([$root], fieldArgs).plan(topic)),
        }),
  };
}

function hiddenOf(hidden: HiddenForm): 'null' | 'leaveOut' | Error {
  return hidden === 'error' ? new SafeError('It is hidden.') : hidden;
}

function abstractOf(form: TypeForm): AbstractConfig {
  if (form.by === 'kind') return { planType: ($row) => ({ $__typename: get($row as AnyStep, 'kind') }) };
  const $rowOf = ($key: AnyStep): AnyStep => loadOne($key, oneLoader(form.form) as Loader);
  if (form.by === 'kind, loaded') {
    return {
      planType: ($row) => ({
        $__typename: get($row as AnyStep, 'kind'),
        planForType: () => $rowOf(get($row as AnyStep, 'id')),
      }),
    };
  }
  return {
    toSpecifier: ($row) => get($row as AnyStep, 'id'),
    planType: ($key) => ({ $__typename: get($rowOf($key), 'kind'), planForType: () => $rowOf($key) }),
  };
}

class PlanAt implements PlanScope {
  readonly items: readonly AnyStep[];
  readonly fieldArgs: FieldArgs;

  constructor(items: readonly AnyStep[], fieldArgs: FieldArgs) {
    this.items = items;
    this.fieldArgs = fieldArgs;
  }

  readonly plan = (recipe: Recipe): AnyStep => {
    planned.set(recipe.kind, (planned.get(recipe.kind) ?? 0) + 1);
    return kinds[recipe.kind]?.plan(recipe, this) as AnyStep;
  };

  inside($item: AnyStep): PlanScope {
    return new PlanAt([...this.items, $item], this.fieldArgs);
  }
}
