import { isReservedType } from '../schema/reservedTypes.ts';
import type { ObjectRow } from '../shards/rows.ts';
import type { EdgeKey, EdgePut } from '../shards/ShardStore.ts';

/** The key of an object that changed; none for rows of the store's own. */
export function objectChange({ id, typeId }: Pick<ObjectRow, 'id' | 'typeId'>): readonly string[] {
  return isReservedType(typeId) ? [] : [`o:${id}`];
}

/** The key of a plain edge that changed; none for one that follows from an object, whose change stands for it. */
export function edgeChange({ row, isPlain = false }: Pick<EdgePut, 'row' | 'isPlain'>): readonly string[] {
  return isPlain ? [`e:${row.edgeId}:${row.fromId}:${row.toId}`] : [];
}

/** The id of a changed object, or the key of a changed edge. */
export function parseChange(key: string): string | EdgeKey {
  const [kind, first = '', fromId = '', toId = ''] = key.split(':');
  return kind === 'o' ? first : { edgeId: Number(first), fromId, toId };
}
