import { Failure, fail } from '../../src/step/signals.ts';
import type { Share, Waiting } from '../../src/utils/CallQueue.ts';
import { getOrCreate } from '../../src/utils/getOrCreate.ts';
import { isPromiseLike } from '../../src/utils/isPromiseLike.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import { Copier, ownCopy } from '../../src/utils/ownCopy.ts';
import { SharedAnswer } from '../../src/utils/SharedAnswer.ts';
import type { SharedIterator } from '../../src/utils/SharedIterator.ts';
import { watchPromise } from '../../src/utils/watchPromise.ts';
import { areDistinct, rise } from './LoadCache.ts';
import type { MapKey } from './mapKeys.ts';
import type { RequestInfo } from './RequestInfo.ts';

const ASKER = Symbol('asker');

const ignore = (): void => {};

/**
 * Requests whose keys wait together, until a call with some of these begins (`isClosed`). Mostly one call is for all of them.
 * One promise tells them all of its end, or that there is none for all of them: then their answers come one by one.
 */
export class Gathering {
  requests = 0;
  isClosed = false;
  open: () => void = ignore;
  readonly ready: Promise<void> = new Promise((resolve) => {
    this.open = resolve;
  });
}

/**
 * The keys that one request waits for. It is given the entries of some of its keys in a list that nobody changes any more, or is
 * filled with one entry. Where several calls give entries, `#parts` has those that came.
 */
export class BatchRequest extends SharedAnswer implements Waiting {
  readonly keys: readonly unknown[];
  readonly mapKeys: readonly MapKey[];
  readonly info: RequestInfo;
  readonly gathering: Gathering;
  taken = 0;
  #parts: unknown[] | null = null;
  #came = 0;
  #alone: Promise<readonly unknown[]> | null = null;
  #resolve: ((entries: readonly unknown[]) => void) | null = null;

  constructor(keys: readonly unknown[], mapKeys: readonly MapKey[], info: RequestInfo, gathering: Gathering) {
    super(gathering.ready);
    this.keys = keys;
    this.mapKeys = mapKeys;
    this.info = info;
    this.gathering = gathering;
    gathering.requests++;
  }

  get size(): number {
    return this.keys.length;
  }

  get isOver(): boolean {
    return this.info.isOver;
  }

  get asker(): object {
    return this.info.shared(ASKER, () => ({}));
  }

  // biome-ignore lint/suspicious/noThenProperty: it may be awaited like a promise
  override then<R = readonly unknown[]>(
    onValue?: ((entries: readonly unknown[]) => R | PromiseLike<R>) | null,
  ): Promise<R> {
    this.#alone ??= new Promise((resolve) => {
      this.#resolve = resolve;
      this.#tell();
    });
    return this.#alone.then(onValue);
  }

  #tell(): void {
    if (this.list !== null) this.#resolve?.(this.list.slice(this.from, this.from + this.size));
  }

  give(from: number, to: number, list: readonly unknown[], at: number): void {
    if (to - from === this.size) {
      this.list = list;
      this.from = at;
    } else {
      this.#parts ??= new Array<unknown>(this.size);
      for (let index = from; index < to; index++) {
        const entry = list[at + index - from];
        watchPromise(entry); // other calls may take long
        this.#parts[index] = entry;
      }
      this.#came += to - from;
      if (this.#came < this.size) return;
      this.list = this.#parts;
    }
    this.#tell();
  }

  fill(from: number, to: number, entry: unknown): void {
    this.give(from, to, new Array<unknown>(to - from).fill(entry), 0);
  }
}

export type LoadShare = Share<BatchRequest>;

/** The keys of a call, each once. */
interface JoinedKeys {
  readonly keys: unknown[];
  /** For each key of each share its place among them; null where no key is in two shares. */
  readonly places: readonly number[] | null;
}

export function joinKeys(shares: readonly LoadShare[]): JoinedKeys {
  const all = joined(shares, 'keys');
  const mapKeys = joined(shares, 'mapKeys');
  if (shares.length === 1 || rise(mapKeys, undefined) || areDistinct(mapKeys)) return { keys: all, places: null };
  // Keys with equal map keys are one key.
  const keys: unknown[] = [];
  const known = new Map<MapKey, number>();
  const places = mapKeys.map((mapKey, at) => getOrCreate(known, mapKey, () => keys.push(all[at]) - 1));
  return { keys, places };
}

