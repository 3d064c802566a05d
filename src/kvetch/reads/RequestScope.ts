import { errorOf } from '../../errors/errorOf.ts';
import { Eventual } from '../../utils/Eventual.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { KvetchStats } from '../KvetchStats.ts';
import { chainEntries, isPromise, together } from '../shards/chain.ts';
import { isCountOfAll } from '../shards/pageRequests.ts';
import { LIVE, type ObjectRow } from '../shards/rows.ts';
import type { Batch, CountRequest, Entry, ReadKey, ReadKind, ReadOptions, ReadRow } from '../shards/ShardStore.ts';
import { Browsed, type BrowsedWindow, type BrowseWindow } from './Browsed.ts';
import {
  type Known,
  KnownAnswer,
  KnownCounts,
  KnownObjects,
  type KnownWindows,
  knownEntries,
  knownPages,
} from './Known.ts';
import type { ReadExtra } from './KvetchReads.ts';
import { type Sender, Sent } from './Turn.ts';

/** So many objects stay known after a write. Beyond, a request that writes and writes begins anew. */
const MAX_KEPT = 1000;

/** A class, as a request keeps it: V8 may make literals in the old generation, and all that they refer to goes there, too. */
class AllKnown {
  readonly objects: KnownObjects;
  readonly pages: KnownWindows<'pages', number> = knownPages();
  readonly counts: KnownCounts = new KnownCounts();
  readonly entries: KnownWindows<'entries', string> = knownEntries();
  readonly browsed: Browsed = new Browsed();

  constructor(objects: KnownObjects) {
    this.objects = objects;
  }
}

/**
 * The keys that one request has asked the store for, below all its readers: each key goes out once, and the keys
 * of one turn of the event loop go out together.
 */
export class RequestScope {
  readonly #stats: KvetchStats;
  readonly #sender: Sender;
  #known = new AllKnown(new KnownObjects());
  #isBegun = false;

  constructor(sender: Sender, stats: KvetchStats) {
    this.#stats = stats;
    this.#sender = sender;
  }

