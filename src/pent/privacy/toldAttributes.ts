import type { EdgeRef, EdgeType, IndexRef, KvetchSchema } from '../../kvetch/schema/KvetchSchema.ts';

/** The attributes that an entry of a list tells of: by whose list it is in, by its place there, by being there at all. */
export function toldByEdge(schema: KvetchSchema, edge: EdgeRef): readonly string[] {
  return toldByList(schema.edge(edge));
}

export function toldByIndex(schema: KvetchSchema, ref: IndexRef): readonly string[] {
  const { attrs, where, list } = schema.index(ref);
  return list === null ? [...attrs, ...where].map(({ attr }) => attr) : toldByList(list);
}

function toldByList({ storedIdAttr, where, order, source }: EdgeType): readonly string[] {
  const own = storedIdAttr === null ? [] : [storedIdAttr];
  // The data of a plain edge belongs to the edge.
  if (storedIdAttr === null && source === null) return own;
  if (where.length === 0 && order === null && source === null) return own;
  return [...own, ...(source?.attrs ?? []).map(nameOf), ...where.map(nameOf), ...(order ?? []).map(nameOf)];
}

function nameOf({ attr }: { readonly attr: string }): string {
  return attr;
}
