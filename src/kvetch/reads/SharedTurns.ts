import { getOrCreate } from '../../utils/getOrCreate.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { KvetchBatching } from '../KvetchBatching.ts';
import type { KvetchStats } from '../KvetchStats.ts';
import type { ReadOptions } from '../shards/ShardStore.ts';
import type { Shards } from '../shards/Shards.ts';
import { SharedTurn } from './SharedTurn.ts';
import { type Sender, type Sent, Turn } from './Turn.ts';

let stores = 0;

/**
 * The turns that requests of one store share. Their keys of the same time go out together where they need
 * equal freshness; each request remembers its own answers only.
 */
export class SharedTurns implements Sender {
  readonly #number = ++stores;
  readonly #turns = new Map<string, SharedTurn>();
  /** One for all, as it counts rounds. */
  readonly #turn: Turn;
  readonly #batching: KvetchBatching;

  constructor(shards: Shards, stats: KvetchStats, batching: KvetchBatching) {
    this.#turn = new Turn(shards, stats);
    this.#batching = batching;
  }

  /** The same text for requests that may share calls. Other stores of this process have other texts. */
  keyOf(fresh: ReadOptions['fresh']): string {
    return `${this.#number} ${fresh === null ? '' : fresh.toString()}`;
  }

  send(sent: Sent, asker: object): void {
    const { fresh, isTracked } = sent.options;
    const key = `${isTracked} ${this.keyOf(fresh)}`;
    // Nothing is kept for requests that nobody waits for.
    const onIdle = (): void => void this.#turns.delete(key);
    getOrCreate(this.#turns, key, () => new SharedTurn(this.#turn, this.#batching, onIdle)).send(sent, asker);
  }

  around<T>(call: () => MaybePromise<T>): MaybePromise<T> {
    return this.#turn.around(call);
  }
}
