import { AsyncResource } from 'node:async_hooks';
import { errorOf } from '../../errors/errorOf.ts';
import { Eventual } from '../../utils/Eventual.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { Semaphore } from '../../utils/Semaphore.ts';
import type { ConsistencyToken } from '../shards/ConsistencyToken.ts';
import type { Batch, Entry, ReadOptions, ShardStore } from '../shards/ShardStore.ts';
import type { CacheKey, Sign } from './cacheKeys.ts';

/** The value of an entry: anything but a `Miss`, an error and `undefined`. */
export type CachedAnswer = object | number | null;

/** `miss` when something is not there, `uncachable` when no fill would put it there. */
export type Miss = 'miss' | 'uncachable';

/** How one kind of entry is read and filled. */
export interface EntryKind<TRequest, TOut extends CachedAnswer> {
  /** The key; `null` if the request is not cached, or not for a reader that needs data this fresh. */
  keyOf(request: TRequest, fresh: ReadOptions['fresh']): CacheKey | null;
  /** Parses the text under the key. */
  parse(request: TRequest, reply: unknown): TOut | Miss;
  signOf(request: TRequest): Sign;
  /** Whether an answer includes the writes that the reader knows of. */
  isFresh(freshness: ConsistencyToken, request: TRequest, value: TOut): boolean;
  /** Forgets facts that the store itself does not show. */
  settle(freshness: ConsistencyToken, request: TRequest, value: TOut): void;
  /** Asks the store for the same requests. */
  load(store: ShardStore, requests: readonly TRequest[], options: ReadOptions): Batch<TOut>;
  /** The request to the store whose answer fills the entry. */
  toFill(request: TRequest): TRequest;
  /** The answer to a request, out of the answer that fills the entry; `undefined` if it is not in it. */
  answer(request: TRequest, loaded: TOut): TOut | undefined;
  fillArgs(request: TRequest, loaded: TOut): readonly [text: string, ttlMs: number];
}

/** The store that loads go to. */
export interface Origin {
  readonly store: ShardStore;
  /** Limits the loads that happen only because Redis does not answer. */
  readonly gate: Semaphore;
  /** Whether Redis was told of all writes to the store. */
  readonly isTrusted: boolean;
}

/** One batch of requests of one kind, and its answers when all are there. Entries are identified by their index. */
export class Reading<TRequest, TOut extends CachedAnswer> extends Eventual<ReadonlyArray<Entry<TOut>>> {
  readonly requests: readonly TRequest[];
  readonly keys: ReadonlyArray<CacheKey | null>;
  readonly origin: Origin;
  readonly kind: EntryKind<TRequest, TOut>;
  readonly options: ReadOptions;
  readonly out: Entry<TOut>[];
  /** The async context of the reader, in which the store is asked. Replies come in that of the socket. */
  readonly own: AsyncResource = new AsyncResource('planql.reading', { requireManualDestroy: true });

  constructor(requests: readonly TRequest[], kind: EntryKind<TRequest, TOut>, options: ReadOptions, origin: Origin) {
    super();
    const keys: (CacheKey | null)[] = new Array(requests.length);
    for (let at = 0; at < keys.length; at++) keys[at] = kind.keyOf(itemAt(requests, at), options.fresh);
    this.requests = requests;
    this.keys = keys;
    this.kind = kind;
    this.options = options;
    this.origin = origin;
    this.out = new Array(keys.length);
  }

  /** Tracers keep what they know of an async resource until it is destroyed. */
  override come(out: ReadonlyArray<Entry<TOut>>): void {
    super.come(out);
    this.own.emitDestroy();
  }
}

export type AnyReading = Reading<unknown, CachedAnswer>;

/** The keys that Redis did not answer, by their further treatment. */
export interface Found {
  readonly absent: number[];
  readonly useless: number[];
  readonly leasedElsewhere: number[];
  readonly uncachable: number[];
  readonly unanswered: number[];
  readonly uncached: readonly number[];
}

export type Places = readonly number[];

export function nothingFound(): Found {
  return { absent: [], useless: [], leasedElsewhere: [], uncachable: [], unanswered: [], uncached: [] };
}

/**
 * If several requests of a batch need one entry, the first takes its lease. Equal requests wait for that one. Different
 * ones (for a longer page, say) are loaded without a lease: they would only find it taken by their own batch.
 */
export function takeRepeats(
  { requests, keys, kind }: AnyReading,
  absent: number[],
  uncached: number[],
): ReadonlyMap<number, number> {
  const repeats = new Map<number, number>();
  const firsts = new Map<string, number>();
  let count = 0;
  for (const at of absent) {
    const { entry } = keys[at] as CacheKey;
    const first = firsts.get(entry);
    if (first === undefined) {
      firsts.set(entry, at);
      absent[count++] = at;
    } else if (kind.signOf(itemAt(requests, first)) === kind.signOf(itemAt(requests, at))) repeats.set(at, first);
    else uncached.push(at);
  }
  absent.length = count;
  return repeats;
}

/** Every request without an answer fails. */
export function failRest({ out, requests }: AnyReading, cause: unknown): void {
  for (let at = 0; at < requests.length; at++) if (out[at] === undefined) out[at] = errorOf(cause);
}
