import { attributesOf } from '../../codec/objectBody.ts';
import { HasChildrenError } from '../../errors.ts';
import { parseId } from '../../ids/parseId.ts';
import type { KvetchContext } from '../../KvetchContext.ts';
import type { EndRow } from '../../shards/ShardStore.ts';
import { checkEnd } from '../checkEnds.ts';
import { isChild } from '../children.ts';
import type { PreparedMember } from './prepareMember.ts';
import type { UnitPlan } from './UnitPlan.ts';
import { named, naming } from './unitErrors.ts';

/**
 * An edge may lead to an object that a later member creates, and to none that the unit deletes. `rowOf`: the row of an
 * object as the unit leaves it; `undefined` where the object was looked for before.
 */
export function checkOwnEnds(
  context: KvetchContext,
  members: readonly PreparedMember[],
  rowOf: (id: string) => EndRow | null | undefined,
): void {
  for (const [at, member] of members.entries()) {
    const { place = '', ends = [] } = member.ends ?? {};
    naming(at, () => {
      for (const end of ends) {
        const row = rowOf(end.id);
        if (row !== undefined) checkEnd(context, place, end, row);
      }
    });
  }
}

/** No object may be deleted that one of the unit's names, as the unit leaves it, by an edge that refuses that. */
export function checkOwnChildren(
  { schema }: KvetchContext,
  members: readonly PreparedMember[],
  planOf: (id: string) => UnitPlan,
): void {
  const places = new Map(members.flatMap(({ id, deletes }, at) => (id === null || deletes !== true ? [] : [[id, at]])));
  if (places.size === 0) return;
  for (const { id } of members) {
    const row = id === null ? null : planOf(id).row(id);
    if (row === null) continue;
    for (const edge of schema.findType(row.typeId)?.storedIdEdges ?? []) {
      if (edge.onDelete !== 'refuse') continue;
      const parentId = parseId(attributesOf(row)?.[edge.storedIdAttr ?? '']);
      const at = parentId === null ? undefined : places.get(parentId);
      if (parentId === null || at === undefined || planOf(parentId).isLive(parentId)) continue;
      if (isChild(edge, row, parentId)) throw named(at, new HasChildrenError(parentId, edge.name));
    }
  }
}
