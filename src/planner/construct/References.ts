import type { FieldNode, GraphQLField } from 'graphql';
import type { FieldParams } from '../../schema/steps/resolveInfo.ts';
import type { FieldGroup } from './collectFields.ts';
import { type GuardTable, NEVER } from './GuardTable.ts';
import type { FieldBuild, ObjectContext, PositionContext, ResponsePath } from './OutputTree.ts';

const MAX_SEARCHED = 64;

/** How a plan refers to where it is: field nodes by their number in the document, places of the response by a number of their own. */
export class References {
  /** The places that something refers to. */
  readonly places: ResponsePath[] = [];
  readonly #nodes: readonly FieldNode[];
  #ordinals: ReadonlyMap<FieldNode, number> | null = null;
  readonly #guards: GuardTable;

  constructor(nodes: readonly FieldNode[], guards: GuardTable) {
    this.#nodes = nodes;
    this.#guards = guards;
  }

  ordinal(node: FieldNode): number {
    // A map of a few nodes takes longer to make than to do without.
    if (this.#nodes.length <= MAX_SEARCHED) return this.#nodes.indexOf(node);
    this.#ordinals ??= new Map(this.#nodes.map((known, ordinal) => [known, ordinal]));
    return this.#ordinals.get(node) ?? -1;
  }

  /** The field nodes of a group, each with the guard under which it counts. */
  nodes(group: FieldGroup): FieldBuild['nodes'] {
    const first = group.nodes[0];
    // Kept with the plan, mostly with one entry: no room for more is made.
    if (first !== undefined && group.nodes.length === 1) {
      return [{ node: this.ordinal(first.node), guard: first.guard }];
    }
    const references: { node: number; guard: number }[] = [];
    for (const { node, guard } of group.nodes) {
      const ordinal = this.ordinal(node);
      // Met once more in a deferred fragment: it counts where it was not met before.
      const before = references.find((known) => known.node === ordinal);
      const own = before === undefined ? guard : this.#guards.and(guard, this.#guards.not(before.guard));
      if (own !== NEVER) references.push({ node: ordinal, guard: own });
    }
    return references;
  }

  /** The field's part of its resolver's `info`. */
  ofField(context: ObjectContext, field: GraphQLField<unknown, unknown>, group: FieldGroup): FieldParams {
    return {
      parentType: context.type.name,
      fieldName: field.name,
      nodes: this.nodes(group),
      place: this.#placeId(fieldPlace(context, group)),
    };
  }

  /** The same for resolvers of types: the field whose value they look at. */
  ofPosition({ parentType, fieldName, nodes, fieldPlace: place }: PositionContext): FieldParams {
    return { parentType: parentType.name, fieldName, nodes, place: this.#placeId(place) };
  }

  #placeId(place: ResponsePath): number {
    if (place.id === -1) {
      if (place.parent !== null) this.#placeId(place.parent);
      place.id = this.places.push(place) - 1;
    }
    return place.id;
  }
}

/** The place of a field of an object. */
export function fieldPlace({ place, type, layer }: ObjectContext, { key }: FieldGroup): ResponsePath {
  return { parent: place, key, typename: type.name, $typename: null, layer, id: -1 };
}
