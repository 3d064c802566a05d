import type { DocumentNode, FieldDefinitionNode } from 'graphql';
import { type DirectiveUse, directiveUses } from '../model/directiveUse.ts';
import type { GrappleModel } from '../model/Model.ts';
import { rootName, type TypeEntry, type TypeIndex } from '../model/TypeIndex.ts';
import { type TypeShape, typeShape } from '../model/typeShape.ts';
import type { Problems } from '../parse/Problems.ts';

/** The kind of type that a field stands in. */
export type Owner = 'query' | 'mutation' | 'subscription' | 'pent' | 'plain' | 'interface';

/** A field of an object type or interface, with its directives. */
export interface FieldUse {
  /** `User.name` */
  readonly place: string;
  readonly owner: Owner;
  readonly entry: TypeEntry;
  readonly field: FieldDefinitionNode;
  readonly uses: readonly DirectiveUse[];
  readonly shape: TypeShape;
}

/** The input of the checks. */
export interface CheckContext {
  readonly document: DocumentNode;
  readonly types: TypeIndex;
  readonly model: GrappleModel;
  readonly fields: readonly FieldUse[];
  readonly problems: Problems;
}

export function checkContext(
  document: DocumentNode,
  types: TypeIndex,
  model: GrappleModel,
  problems: Problems,
): CheckContext {
  const owners = new Map<string, Owner>([
    [rootName(document, 'query'), 'query'],
    [rootName(document, 'mutation'), 'mutation'],
    [rootName(document, 'subscription'), 'subscription'],
  ]);
  const fields: FieldUse[] = [];
  for (const entry of types.values()) {
    if (entry.kind !== 'object' && entry.kind !== 'interface') continue;
    const isPent = hasDirective(entry, 'pent');
    const own = entry.kind === 'interface' ? 'interface' : isPent ? 'pent' : 'plain';
    const owner = owners.get(entry.name) ?? own;
    for (const field of entry.fields) {
      fields.push({
        place: `${entry.name}.${field.name.value}`,
        owner,
        entry,
        field,
        uses: directiveUses(field.directives, problems),
        shape: typeShape(field.type),
      });
    }
  }
  return { document, types, model, fields, problems };
}

export function hasDirective({ directives }: Pick<TypeEntry, 'directives'>, name: string): boolean {
  return directives.some((node) => node.name.value === name);
}

/** The use of a directive on a field. */
export function useOf({ uses }: FieldUse, ...names: readonly string[]): DirectiveUse | null {
  return uses.find(({ name }) => names.includes(name)) ?? null;
}
