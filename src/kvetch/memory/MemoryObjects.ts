import { getOrCreate } from '../../utils/getOrCreate.ts';
import { objectChange } from '../changes/changeKey.ts';
import { ClaimLostError } from '../errors.ts';
import { LIVE, type ObjectRow, TOMBSTONE } from '../shards/rows.ts';
import type {
  BrowseRequest,
  ObjectInsert,
  ObjectReplacement,
  ObjectRewrite,
  ObjectStore,
  ScanPage,
  ScanRequest,
  UnitStamps,
  UnitWrite,
} from '../shards/ShardStore.ts';
import type { MemoryChanges } from './MemoryChanges.ts';
import type { MemoryEdges } from './MemoryEdges.ts';
import type { MemoryEntries } from './MemoryEntries.ts';
import type { MemoryOutbox } from './MemoryOutbox.ts';
import { SortedRows } from './SortedRows.ts';
import { scanRows } from './scanRows.ts';

const none: readonly ObjectRow[] = Object.freeze([]);

/** The objects of one memory store: by id, and the live ones of each type in order of id. */
export class MemoryObjects implements ObjectStore {
  readonly #edges: MemoryEdges;
  readonly #entries: MemoryEntries;
  readonly #outbox: MemoryOutbox;
  readonly #changes: MemoryChanges;
  readonly #byId = new Map<string, ObjectRow>();
  readonly #byType = new Map<number, SortedRows<ObjectRow>>();

  constructor(edges: MemoryEdges, entries: MemoryEntries, outbox: MemoryOutbox, changes: MemoryChanges) {
    this.#edges = edges;
    this.#entries = entries;
    this.#outbox = outbox;
    this.#changes = changes;
  }

  readObjects(ids: readonly string[]): ReadonlyArray<ObjectRow | null> {
    return ids.map((id) => this.#byId.get(id) ?? null);
  }

  /** Whether there are live objects of a type. */
  has(typeId: number): boolean {
    return (this.#byType.get(typeId)?.page(null, 1) ?? none).length > 0;
  }

  browse(requests: readonly BrowseRequest[]): ReadonlyArray<readonly ObjectRow[]> {
    return requests.map(({ typeId, afterId, limit, reverse = false }) => {
      const rows = this.#byType.get(typeId);
      if (rows === undefined) return none;
      if (reverse) return rows.pageBefore(afterId === null ? null : (row) => row.id >= afterId, limit);
      return rows.page(afterId === null ? null : (row) => row.id > afterId, limit);
    });
  }

  scanObjects(request: ScanRequest): ScanPage<ObjectRow> {
    return scanRows(this.#byId.values(), request, (row) => row.id);
  }

  insertObjects(inserts: readonly ObjectInsert[]): ReadonlyArray<ObjectRow | null | Error> {
    return inserts.map(({ row, edges, note, claims = [] }) => {
      const existing = this.#byId.get(row.id);
      if (existing !== undefined) return existing;
      const lost = this.#entries.confirm(claims);
      if (lost !== null) return new ClaimLostError(lost.index);
      this.#set(row);
      this.#edges.putEdges(edges);
      this.#outbox.put(note);
      return null;
    });
  }

  replaceObjects(replacements: readonly ObjectReplacement[]): ReadonlyArray<boolean | Error> {
    return replacements.map((replacement) => this.#replace(replacement));
  }

  rewriteObjects(rewrites: readonly ObjectRewrite[]): ReadonlyArray<ObjectRow | null | Error> {
    return rewrites.map(({ id, rewrite }) => {
      const existing = this.#byId.get(id);
      const replacement = existing?.state === LIVE ? rewrite(existing) : null;
      const replaced = replacement !== null && this.#replace(replacement);
      return replaced === true ? (replacement?.row ?? null) : replaced || null;
    });
  }

  /** Throws where nothing is written. */
  writeUnit({ ids, ends, plan }: UnitWrite): UnitStamps {
    const read = (some: readonly string[]): ReadonlyMap<string, ObjectRow> =>
      new Map(some.flatMap((id) => this.#byId.get(id) ?? []).map((row) => [row.id, row]));
    const { inserts, replacements, claims, edges, entries, note } = plan(read(ids), read(ends));
    const lost = this.#entries.confirm(claims);
    if (lost !== null) throw new ClaimLostError(lost.index);
    for (const row of [...inserts, ...replacements]) this.#set(row);
    this.#outbox.put(note);
    return { edges: this.#edges.putEdges(edges), entries: this.#entries.putEntries(entries) };
  }

  /** Removes the rows that still are the tombstones that were seen, which may have come through a cache as copies. */
  purge(rows: readonly ObjectRow[]): number {
    return rows.filter((row) => this.#purge(row)).length;
  }

  #replace({ row, expectedVersion, notes = [], claims = [] }: ObjectReplacement): boolean | Error {
    const existing = this.#byId.get(row.id);
    if (existing?.version !== expectedVersion || existing.state !== LIVE) return false;
    const lost = this.#entries.confirm(claims);
    if (lost !== null) return new ClaimLostError(lost.index);
    this.#set(row);
    for (const note of notes) this.#outbox.put(note);
    return true;
  }

  #set(row: ObjectRow): void {
    this.#byId.set(row.id, row);
    this.#changes.add(objectChange(row));
    const rows = getOrCreate(this.#byType, row.typeId, () => new SortedRows(compareIds));
    if (row.state === LIVE) rows.put(row);
    else rows.remove(row);
  }

  #purge({ id, version }: ObjectRow): boolean {
    const row = this.#byId.get(id);
    return row?.state === TOMBSTONE && row.version === version && this.#byId.delete(id);
  }
}

function compareIds(a: ObjectRow, b: ObjectRow): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
