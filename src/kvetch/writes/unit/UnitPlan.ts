import { appendAll } from '../../../utils/appendAll.ts';
import { decodeObject } from '../../codec/objectBody.ts';
import { ConflictError, NotFoundError } from '../../errors.ts';
import { type KvetchContext, seenRow } from '../../KvetchContext.ts';
import type { KvetchObject } from '../../KvetchObject.ts';
import { type EdgeRow, type EntryRow, LIVE, type ObjectRow } from '../../shards/rows.ts';
import type { EdgePut, EntryPut } from '../../shards/ShardStore.ts';
import type { UpdateOptions } from '../changeInTurn.ts';
import { planDelete } from '../deleteObject.ts';
import { deadRows, liveRows } from '../derive.ts';
import type { ObjectPatch } from '../patchBody.ts';
import type { PreparedCreate } from '../prepareCreate.ts';
import { type DerivedRows, entriesKey, listKey, toEdgePut } from '../putDerived.ts';
import { planUpdate } from '../updateObject.ts';
import { isUndone, refusePrepared } from './prepared.ts';

/** What the members of a unit make of the rows that are there: each sees what the members before it have done, but for checks. */
export class UnitPlan {
  readonly edges: EdgePut[] = [];
  readonly entries: EntryPut[] = [];
  readonly claims: EntryRow[] = [];
  readonly keys: Set<string> = new Set();
  readonly #context: KvetchContext;
  readonly #stored: ReadonlyMap<string, ObjectRow>;
  readonly #raised: number;
  readonly #planned = new Map<string, ObjectRow>();

  /**
   * `raised`: by how much the versions of stored rows are higher when the plan comes true.
   * @throws PreparedError about an object that another unit has prepared.
   */
  constructor(context: KvetchContext, stored: ReadonlyMap<string, ObjectRow>, raised: 0 | 1 = 0) {
    this.#context = context;
    this.#stored = stored;
    this.#raised = raised;
    for (const row of stored.values()) refusePrepared(row);
  }

  /** New rows of objects. */
  get inserts(): readonly ObjectRow[] {
    return [...this.#planned.values()].filter(({ id }) => !this.#stored.has(id));
  }

  get replacements(): readonly ObjectRow[] {
    return [...this.#planned.values()].flatMap((row) => {
      const stored = this.#stored.get(row.id);
      if (stored === undefined) return [];
      return isUndone(stored) ? { ...row, version: row.version + stored.version + this.#raised } : row;
    });
  }

  create({ row, rows, claims, keys }: PreparedCreate): KvetchObject {
    if (this.row(row.id) !== null) throw new ConflictError(row.id, `The id "${row.id}" is already used.`);
    this.#put(row, keys, rows);
    appendAll(this.claims, claims.claims);
    return decodeObject(row);
  }

  update(id: string, patch: ObjectPatch, { ifVersion }: UpdateOptions): KvetchObject {
    const current = this.live(id, ifVersion);
    const plan = planUpdate(this.#context, current, patch, !this.#planned.has(id));
    if (plan === null) return decodeObject(current);
    const { row, keys, added, removed, source, pos, claims } = plan;
    this.#put(row, keys, liveRows(added, source, pos));
    this.#add(deadRows(removed, source));
    appendAll(this.claims, claims.claims);
    return decodeObject(row);
  }

  delete(id: string): void {
    const current = this.live(id, undefined);
    const { row, derived, keys } = planDelete(this.#context, current, true, !this.#planned.has(id));
    const { version, updatedUs: nowUs } = row;
    this.#put(row, keys, deadRows(derived, { id, version, nowUs }));
  }

  isLive(id: string): boolean {
    return this.row(id)?.state === LIVE;
  }

  /** The live row of an object, as the plan has it so far. */
  live(id: string, ifVersion: number | undefined): ObjectRow {
    return this.#live(id, this.row(id), ifVersion);
  }

  /** The live row of an object before the unit; of one that the unit creates, the row that it has so far. */
  liveBefore(id: string, ifVersion: number | undefined): ObjectRow {
    return this.#live(id, this.#before(id) ?? this.row(id), ifVersion);
  }

  #live(id: string, row: ObjectRow | null, ifVersion: number | undefined): ObjectRow {
    if (row === null || row.state !== LIVE) throw new NotFoundError(id);
    const version = row.version - this.#raised;
    if (ifVersion !== undefined && version !== ifVersion)
      throw new ConflictError(id, `Object "${id}" has version ${version}, not ${ifVersion}.`);
    return row;
  }

  putEdge(row: EdgeRow): void {
    this.keys.add(listKey(row));
    this.edges.push(toEdgePut(this.#context, row, true));
  }

  putEntry(row: EntryRow): void {
    this.keys.add(entriesKey(row));
    this.entries.push({ row, stamped: true, unique: false });
  }

  /** A row that no schema knows, beside those of objects. */
  keep(row: ObjectRow): void {
    this.#planned.set(row.id, row);
  }

  /** The row of an object as the plan has it so far; `null`: there is none. */
  row(id: string): ObjectRow | null {
    const planned = this.#planned.get(id);
    return planned === undefined ? this.#before(id) : seenRow(this.#context, planned);
  }

  #before(id: string): ObjectRow | null {
    const stored = this.#stored.get(id);
    if (stored === undefined || isUndone(stored)) return null;
    const seen = seenRow(this.#context, stored);
    return this.#raised === 0 ? seen : { ...seen, version: seen.version + this.#raised, record: null };
  }

  #put(row: ObjectRow, keys: readonly string[], rows: DerivedRows): void {
    this.#planned.set(row.id, row);
    for (const key of keys) this.keys.add(key);
    this.#add(rows);
  }

  #add({ edges, entries }: DerivedRows): void {
    for (const row of edges) this.edges.push(toEdgePut(this.#context, row, false));
    for (const row of entries)
      this.entries.push({ row, unique: this.#context.schema.findIndex(row.index)?.unique ?? false });
  }
}
