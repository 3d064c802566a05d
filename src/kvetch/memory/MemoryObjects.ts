import { getOrCreate } from '../../utils/getOrCreate.ts';
import { LIVE, type ObjectRow } from '../shards/rows.ts';
import type { BrowseRequest, ObjectReplacement } from '../shards/ShardStore.ts';
import { SortedRows } from './SortedRows.ts';

const none: readonly ObjectRow[] = Object.freeze([]);

/** The objects of one memory store: by id, and the live ones of each type in order of id. */
export class MemoryObjects {
  readonly #byId = new Map<string, ObjectRow>();
  readonly #byType = new Map<number, SortedRows<ObjectRow>>();

  read(id: string): ObjectRow | null {
    return this.#byId.get(id) ?? null;
  }

  browse({ typeId, afterId, limit }: BrowseRequest): readonly ObjectRow[] {
    const rows = this.#byType.get(typeId);
    if (rows === undefined) return none;
    return rows.page(afterId === null ? null : (row) => row.id > afterId, limit);
  }

  /** `null` when it was inserted, else the row that has the id. */
  insert(row: ObjectRow): ObjectRow | null {
    const existing = this.#byId.get(row.id);
    if (existing !== undefined) return existing;
    this.#set(row);
    return null;
  }

  replace({ row, expectedVersion }: ObjectReplacement): boolean {
    const existing = this.#byId.get(row.id);
    if (existing?.version !== expectedVersion || existing.state !== LIVE) return false;
    this.#set(row);
    return true;
  }

  remove(row: ObjectRow): void {
    this.#byId.delete(row.id);
  }

  rows(): Iterable<ObjectRow> {
    return this.#byId.values();
  }

  #set(row: ObjectRow): void {
    this.#byId.set(row.id, row);
    const rows = getOrCreate(this.#byType, row.typeId, () => new SortedRows(compareIds));
    if (row.state === LIVE) rows.put(row);
    else rows.remove(row);
  }
}

function compareIds(a: ObjectRow, b: ObjectRow): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
