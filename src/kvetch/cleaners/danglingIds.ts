import { attributesOf } from '../codec/objectBody.ts';
import { parseId } from '../ids/parseId.ts';
import { readObjectRows } from '../reads/readObjects.ts';
import type { EdgeType, KvetchSchema } from '../schema/KvetchSchema.ts';
import { LIVE, type ObjectRow } from '../shards/rows.ts';
import type { CleanPage } from './runPass.ts';

/** A stored id of an object, and the edge that follows from it. */
interface StoredId {
  readonly edge: EdgeType;
  readonly object: ObjectRow;
  readonly storedId: string;
}

/** Counts and names the stored ids of `mustExist` edges that name no live object of their type. Nothing is changed. */
export async function countDangling(page: CleanPage, rows: readonly ObjectRow[]): Promise<void> {
  const { context, settings, counters } = page;
  const named = rows.flatMap((row) => storedIdsOf(context.schema, row));
  const ids = [...new Set(named.map(({ storedId }) => storedId))];
  const sources = await readObjectRows(context, ids);
  const byId = new Map(ids.map((id, at) => [id, sources[at] ?? null]));
  for (const { edge, object, storedId } of named) {
    const source = byId.get(storedId) ?? null;
    if (source instanceof Error) counters.errors++;
    else if (source === null || source.state !== LIVE || source.typeId !== edge.fromTypeId) {
      counters.danglingIds++;
      settings.onDangling({ edge: edge.name, id: object.id, storedId });
    }
  }
}

function storedIdsOf(schema: KvetchSchema, object: ObjectRow): readonly StoredId[] {
  const edges = schema.findType(object.typeId)?.storedIdEdges.filter(({ mustExist }) => mustExist) ?? [];
  const attributes = edges.length === 0 || object.state !== LIVE ? null : attributesOf(object);
  return edges.flatMap((edge) => {
    const storedId = parseId(attributes?.[edge.storedIdAttr ?? '']);
    return storedId === null ? [] : [{ edge, object, storedId }];
  });
}
