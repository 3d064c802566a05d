import { createHash } from 'node:crypto';
import { BadValueError, quote } from '../errors.ts';
import { parseId } from '../ids/parseId.ts';
import type { EdgePageRequest, EntryPageRequest } from './pageRequests.ts';
import { type EdgeFact, type EntryFact, entriesReflect, listReflects, objectReflects } from './reflectsWrite.ts';
import { type EdgeRow, type EntryRow, LIVE, type ObjectRow, type RowState, TOMBSTONE } from './rows.ts';

/** No more are remembered: the first written is forgotten first. */
const MAX_FACTS = 32;

interface Fact {
  /** The object, list or index value that was written to. */
  readonly place: string;
  /** The row within it. */
  readonly row: string;
  readonly version: number;
  readonly state: RowState;
  readonly pos: number;
  /** The place in an ordered list. */
  readonly key?: string | undefined;
}

/**
 * The recent writes of a user, so that their reads show them whichever process answers, whatever its caches missed:
 * give one to `kvetch.with({ freshness })`, send `toString()` with the answer, and pass it to `ConsistencyToken.parse`
 * at the next request.
 *
 * It holds the last 32 rows that were written: an object by its version, an edge or index entry by version and state.
 * See spec/9-kvetch-cache.md.
 */
export class ConsistencyToken {
  readonly #facts = new Map<string, Fact>();

  /** Throws a `BadValueError` for a text that `toString` did not make. */
  static parse(text: string): ConsistencyToken {
    const freshness = new ConsistencyToken();
    if (text === '') return freshness;
    const facts = text.length > MAX_TEXT ? null : text.split('~').map(parseFact);
    if (facts === null || facts.length > MAX_FACTS || facts.includes(null))
      throw new BadValueError(`The freshness token ${quote(text)} was not made by this store.`);
    for (const fact of facts) if (fact !== null) freshness.#note(fact);
    return freshness;
  }

