import { type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql';
import { SafeError } from '../../errors/SafeError.ts';
import type { ExecuteExtra } from '../../step/ExecuteExtra.ts';
import type { LinkContext } from '../../step/LinkContext.ts';
import { type ParamShapes, text, texts } from '../../step/paramShapes.ts';
import { type Entry, remake, Step, type StepClass } from '../../step/Step.ts';
import type { StepLoad } from '../../step/StepLoad.ts';
import { exit, fail } from '../../step/signals.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { isRecord } from '../../utils/isRecord.ts';
import { propertiesOf } from '../../utils/propertiesOf.ts';
import { schemaOf } from '../steps/linkedSchema.ts';
import { type KeysReader, keysReader, shortly } from './representationKeys.ts';

/**
 * Represents the name of the object type that a representation stands for. Yields it; a representation of no known type
 * fails in its place. That of an interface is of the type that the interface's own step found: null ends the row.
 */
export class EntityTypeStep extends Step<string> {
  static override readonly op = 'entityType';
  static override readonly paramShapes: ParamShapes = { types: texts, interfaces: texts };
  override readonly isSync = true;
  declare params: { readonly types: readonly string[]; readonly interfaces: readonly string[] };

  constructor($reference: Step, types: readonly string[], interfaces: ReadonlyMap<string, Step>) {
    super();
    this.addDependency($reference);
    for (const $name of interfaces.values()) this.addDependency($name);
    this.params = { types, interfaces: [...interfaces.keys()] };
  }

  override execute(
    count: number,
    [references, ...names]: readonly [readonly unknown[], ...(readonly Entry<string>[])[]],
  ): ReadonlyArray<Entry<string>> {
    const { types, interfaces } = this.params;
    return Array.from({ length: count }, (_, row) => {
      const name = typenameOf(references[row]);
      if (typeof name === 'string') {
        if (types.includes(name)) return name;
        const at = interfaces.indexOf(name);
        if (at >= 0) return names[at]?.[row] ?? exit;
      }
      return fail(
        new SafeError(
          `The _entities resolver tried to load an entity for type ${shortly(name)}, but no entity type of that name was found in the schema.`,
        ),
      );
    });
  }
}

/** Represents a representation where it is of one type, with its keys read. Yields null for others; a malformed one fails. */
export class ReferenceStep extends Step {
  static override readonly op = 'entityReference';
  static override readonly paramShapes: ParamShapes = { type: text, keys: texts };
  override readonly isSync = true;
  declare params: { readonly type: string; readonly keys: readonly string[] };
  declare read: KeysReader | null;

  /** @param keys - the fields of each `@key`; none where nobody knows them. */
  constructor($reference: Step, type: string, keys: readonly string[]) {
    super();
    this.addDependency($reference);
    this.params = { type, keys };
  }

  static override fromParams(params: ReferenceStep['params'], link: LinkContext): Step {
    const step = remake(this, params);
    step.read = params.keys.length === 0 ? null : keysReader(schemaOf(link), params.type, params.keys);
    return step;
  }

  override execute(_count: number, [references]: readonly [readonly unknown[]]): ReadonlyArray<Entry<unknown>> {
    const { read } = this;
    const { type } = this.params;
    return references.map((reference) => {
      if (!isRecord(reference) || reference.__typename !== type) return null;
      if (read === null) return reference;
      const known = read(reference);
      return known instanceof SafeError ? fail(known) : known;
    });
  }
}

/** Represents the first of several values. Yields the first that is not null. */
export class FirstEntityStep extends Step {
  static override readonly op = 'firstEntity';
  static override readonly paramShapes: ParamShapes = {};
  override readonly isSync = true;

  constructor($values: readonly Step[]) {
    super();
    for (const $value of $values) this.addDependency($value);
  }

  override execute(count: number, columns: readonly (readonly unknown[])[]): readonly unknown[] {
    return Array.from({ length: count }, (_, row) => {
      for (const column of columns) if (column[row] != null) return column[row];
      return null;
    });
  }
}

/** What `@apollo/subgraph` hangs on a type. */
type ResolveReference = (reference: object, context: unknown, info: object) => unknown;

/** The `__resolveReference` of a type, where it has one. */
export function resolveReferenceOf(schema: GraphQLSchema, typename: string): ResolveReference | null {
  const type = schema.getType(typename);
  if (!isObjectType(type) && !isInterfaceType(type)) return null;
  const found = propertiesOf(propertiesOf(propertiesOf(type.extensions).apollo).subgraph).resolveReference;
  return typeof found === 'function' ? (...given) => Reflect.apply(found, type, given) : null;
}

/** Represents the result of a type's `__resolveReference`. Yields it, one call a row. */
export class ResolveReferenceStep extends Step {
  static override readonly op = 'resolveReference';
  static override readonly paramShapes: ParamShapes = { type: text };
  declare params: { readonly type: string };
  declare resolve: ResolveReference;
  declare schema: GraphQLSchema;

  /** A resolver: planql does not see what it does. */
  override get load(): StepLoad | null {
    return null;
  }

  constructor($reference: Step, type: string) {
    super();
    this.addDependency($reference);
    this.params = { type };
  }

  static override fromParams(params: ResolveReferenceStep['params'], link: LinkContext): Step {
    const step = remake(this, params);
    step.schema = schemaOf(link);
    const resolve = resolveReferenceOf(step.schema, params.type);
    if (resolve !== null) step.resolve = resolve;
    return step;
  }

  override execute(
    count: number,
    [references]: readonly [readonly unknown[]],
    { context, signal }: ExecuteExtra,
  ): ReadonlyArray<unknown> {
    const { schema, resolve } = this;
    const info = { schema, fieldName: '_entities', parentType: schema.getQueryType(), signal };
    return Array.from({ length: count }, (_, row) => {
      const reference = references[row];
      if (!isRecord(reference)) return null;
      try {
        const found = resolve({ ...reference }, context, info); // it may write to its own
        return isPromiseLike(found) ? found.then((value) => value ?? null, fail) : (found ?? null);
      } catch (error) {
        return fail(error);
      }
    });
  }
}

function typenameOf(reference: unknown): unknown {
  return isRecord(reference) ? reference.__typename : undefined;
}

export const federationSteps: readonly StepClass[] = [
  EntityTypeStep,
  ReferenceStep,
  FirstEntityStep,
  ResolveReferenceStep,
];
