import { areDistinct } from '../../utils/areDistinct.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import {
  countedPartOf,
  type EdgePageRequest,
  type EntryPageRequest,
  isCountOfAll,
  isSameEntryStart,
  isSameEntryWay,
  isSameStart,
  isSameWay,
} from '../shards/pageRequests.ts';
import type { EdgeRow, EntryRow, ObjectRow } from '../shards/rows.ts';
import type { CountRequest, Entry, ReadKey, ReadKind, ReadRow } from '../shards/ShardStore.ts';
import type { Sent } from './Turn.ts';

/** Where the answer to a key is, or will be. */
export class KnownAnswer<K extends ReadKind = ReadKind> {
  readonly sent: Sent<K>;
  readonly at: number;
  /** Whether a read that needs it has asked for it. */
  isUsed: boolean;

  constructor(sent: Sent<K>, at: number) {
    this.sent = sent;
    this.at = at;
    this.isUsed = !sent.isAhead;
  }

  /** Undefined as long as it has not come. */
  get answer(): Entry<ReadRow<K>> | undefined {
    return this.sent.value?.[this.at];
  }
}

/** The keys of one kind that a request has asked for. */
export interface Known<K extends ReadKind> {
  /** Where nothing is known yet, and no key is there twice, all of them can be sent as they are, and nothing is looked up. */
  begin?(keys: ReadonlyArray<ReadKey<K> | Error>, sent: Sent<K>, isDistinct: boolean): boolean;
  /** Where a key was asked for, itself or as a part of more. */
  find(key: ReadKey<K>): KnownAnswer<K> | undefined;
  add(key: ReadKey<K>, place: KnownAnswer<K>): void;
  /** The answer to a key, from the answer at a place that was found for it. */
  cut(key: ReadKey<K>, row: ReadRow<K>): ReadRow<K>;
}

export class KnownObjects implements Known<'objects'> {
  /** Made when an id is looked for or added. */
  #places: Map<string, KnownAnswer<'objects'>> | null = null;
  /** Ids that were asked for first, or came without being asked for, as long as nobody looks for them: mostly nobody does. */
  #unindexed: Sent<'objects'> | null = null;

  begin(ids: ReadonlyArray<string | Error>, sent: Sent<'objects'>, isDistinct: boolean): boolean {
    if (sent.isAhead || this.#unindexed !== null || this.#places !== null) return false;
    if (!areOwn(ids, isDistinct)) return false;
    sent.keys = [...ids];
    this.#unindexed = sent;
    return true;
  }

  /** Objects came that nobody had asked for by id. */
  came(sent: Sent<'objects'>): void {
    const isFirst = this.#places === null && this.#unindexed === null;
    if (!isFirst) this.#index();
    this.#unindexed = sent;
  }

  find(id: string): KnownAnswer<'objects'> | undefined {
    const isEmpty = this.#places === null && this.#unindexed === null;
    return isEmpty ? undefined : this.#index().get(id);
  }

  add(id: string, place: KnownAnswer<'objects'>): void {
    this.#index().set(id, place);
  }

  get size(): number {
    return (this.#places?.size ?? 0) + (this.#unindexed?.keys.length ?? 0);
  }

  /** Whether a newer row of an object has come: of writes side by side, the last one may end first. */
  isNewer({ id, version }: ObjectRow): boolean {
    const known = this.find(id)?.answer;
    return known !== undefined && known !== null && !(known instanceof Error) && known.version > version;
  }

  #index(): Map<string, KnownAnswer<'objects'>> {
    const places = this.#places ?? new Map<string, KnownAnswer<'objects'>>();
    this.#places = places;
    const sent = this.#unindexed;
    if (sent === null) return places;
    this.#unindexed = null;
    for (const [at, id] of sent.keys.entries()) if (!places.has(id)) places.set(id, new KnownAnswer(sent, at));
    return places;
  }

  cut<T>(_id: string, row: T): T {
    return row;
  }
}

/** Whether none is an error, and none is there twice. */
function areOwn(ids: ReadonlyArray<string | Error>, isDistinct: boolean): ids is readonly string[] {
  return isDistinct ? ids.every(isText) : areDistinct(ids);
}

function isText(id: string | Error): id is string {
  return typeof id === 'string';
}

export class KnownCounts implements Known<'counts'> {
  #edges: Map<number, Map<string, KnownAnswer<'counts'>>> | null = null;

  find(request: CountRequest): KnownAnswer<'counts'> | undefined {
    return this.#edges?.get(request.edgeId)?.get(countedList(request));
  }

  add(request: CountRequest, place: KnownAnswer<'counts'>): void {
    this.#edges ??= new Map();
    getOrCreate(this.#edges, request.edgeId, () => new Map()).set(countedList(request), place);
  }

  cut<T>(_key: CountRequest, row: T): T {
    return row;
  }
}

function countedList(request: CountRequest): string {
  return isCountOfAll(request) ? request.fromId : `${request.fromId} ${countedPartOf(request)}`;
}

type WindowKind = 'pages' | 'entries';

/** The subjects of windows of lists, for each of the two kinds of lists. */
interface WindowTraits<K extends WindowKind, TList> {
  /** Of the list: its edge or index, and whose it is. */
  readonly nameOf: (request: ReadKey<K>) => TList;
  readonly ofOf: (request: ReadKey<K>) => string;
  readonly isSameStart: (one: ReadKey<K>, other: ReadKey<K>) => boolean;
  /** Whether both are read from the beginning, or both from the end. */
  readonly isSameWay: (one: ReadKey<K>, other: ReadKey<K>) => boolean;
  /** Where a window begins in the rows of another: the number of rows before it, or -1. */
  readonly startIn: (request: ReadKey<K>, rows: ReadRow<K>) => number;
}

interface Window<K extends WindowKind> {
  request: ReadKey<K>;
  readonly place: KnownAnswer<K>;
  readonly next: Window<K> | null;
}

/** Windows of lists: one that was read answers each that lies in it. */
export class KnownWindows<K extends WindowKind, TList> implements Known<K> {
  /** Made for the first one that is indexed. */
  #lists: Map<TList, Map<string, Window<K>>> | null = null;
  /** Windows that were asked for first, as long as nobody looks for them: mostly nobody does. */
  #unindexed: Sent<K> | null = null;
  readonly #traits: WindowTraits<K, TList>;

