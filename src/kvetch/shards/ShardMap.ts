import { setTimeout as sleep } from 'node:timers/promises';
import { itemAt } from '../../utils/itemAt.ts';
import { ShardMovedError, ShardUnavailableError } from '../errors.ts';
import { LOGICAL_SHARDS } from '../ids/routing.ts';
import { checkRanges, type ShardRange } from './ranges.ts';
import type { ShardSpan, ShardStore } from './ShardStore.ts';

/** The stores, and which shards each of them holds. */
export interface ShardTopology {
  readonly stores: readonly ShardStore[];
  /** `null` while nobody has asked. */
  readonly ranges: readonly ShardRange[] | null;
  /** `null` where shards do not move. */
  readonly loadRanges: (() => Promise<readonly ShardRange[]>) | null;
  /** For how many milliseconds a call is repeated while a shard is between two stores. */
  readonly moveWaitMs: number;
}

const MAX_BACKOFF_MS = 100;
const SUSPECT_MS = 1000;

/** The assumed places of shards. Only the stores know: a call to the wrong one is told, and asks again on a newer map. */
export class ShardMap {
  readonly stores: readonly ShardStore[];
  readonly #loadRanges: ShardTopology['loadRanges'];
  readonly #moveWaitMs: number;
  readonly #nodeOfShard = new Uint16Array(LOGICAL_SHARDS);
  #version = 0;
  #ranges: readonly ShardRange[] | null = null;
  #loading: Promise<boolean> | null = null;
  #suspectedAt = Number.NEGATIVE_INFINITY;

  constructor({ stores, ranges, loadRanges, moveWaitMs }: ShardTopology) {
    this.stores = stores;
    this.#loadRanges = loadRanges;
    this.#moveWaitMs = moveWaitMs;
    if (ranges !== null) this.#set(ranges);
  }

  /** Whether shards stay where they are for as long as the process runs. */
  get isFixed(): boolean {
    return this.#loadRanges === null;
  }

  /** Whether the map was loaded. */
  get isLearnt(): boolean {
    return this.#ranges !== null;
  }

  /** How often the map has changed in this process. */
  get version(): number {
    return this.#version;
  }

  /** The place in `stores` of the one that holds a shard. */
  nodeOf(shard: number): number {
    return itemAt(this.#nodeOfShard, shard);
  }

  /** The stores that hold shards, and which. */
  spans(): ReadonlyMap<ShardStore, readonly ShardSpan[]> {
    const spans = new Map<ShardStore, ShardSpan[]>();
    for (const { store, from, to } of this.#ranges ?? []) spans.set(store, [...(spans.get(store) ?? []), [from, to]]);
    return spans;
  }

  /** The stores that may have rows of these shards. */
  storesOf(from: number, to: number): readonly ShardStore[] {
    if (!this.isFixed) return this.stores;
    const ranges = (this.#ranges ?? []).filter((range) => range.from <= to && range.to >= from);
    return [...new Set(ranges.map(({ store }) => store))];
  }

  /** Learns the map if nobody has: why that was not possible, or `null`. */
  async learn(): Promise<Error | null> {
    if (this.isLearnt) return null;
    try {
      await this.refresh();
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error('The shard map could not be loaded.', { cause: error });
    }
  }

  /** Loads the map again. Returns whether it changed. Parallel calls share one load. */
  refresh(): Promise<boolean> {
    if (this.#loadRanges === null) return Promise.resolve(false);
    this.#loading ??= this.#loadRanges()
      .then((ranges) => this.#set(ranges))
      .finally(() => {
        this.#loading = null;
      });
    return this.#loading;
  }

  /**
   * A store did not answer. It may have given its shards away before, when this process had nothing to ask of it: the
   * next call goes by the reports of the others. Nobody waits for that, and it is done once a second at most.
   */
  suspect(): void {
    const now = performance.now();
    if (now - this.#suspectedAt < SUSPECT_MS) return;
    this.#suspectedAt = now;
    this.refresh().catch(() => {}); // then the map stays as it is, and the calls go on failing with reasons of their own
  }

  /** Repeats calls that met a moved shard on newer and newer maps, until they are done or the time is over. */
  async repeat(isDone: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + this.#moveWaitMs;
    for (let attempt = 0; performance.now() < end; attempt++) {
      // a store that is down does not keep the others from being asked again
      const isNew = await this.refresh().catch(() => false);
      // in the middle of a move nobody has the shard
      if (!isNew) await sleep(Math.min(MAX_BACKOFF_MS, 2 ** attempt) * (0.5 + Math.random()));
      if (await isDone()) return;
    }
  }

  #set(ranges: readonly ShardRange[]): boolean {
    checkRanges(ranges);
    const before = this.#nodeOfShard.slice();
    const isFirst = this.#ranges === null;
    this.#ranges = ranges;
    for (const { from, to, store } of ranges) this.#nodeOfShard.fill(this.stores.indexOf(store), from, to + 1);
    const isNew = isFirst || this.#nodeOfShard.some((node, shard) => node !== before[shard]);
    if (isNew) this.#version++;
    return isNew;
  }
}

/** Nothing was done, as the shard is somewhere else: the call can be made there without harm. */
export function isElsewhere(answer: unknown): boolean {
  return answer instanceof ShardMovedError;
}

/** The store did not do its part. */
export function isUnavailable(answer: unknown): boolean {
  return answer instanceof ShardUnavailableError;
}
