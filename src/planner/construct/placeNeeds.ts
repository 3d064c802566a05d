import {
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { ResolverMode } from '../../plan/Plan.ts';
import { fieldPlans } from '../../schema/fieldPlans.ts';
import { fieldDefinition, hasResolver } from '../../schema/fields.ts';
import { abstractTypePlans } from '../../schema/planResolvers.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';

/**
 * Tells which selections hold resolvers. Resolvers know their place in the response (`info.path`), so a selection with
 * one is planned once a place; all others are planned once for equal selections on equal steps.
 */
export class PlaceNeeds {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #mode: ResolverMode;
  /** False: the schema has none at all. */
  readonly isEver: boolean;
  readonly #known = new Map<SelectionSetNode, Map<string, boolean>>();

  constructor(schema: GraphQLSchema, fragments: ReadonlyMap<string, FragmentDefinitionNode>, mode: ResolverMode) {
    this.#schema = schema;
    this.#fragments = fragments;
    this.#mode = mode;
    this.isEver = mayHoldResolvers(schema, mode);
  }

  /** Whether a selection on this type holds any, or an object of it is one of several by a resolver. */
  of(type: GraphQLNamedType, selectionSet: SelectionSetNode): boolean {
    if (!this.isEver) return false;
    let byType = this.#known.get(selectionSet);
    if (byType === undefined) {
      byType = new Map();
      this.#known.set(selectionSet, byType);
    }
    const known = byType.get(type.name);
    if (known !== undefined) return known;
    byType.set(type.name, false); // fragments that spread themselves end here
    const needs = this.#typeNeeds(type) || this.#selectionNeeds(type, selectionSet);
    byType.set(type.name, needs);
    return needs;
  }

  #typeNeeds(type: GraphQLNamedType): boolean {
    if (isObjectType(type)) return hasTypeCheck(type);
    if (!isAbstractType(type)) return false;
    if (isTypeResolved(type, this.#mode)) return true;
    return this.#schema.getPossibleTypes(type).some((possible) => this.#typeNeeds(possible));
  }

  #selectionNeeds(type: GraphQLNamedType, { selections }: SelectionSetNode): boolean {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        if (this.#fieldNeeds(type, selection.name.value, selection.selectionSet)) return true;
        continue;
      }
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? this.#fragments.get(selection.name.value) : selection;
      if (fragment === undefined) continue;
      const condition =
        fragment.typeCondition === undefined ? type : this.#schema.getType(fragment.typeCondition.name.value);
      if (condition !== undefined && this.of(condition, fragment.selectionSet)) return true;
    }
    return false;
  }

  #fieldNeeds(type: GraphQLNamedType, fieldName: string, selectionSet: SelectionSetNode | undefined): boolean {
    const objects = isObjectType(type) ? [type] : isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [];
    const results = new Set<GraphQLNamedType>();
    for (const object of objects) {
      const field = fieldDefinition(this.#schema, object, fieldName);
      if (field === undefined || fieldName === '__typename') continue;
      if (isResolved(field, this.#mode)) return true;
      results.add(getNamedType(field.type));
    }
    return selectionSet !== undefined && [...results].some((result) => this.of(result, selectionSet));
  }
}

const known = new WeakMap<GraphQLSchema, Map<string, boolean>>();

/** Whether anything in the schema calls resolvers: where nothing does no selection needs to be looked through. */
function mayHoldResolvers(schema: GraphQLSchema, mode: ResolverMode): boolean {
  const byMode = getOrCreate(known, schema, () => new Map<string, boolean>());
  return getOrCreate(byMode, `${mode.field} ${mode.type}`, () =>
    Object.values(schema.getTypeMap()).some(
      (type) =>
        !type.name.startsWith('__') &&
        ((isAbstractType(type) && isTypeResolved(type, mode)) ||
          (isObjectType(type) &&
            (hasTypeCheck(type) || Object.values(type.getFields()).some((field) => isResolved(field, mode))))),
    ),
  );
}

function hasTypeCheck({ isTypeOf }: GraphQLObjectType): boolean {
  return isTypeOf !== undefined && isTypeOf !== null;
}

function isTypeResolved(type: GraphQLAbstractType, mode: ResolverMode): boolean {
  return abstractTypePlans(type).planType === undefined && (Boolean(type.resolveType) || mode.type);
}

function isResolved(field: GraphQLField<unknown, unknown>, mode: ResolverMode): boolean {
  return fieldPlans(field).plan === undefined && (hasResolver(field) || mode.field || field.args.length > 0);
}