  constructor(traits: WindowTraits<K, TList>) {
    this.#traits = traits;
  }

  begin(requests: ReadonlyArray<ReadKey<K> | Error>, sent: Sent<K>): boolean {
    if (sent.isAhead || this.#unindexed !== null || this.#lists !== null) return false;
    const keys: ReadKey<K>[] = [];
    const subjects: string[] = [];
    for (const request of requests) {
      if (request instanceof Error) return false;
      keys.push(request);
      subjects.push(this.#traits.ofOf(request));
    }
    if (!areDistinct(subjects)) return false;
    sent.keys = keys;
    this.#unindexed = sent;
    return true;
  }

  find(request: ReadKey<K>): KnownAnswer<K> | undefined {
    for (let window = this.#first(request); window !== null; window = window.next) {
      if (this.#answers(window, request) || this.#widen(window, request)) return window.place;
    }
    return undefined;
  }

  /** Of two windows that begin alike and go out together, the longer one is asked for. It must have all that the other has. */
  #widen(window: Window<K>, request: ReadKey<K>): boolean {
    const { sent, at } = window.place;
    const { isSameStart: isIn } = this.#traits;
    if (sent.isGone || !isIn(window.request, request) || !isIn(request, window.request)) return false;
    sent.keys[at] = request;
    window.request = request;
    return true;
  }

  add(request: ReadKey<K>, place: KnownAnswer<K>): void {
    this.#index();
    const name = this.#traits.nameOf(request);
    const of = this.#traits.ofOf(request);
    this.#lists ??= new Map();
    let lists = this.#lists.get(name);
    if (lists === undefined) {
      lists = new Map();
      this.#lists.set(name, lists);
    }
    lists.set(of, { request, place, next: lists.get(of) ?? null });
  }

  cut(request: ReadKey<K>, rows: ReadRow<K>): ReadRow<K> {
    const from = Math.max(0, this.#traits.startIn(request, rows));
    const isWhole = from === 0 && rows.length <= request.limit;
    return isWhole ? rows : rows.slice(from, from + request.limit);
  }

  /** The length of a list that was read from its beginning to its end. */
  lengthOf(request: ReadKey<K>): number | undefined {
    for (let window = this.#first(request); window !== null; window = window.next) {
      const { answer } = window.place;
      const isAll = window.request.afterId === null && !('low' in window.request);
      if (isAll && isWhole(window, answer)) return (answer as ReadRow<K>).length;
    }
    return undefined;
  }

  #index(): void {
    const sent = this.#unindexed;
    if (sent === null) return;
    this.#unindexed = null;
    for (const [at, request] of sent.keys.entries()) this.add(request, new KnownAnswer(sent, at));
  }

  #first(request: ReadKey<K>): Window<K> | null {
    this.#index();
    const { nameOf, ofOf } = this.#traits;
    return this.#lists?.get(nameOf(request))?.get(ofOf(request)) ?? null;
  }

  #answers(window: Window<K>, request: ReadKey<K>): boolean {
    const { answer } = window.place;
    if (this.#traits.isSameStart(window.request, request)) {
      return window.request.limit >= request.limit || isWhole(window, answer);
    }
    if (answer === undefined || answer instanceof Error) return false;
    if (!this.#traits.isSameWay(window.request, request)) return false;
    const from = this.#traits.startIn(request, answer);
    return from > 0 && (isWhole(window, answer) || answer.length - from >= request.limit);
  }
}

/** Whether a window reaches the end of its list. */
function isWhole<K extends WindowKind>({ request }: Window<K>, answer: Entry<ReadRow<K>> | undefined): boolean {
  return answer !== undefined && !(answer instanceof Error) && answer.length < request.limit;
}

const pageTraits: WindowTraits<'pages', number> = {
  nameOf: ({ edgeId }) => edgeId,
  ofOf: ({ fromId }) => fromId,
  isSameStart,
  isSameWay,
  startIn: ({ afterId, afterPos, afterKey }: EdgePageRequest, rows: readonly EdgeRow[]) =>
    afterId === null
      ? -1
      : 1 +
        rows.findIndex(
          ({ toId, pos, key }) => toId === afterId && (afterPos === null || (afterPos === pos && afterKey === key)),
        ),
};

const entryTraits: WindowTraits<'entries', string> = {
  nameOf: ({ index }) => index,
  ofOf: ({ value }) => value,
  isSameStart: isSameEntryStart,
  isSameWay: isSameEntryWay,
  startIn: ({ afterId }: EntryPageRequest, rows: readonly EntryRow[]) =>
    afterId === null ? -1 : 1 + rows.findIndex(({ targetId }) => targetId === afterId),
};

export function knownPages(): KnownWindows<'pages', number> {
  return new KnownWindows(pageTraits);
}

export function knownEntries(): KnownWindows<'entries', string> {
  return new KnownWindows(entryTraits);
}