function joined(shares: readonly LoadShare[], list: 'keys' | 'mapKeys'): unknown[] {
  const all: unknown[] = [];
  for (const { part, from, to } of shares) for (let at = from; at < to; at++) all.push(part[list][at]);
  return all;
}

/** The gathering whose requests have all their keys in a call that begins. Null: these wait for other calls, too. */
export function closeGathering(shares: readonly LoadShare[]): Gathering | null {
  const { gathering } = itemAt(shares, 0).part;
  let isOnly = gathering.requests === shares.length;
  for (const { part, from, to } of shares) {
    part.gathering.isClosed = true;
    if (part.gathering !== gathering || to - from < part.size) isOnly = false;
  }
  if (isOnly) return gathering;
  for (const { part } of shares) part.gathering.open();
  return null;
}

/**
 * Gives each request the entries of its keys, where `joinKeys` put these. Requests write to their rows, so that the second
 * one to ask for a key gets a copy (rule R25).
 */
export function giveShares(
  shares: readonly LoadShare[],
  places: readonly number[] | null,
  result: readonly unknown[],
): void {
  // A list may throw while it is read. Then no request has got anything, and each can be asked for alone.
  const length = shares.reduce((sum, { from, to }) => sum + to - from, 0);
  const entries = new Array<unknown>(length);
  const copies = places === null ? null : copiesOf(result, places);
  for (let at = 0; at < length; at++) {
    const place = places?.[at] ?? at;
    const own = copies?.[place];
    entries[at] = own === undefined ? result[place] : own.pop();
  }
  let at = 0;
  for (const { part, from, to } of shares) {
    part.give(from, to, entries, at);
    at += to - from;
  }
}

/** By place, the entries of keys that several requests ask for, the first one last. */
function copiesOf(result: readonly unknown[], places: readonly number[]): (unknown[] | undefined)[] {
  const counts = new Array<number>(result.length).fill(0);
  for (const place of places) counts[place] = (counts[place] ?? 0) + 1;
  return counts.map((count, place) => (count === 1 ? undefined : entriesOf(result[place], count).reverse()));
}

/** An entry for each of several requests. The first gets the entry itself, but where something in it can be read only once. */
function entriesOf(entry: unknown, count: number): unknown[] {
  if (typeof entry !== 'object' || entry === null) return new Array<unknown>(count).fill(entry);
  const iterators = new Map<object, SharedIterator>();
  const copier = new Copier(false, iterators);
  const own = (): unknown => copyEntry(entry, copier);
  try {
    if (isPromiseLike(entry)) return entriesLater(entry, count);
  } catch (error) {
    return [entry, ...new Array<unknown>(count - 1).fill(fail(error))];
  }
  const copies = Array.from({ length: count - 1 }, own);
  return [iterators.size === 0 ? entry : own(), ...copies];
}

function entriesLater(entry: PromiseLike<unknown>, count: number): unknown[] {
  const all = Promise.resolve(entry).then((row) => entriesOf(row, count));
  return Array.from({ length: count }, (_, at) => {
    const own = all.then((entries) => entries[at]);
    own.catch(ignore); // watched until its request looks at it
    return own;
  });
}

/** A row that cannot be copied, such as a proxy that refuses, is an error of its key. */
function copyEntry(entry: object, copier: Copier): unknown {
  try {
    return ownEntry(entry, copier);
  } catch (error) {
    return fail(error);
  }
}

function ownEntry(entry: unknown, copier: Copier): unknown {
  if (entry instanceof Failure) return fail(ownError(entry.error));
  return entry instanceof Error ? ownError(entry) : copier.copy(entry);
}

/** Formatters write to `extensions` of errors: an error that has some is another one, with others, for each request. */
function ownError(error: unknown): unknown {
  if (!(error instanceof Error) || !('extensions' in error)) return error;
  const properties = Object.getOwnPropertyDescriptors(error);
  const extensions = { value: ownCopy(error.extensions), enumerable: true, configurable: true, writable: true };
  return Object.create(Object.getPrototypeOf(error), { ...properties, extensions });
}
