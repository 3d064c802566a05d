import {
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { ResolverMode } from '../../plan/Plan.ts';
import { fieldDefinition, hasResolver } from '../../schema/fields.ts';
import { abstractTypePlans, fieldPlans } from '../../schema/planResolvers.ts';

/**
 * Tells which selections hold resolvers. Resolvers are told their place in the response (`info.path`), so what holds
 * one is planned once a place; all else is planned once for equal selections on equal steps.
 */
export class PlaceNeeds {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #mode: ResolverMode;
  readonly #known = new Map<SelectionSetNode, Map<string, boolean>>();

  constructor(schema: GraphQLSchema, fragments: ReadonlyMap<string, FragmentDefinitionNode>, mode: ResolverMode) {
    this.#schema = schema;
    this.#fragments = fragments;
    this.#mode = mode;
  }

  of(type: GraphQLNamedType, selectionSet: SelectionSetNode): boolean {
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
    if (isObjectType(type)) return type.isTypeOf !== undefined && type.isTypeOf !== null;
    if (!isAbstractType(type)) return false;
    if (abstractTypePlans(type).planType === undefined && (type.resolveType || this.#mode.type)) return true;
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
      if (fieldPlans(field).plan === undefined && (hasResolver(field) || this.#mode.field || field.args.length > 0))
        return true;
      results.add(getNamedType(field.type));
    }
    return selectionSet !== undefined && [...results].some((result) => this.of(result, selectionSet));
  }
}
