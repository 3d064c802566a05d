import { objectsIn } from '../tracking/objectsIn.ts';
import type { Position } from '../tracking/Place.ts';

/** The ids of the objects at a position that are shown below some objects above, and below no others. */
export function idsOnlyBelow(data: unknown, above: Position, ids: ReadonlySet<string>, at: Position): Set<string> {
  const inside = new Set<string>();
  const outside = new Set<string>();
  const rest = at.slice(above.length + 1);
  for (const object of objectsIn(data, above)) {
    const found = ids.has(String(object.id)) ? inside : outside;
    for (const { id } of objectsIn(object, rest)) found.add(String(id));
  }
  for (const id of outside) inside.delete(id);
  return inside;
}
