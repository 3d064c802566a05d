import { getOrCreate } from '../../utils/getOrCreate.ts';
import { shardOfId, shardOfValue } from '../ids/routing.ts';
import type { EdgeRow, EntryRow, ObjectRow } from '../shards/rows.ts';
import { TOMBSTONE } from '../shards/rows.ts';
import type { ShardStore } from '../shards/ShardStore.ts';
import type { Shards } from '../shards/Shards.ts';
import { type CleanCounters, newCounters } from './CleanCounters.ts';

/** So many tombstones of a kind and store are remembered: where there are more, the purge looks for them itself. */
const MAX_TOMBSTONES = 20_000;

/** The rows of each kind. */
export interface KindRows {
  objects: ObjectRow;
  edges: EdgeRow;
  entries: EntryRow;
}

export type RowKind = keyof KindRows;
type Tombstones = { [K in RowKind]: KindRows[K][] | null };

/** A derived row that an object asks for, and the next one of the same object. */
export interface Expected {
  /** Of an entry: `ENTRY`, or `CLAIM` where its index is unique. */
  readonly edgeId: number;
  /** The source of an edge, or name and value of an entry. */
  readonly place: string;
  /** Or the key in an ordered list. */
  readonly pos: number | string;
  next: Expected | null;
}

export type ClaimKey = Pick<EntryRow, 'index' | 'value' | 'targetId' | 'shard'>;

/** No edge has these numbers. */
const ENTRY = -1;
const CLAIM = -2;

/** The findings about the objects of one store. */
export interface Survey {
  /** The derived rows that no pass has seen yet, by object. */
  readonly expected: Map<string, Expected>;
  /** Unknown and unreadable objects. */
  readonly counters: CleanCounters;
  /** Where it ended; `null`: behind the last object. */
  end: string | null;
  /** All rows that were not seen have been looked up. */
  isSettled: boolean;
}

/** The objects of a page with the rows that follow from them. */
export interface SurveyedPage {
  readonly asking: ReadonlyArray<{
    readonly id: string;
    readonly edges: readonly EdgeRow[];
    readonly entries: readonly EntryRow[];
    readonly claims: readonly EntryRow[];
  }>;
  readonly counters: CleanCounters;
  readonly end: string | null;
}

/**
 * Facts that the passes of one run share, so that no row is read twice: the derived rows that objects ask for, each
 * until a pass has seen it, and the tombstones that the purge may remove. All of them are about rows older than the
 * grace.
 */
export class Findings {
  readonly #shards: Shards;
  readonly #maxExpected: number;
  readonly #surveys = new Map<ShardStore, Survey>();
  readonly #tombstones = new Map<ShardStore, Tombstones>();
  readonly #complete = new Map<ShardStore, Set<RowKind>>();
  #expected = 0;

  constructor(shards: Shards, maxExpected: number) {
    this.#shards = shards;
    this.#maxExpected = maxExpected;
  }

  get isFull(): boolean {
    return this.#expected >= this.#maxExpected;
  }

  /** Adds a page to the survey of a store. */
  survey(store: ShardStore, { asking, counters, end }: SurveyedPage): void {
    const survey = getOrCreate(this.#surveys, store, newSurvey);
    for (const { id, edges, entries, claims } of asking) {
      let next: Expected | null = null;
      for (const { edgeId, fromId, pos, key } of edges) next = { edgeId, place: fromId, pos: key ?? pos, next };
      for (const entry of entries) next = { edgeId: ENTRY, place: placeOf(entry), pos: 0, next };
      for (const claim of claims) next = { edgeId: CLAIM, place: placeOf(claim), pos: 0, next };
      if (next !== null) survey.expected.set(id, next);
      this.#expected += edges.length + entries.length + claims.length;
    }
    survey.counters.errors += counters.errors;
    survey.counters.unknown += counters.unknown;
    survey.end = end;
  }

  /** `null` where there was none, or it cannot be relied on. */
  surveyOf(store: ShardStore): Survey | null {
    return this.#surveys.get(store) ?? null;
  }

  /** Not every derived row was looked at, so a row that was not seen may still exist. */
  forgetSurveys(): void {
    this.#surveys.clear();
  }

  /** Whether the object of a live edge asks for it, at its position. */
  seesEdge(row: EdgeRow): boolean {
    return this.#sees(row.toId, row.edgeId, row.fromId, row.key ?? row.pos);
  }

  /** Whether the object of a live entry has its value. That an object has a unique value does not say that it holds the claim. */
  seesEntry(row: EntryRow, unique: boolean): boolean {
    return this.#sees(row.targetId, unique ? CLAIM : ENTRY, placeOf(row), 0);
  }

  /** Remembers the tombstones among rows that are last written before a time. */
  note<K extends RowKind>(store: ShardStore, kind: K, rows: ReadonlyArray<KindRows[K]>, untilUs: number): void {
    const noted = getOrCreate(this.#tombstones, store, newTombstones);
    for (const row of rows) {
      if (row.state !== TOMBSTONE || row.updatedUs > untilUs) continue;
      const list: KindRows[K][] | null = noted[kind];
      if (list === null || list.length >= MAX_TOMBSTONES) noted[kind] = null;
      else list.push(row);
    }
  }

  /** Every row of this kind was looked at in this run. */
  sawAll(store: ShardStore, kind: RowKind): void {
    getOrCreate(this.#complete, store, () => new Set()).add(kind);
  }

  /** All that are to go, which the caller may take from the list; `null`: nobody knows. */
  tombstonesOf<K extends RowKind>(store: ShardStore, kind: K): KindRows[K][] | null {
    const isComplete = this.#complete.get(store)?.has(kind) === true;
    return isComplete ? getOrCreate(this.#tombstones, store, newTombstones)[kind] : null;
  }

  /** This runs for every row of the store, so it goes without closures. */
  #sees(id: string, edgeId: number, place: string, pos: number | string): boolean {
    const expected = this.#surveys.get(this.#shards.storeOf(shardOfId(id)))?.expected;
    let before: Expected | null = null;
    for (let row = expected?.get(id) ?? null; row !== null; before = row, row = row.next) {
      if (row.edgeId !== edgeId || row.pos !== pos || row.place !== place) continue;
      if (edgeId === CLAIM) return true;
      if (before !== null) before.next = row.next;
      else if (row.next !== null) expected?.set(id, row.next);
      else expected?.delete(id);
      return true;
    }
    return false;
  }
}

/** The unique values, where an object's other rows were all seen; else `null`. */
export function claimsOf(id: string, expected: Expected): ReadonlyArray<ClaimKey> | null {
  const claims: ClaimKey[] = [];
  for (let row: Expected | null = expected; row !== null; row = row.next) {
    if (row.edgeId !== CLAIM) return null;
    const [index, value] = JSON.parse(row.place) as [string, string];
    claims.push({ index, value, targetId: id, shard: shardOfValue(value) });
  }
  return claims;
}

function newSurvey(): Survey {
  return { expected: new Map(), counters: newCounters(), end: null, isSettled: false };
}

function newTombstones(): Tombstones {
  return { objects: [], edges: [], entries: [] };
}

/** JSON, so that no value can make two entries look alike. */
function placeOf({ index, value }: EntryRow): string {
  return JSON.stringify([index, value]);
}