  /** A short text of letters, digits and `._~-`, at most 7 KB. */
  toString(): string {
    const digits = ({ version, pos, state, key }: Fact): string =>
      `${version.toString(36)}.${pos.toString(36)}.${state === LIVE ? 1 : 0}${key === undefined || key.length > MAX_KEY ? '' : `.k${key}`}`;
    return [...this.#facts.values()].map((fact) => `${fact.place}.${fact.row}.${digits(fact)}`).join('~');
  }

  /** How many rows it holds, at most 32. */
  get size(): number {
    return this.#facts.size;
  }

  /** Remembers a written object. */
  noteObject({ id, version, state }: ObjectRow): void {
    this.#note({ place: 'o', row: id, version, state, pos: 0 });
  }

  /** Remembers a written entry of an edge. */
  noteEdge({ edgeId, fromId, toId, srcVersion, state, pos, key }: EdgeRow): void {
    this.#note({ place: listPlace(edgeId, fromId), row: toId, version: srcVersion, state, pos, key });
  }

  /** Remembers a written entry of an index. */
  noteEntry({ index, value, targetId, srcVersion, state }: EntryRow): void {
    this.#note({ place: entriesPlace(index, value), row: targetId, version: srcVersion, state, pos: 0 });
  }

  /** Whether an answer shows the known write of an object. */
  isShownByObject(id: string, row: ObjectRow | null): boolean {
    const fact = this.#facts.get(`o ${id}`);
    return fact === undefined || objectReflects(row, { id, version: fact.version });
  }

  /** Whether a page of an edge shows the known writes of its entries. */
  isShownByList(request: EdgePageRequest, rows: readonly EdgeRow[]): boolean {
    return this.#unshownEdges(request, rows).length === 0;
  }

  /** Whether an edge of the list was written. A count does not show whether it includes that edge. */
  hasWritten({ edgeId, fromId }: Pick<EdgeRow, 'edgeId' | 'fromId'>): boolean {
    return this.#facts.size > 0 && this.#at(listPlace(edgeId, fromId)).length > 0;
  }

  /** Whether a page of an index shows the known writes of its entries. */
  isShownByEntries(request: EntryPageRequest, rows: readonly EntryRow[]): boolean {
    return this.#unshownEntries(request, rows).length === 0;
  }

  /** Forgets a write that the store itself does not show: a later one has replaced it. */
  settleObject(id: string, row: ObjectRow | null): void {
    if (!this.isShownByObject(id, row)) this.#facts.delete(`o ${id}`);
  }

  /** Forgets the writes that a page of an edge from the store itself does not show. */
  settleList(request: EdgePageRequest, rows: readonly EdgeRow[]): void {
    for (const fact of this.#unshownEdges(request, rows)) this.#facts.delete(keyOf(fact));
  }

  /** Forgets the writes that a page of an index from the store itself does not show. */
  settleEntries(request: EntryPageRequest, rows: readonly EntryRow[]): void {
    for (const fact of this.#unshownEntries(request, rows)) this.#facts.delete(keyOf(fact));
  }

  #note(fact: Fact): void {
    const key = keyOf(fact);
    const before = this.#facts.get(key);
    if (before !== undefined && before.version > fact.version) return;
    this.#facts.delete(key); // a row that is written again is young again
    this.#facts.set(key, fact);
    if (this.#facts.size <= MAX_FACTS) return;
    const [oldest] = this.#facts.keys();
    if (oldest !== undefined) this.#facts.delete(oldest);
  }

  #unshownEdges(request: EdgePageRequest, rows: readonly EdgeRow[]): readonly Fact[] {
    if (this.#facts.size === 0) return [];
    const { edgeId, fromId } = request;
    const toEdge = ({ row, version, state, pos, key }: Fact): EdgeFact => ({
      ...{ edgeId, fromId, toId: row },
      ...{ srcVersion: version, state, pos, ...(key !== undefined && { key }) },
    });
    return this.#at(listPlace(edgeId, fromId)).filter((fact) => !listReflects(request, rows, toEdge(fact)));
  }

  #unshownEntries(request: EntryPageRequest, rows: readonly EntryRow[]): readonly Fact[] {
    if (this.#facts.size === 0) return [];
    const toEntry = ({ row, version, state }: Fact): EntryFact => ({ targetId: row, srcVersion: version, state });
    const place = entriesPlace(request.index, request.value);
    return this.#at(place).filter((fact) => !entriesReflect(request, rows, toEntry(fact)));
  }

  #at(place: string): readonly Fact[] {
    return [...this.#facts.values()].filter((fact) => fact.place === place);
  }
}

const MAX_TEXT = 8192;
/** A longer order key is left out: then pages that do not show its row are read from the store. */
const MAX_KEY = 60;
const factText =
  /^(o|e-\d{1,10}-[0-9a-f-]{36}|x-[a-z][a-z0-9_]{0,40}-[\w-]{22})\.([0-9a-f-]{36})\.([0-9a-z]{1,11})\.([0-9a-z]{1,11})\.([01])(?:\.k([0-9a-f]*))?$/;

function parseFact(text: string): Fact | null {
  const [, place, row, version = '', pos = '', state, key] = factText.exec(text) ?? [];
  if (place === undefined || row === undefined || parseId(row) === null) return null;
  const numbers = [Number.parseInt(version, 36), Number.parseInt(pos, 36)] as const;
  if (!numbers.every(Number.isSafeInteger)) return null;
  return { place, row, version: numbers[0], pos: numbers[1], state: state === '1' ? LIVE : TOMBSTONE, key };
}

function keyOf({ place, row }: Fact): string {
  return `${place} ${row}`;
}

function listPlace(edgeId: number, fromId: string): string {
  return `e-${edgeId}-${fromId}`;
}

/** A value may be long, or nobody's business: its digest is enough to know it again. */
function entriesPlace(index: string, value: string): string {
  return `x-${index}-${createHash('sha256').update(value).digest('base64url').slice(0, 22)}`;
}