  /** Called by each part of a request that must read anew. The first one keeps the reads that were made before it. */
  begin(): void {
    if (this.#isBegun) this.forget();
    this.#isBegun = true;
  }

  /** Later reads read anew. */
  forget(): void {
    this.#known = new AllKnown(new KnownObjects());
  }

  /**
   * A write has ended that changed these objects and no others: they are known as it wrote them, and others as they were read.
   * Lists, counts and entries are read anew. Spec 10.1.5.
   */
  settle(rows: readonly ObjectRow[]): void {
    const { objects } = this.#known;
    // what a delete does to children is told by nobody
    if (objects.size + rows.length > MAX_KEPT || rows.some(({ state }) => state !== LIVE)) return this.forget();
    const sent = landed(rows, false);
    for (const [at, row] of rows.entries()) if (!objects.isNewer(row)) objects.add(row.id, new KnownAnswer(sent, at));
    this.#known = new AllKnown(objects);
  }

  ask<K extends ReadKind>(
    kind: K,
    keys: ReadonlyArray<ReadKey<K> | Error>,
    extra: ReadExtra | undefined,
    wanted: ReadOptions,
  ): Batch<ReadRow<K>> {
    const { trace } = wanted;
    const isAhead = extra?.isAhead === true;
    const known = this.#known[kind] as Known<K>;
    const sent = new Sent(kind, isAhead, wanted, extra);
    if (known.begin?.(keys, sent, extra?.isDistinct === true) === true) {
      this.#count(sent, keys.length, trace);
      this.#sender.send(sent, this);
      return sent.value ?? sent;
    }
    const places: (KnownAnswer<K> | Entry<ReadRow<K>>)[] = new Array(keys.length);
    let errors = 0;
    for (let at = 0; at < keys.length; at++) {
      const key = itemAt(keys, at);
      if (key instanceof Error) {
        places[at] = key;
        errors++;
      } else places[at] = this.#findOrAdd(kind, known, key, sent);
    }
    if (isAhead) extra?.asked?.add(places, (place) => this.#use(place));
    this.#count(sent, keys.length - errors, trace);
    if (sent.keys.length > 0) this.#sender.send(sent, this);
    // Mostly nothing was asked for before: then the answers are handed on as they are.
    if (sent.keys.length === keys.length) return sent.value ?? sent;
    return this.#gather(kind, known, keys, places, extra, wanted);
  }

  /** Asks for objects that lists may name, before these lists have come. No read waits for them. */
  guess(lists: ReadonlyArray<readonly string[] | null>, extra: ReadExtra | undefined, wanted: ReadOptions): void {
    const { objects } = this.#known;
    const sent = new Sent('objects', true, { ...wanted, trace: null }, extra);
    for (const list of lists) {
      for (const id of list ?? []) {
        if (objects.find(id) === undefined) objects.add(id, new KnownAnswer(sent, sent.keys.push(id) - 1));
      }
    }
    if (sent.keys.length === 0) return;
    this.#count(sent, sent.keys.length, null);
    this.#sender.send(sent, this);
    extra?.trace?.('keys guessed', sent.keys.length);
  }

  /**
   * Asks for the rows of windows, each once. Their objects are known from then on: servers are browsed as they are now,
   * without caches and replicas.
   */
  browse(
    requests: readonly BrowseWindow[],
    load: (missing: readonly BrowseWindow[]) => Batch<readonly ObjectRow[]>,
  ): Batch<readonly ObjectRow[]> {
    const known = this.#known;
    const { browsed, objects } = known;
    const missing: BrowsedWindow[] = [];
    const windows = requests.map((request) => {
      const found = browsed.find(request);
      if (found !== undefined) return found;
      const window = browsed.add(request);
      missing.push(window);
      return window;
    });
    this.#stats.keysAsked += requests.length;
    this.#stats.requestHits += requests.length - missing.length;
    const land = (answers: ReadonlyArray<Entry<readonly ObjectRow[]>>): void => {
      for (const [at, window] of missing.entries()) {
        const rows = itemAt(answers, at);
        // rows that were asked for before a write may show what it changed as it was
        if (!(rows instanceof Error) && rows.length > 0 && this.#known === known) objects.came(landed(rows, true));
        window.come(rows);
      }
    };
    if (missing.length > 0) {
      const loading = this.#sender.around(() => load(missing.map(({ request }) => request)));
      if (isPromise(loading)) void loading.then(land, (cause: unknown) => land(missing.map(() => errorOf(cause))));
      else land(loading);
    }
    const entries = windows.map((window): MaybePromise<Entry<readonly ObjectRow[]>> => window.value ?? window);
    return together(entries, (found) =>
      found.map((rows, at) => (rows instanceof Error ? rows : rows.slice(0, itemAt(requests, at).limit))),
    );
  }

  #findOrAdd<K extends ReadKind>(
    kind: K,
    known: Known<K>,
    key: ReadKey<K>,
    sent: Sent<K>,
  ): KnownAnswer<K> | Entry<ReadRow<K>> {
    let place = known.find(key);
    if (place !== undefined && answers(place, sent)) {
      if (!sent.isAhead) this.#use(place);
      return place;
    }
    if (kind === 'counts' && !sent.options.isTracked) {
      const counted = key as CountRequest;
      const length = isCountOfAll(counted) ? this.#known.pages.lengthOf(toPage(counted)) : undefined;
      if (length !== undefined) return length;
    }
    place = new KnownAnswer(sent, sent.keys.push(key) - 1);
    known.add(key, place);
    return place;
  }

  #use(place: { isUsed: boolean }): void {
    if (place.isUsed) return;
    place.isUsed = true;
    this.#stats.aheadUsed++;
  }

  #count({ keys, isAhead }: Sent, asked: number, trace: ReadOptions['trace']): void {
    const hits = asked - keys.length;
    this.#stats.keysAsked += asked;
    this.#stats.requestHits += hits;
    if (isAhead) this.#stats.ahead += keys.length;
    if (trace === null) return;
    if (keys.length > 0) {
      trace('rounds', 1);
      trace('keys', keys.length);
    }
    if (hits > 0) trace('keys known in request', hits);
  }

