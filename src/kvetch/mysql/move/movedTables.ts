import { edgeColumns, entryColumns, objectColumns } from '../rowMapping.ts';

/** A table whose rows belong to shards, as a move copies it. */
export interface MovedTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** The rest of the index that begins with `shard`. */
  readonly key: readonly string[];
  /** The rest of the index that begins with `updated_us`. */
  readonly scanKey: readonly string[];
}

const columnsOf = (text: string): readonly string[] => text.split(',').map((column) => column.trim());
const edgeKey = ['edge_id', 'from_id', 'to_id'];

export const movedTables: readonly MovedTable[] = [
  { name: 'kvetch_objects', columns: columnsOf(objectColumns), key: ['obj_id'], scanKey: ['obj_id'] },
  { name: 'kvetch_edges', columns: columnsOf(edgeColumns.pos), key: edgeKey, scanKey: edgeKey },
  { name: 'kvetch_ordered', columns: columnsOf(edgeColumns.sort_key), key: edgeKey, scanKey: edgeKey },
  {
    name: 'kvetch_entries',
    columns: columnsOf(`${entryColumns}, slot`),
    key: ['index_name', 'value', 'slot'],
    scanKey: ['index_name', 'target_id', 'value'],
  },
];