  /** Puts answers together that were asked for at different times. */
  #gather<K extends ReadKind>(
    kind: K,
    known: Known<K>,
    keys: ReadonlyArray<ReadKey<K> | Error>,
    places: ReadonlyArray<KnownAnswer<K> | Entry<ReadRow<K>>>,
    extra: ReadExtra | undefined,
    wanted: ReadOptions,
  ): Batch<ReadRow<K>> {
    const read = (): Batch<ReadRow<K>> => {
      const out = places.map((place, at): Entry<ReadRow<K>> => {
        if (!(place instanceof KnownAnswer)) return place;
        const answer = place.answer as Entry<ReadRow<K>>; // all have come
        return answer instanceof Error ? answer : known.cut(keys[at] as ReadKey<K>, answer);
      });
      return extra?.isAhead === true ? out : this.#askAgain(kind, keys, places, out, extra, wanted);
    };
    const waits: Sent<K>[] = [];
    for (const place of places)
      if (place instanceof KnownAnswer && place.sent.value === undefined && !waits.includes(place.sent))
        waits.push(place.sent);
    const [first] = waits;
    if (first === undefined) return read();
    if (waits.length === 1) return chainEntries(first, places.length, read);
    const all = new Eventual<null>();
    let open = waits.length;
    const land = (): void => {
      if (--open === 0) all.come(null);
    };
    for (const sent of waits) sent.whenThere(land);
    return chainEntries(all, places.length, read);
  }

  /** A read that failed when it was started ahead is repeated when it is needed. */
  #askAgain<K extends ReadKind>(
    kind: K,
    keys: ReadonlyArray<ReadKey<K> | Error>,
    places: ReadonlyArray<KnownAnswer<K> | Entry<ReadRow<K>>>,
    out: Entry<ReadRow<K>>[],
    extra: ReadExtra | undefined,
    wanted: ReadOptions,
  ): Batch<ReadRow<K>> {
    const failed: number[] = [];
    for (let at = 0; at < places.length; at++) {
      const place = places[at];
      if (place instanceof KnownAnswer && place.sent.isAhead && out[at] instanceof Error) failed.push(at);
    }
    if (failed.length === 0) return out;
    const again = this.ask(
      kind,
      failed.map((at) => keys[at] as ReadKey<K>),
      extra,
      wanted,
    );
    return chainEntries(again, out.length, (entries) => {
      for (const [i, at] of failed.entries()) out[at] = itemAt(entries, i);
      return out;
    });
  }
}

/**
 * The failure of a load ahead of its turn was reported to nobody, so it is read again; and an untracked answer may be older than a tracked one.
 */
function answers<K extends ReadKind>({ sent, answer }: KnownAnswer<K>, asking: Sent<K>): boolean {
  if (asking.options.isTracked && !sent.options.isTracked) return false;
  return !(sent.isAhead && !asking.isAhead && answer instanceof Error);
}

/** Rows as if they had been asked for by id. */
function landed(rows: readonly ObjectRow[], isTracked: boolean): Sent<'objects'> {
  const sent = new Sent('objects', false, { fresh: null, isTracked, trace: null }, undefined);
  for (const { id } of rows) sent.keys.push(id);
  sent.isGone = true;
  sent.come(rows);
  return sent;
}

function toPage({ edgeId, fromId }: CountRequest): ReadKey<'pages'> {
  return { edgeId, fromId, afterPos: null, afterId: null, limit: 0 };
}
