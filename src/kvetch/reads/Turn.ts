import { Eventual } from '../../utils/Eventual.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { KvetchStats } from '../KvetchStats.ts';
import { chain, isPromise } from '../shards/chain.ts';
import type {
  Batch,
  Entry,
  MixedReads,
  ReadKey,
  ReadKind,
  ReadOptions,
  ReadRow,
  ShardStore,
} from '../shards/ShardStore.ts';
import type { Shards } from '../shards/Shards.ts';
import { kindOf, readKinds } from './readKinds.ts';

/** Keys of one kind on their way to their shards, and the answers once they are there. */
export class Sent<K extends ReadKind = ReadKind> extends Eventual<ReadonlyArray<Entry<ReadRow<K>>>> {
  readonly kind: K;
  readonly keys: ReadKey<K>[] = [];
  /** Whether it has left: until then its keys may be replaced by wider ones. */
  isGone = false;
  /** Whether the request asked before it knew that it needs them. */
  readonly isAhead: boolean;
  readonly options: ReadOptions;
  /** Whether nobody waits any more. */
  readonly isOver: () => boolean;

  constructor(kind: K, isAhead: boolean, options: ReadOptions, isOver: () => boolean) {
    super();
    this.kind = kind;
    this.isAhead = isAhead;
    this.options = options;
    this.isOver = isOver;
  }
}

/** Takes keys to their shards: for one request, or for several together. */
export interface Sender {
  /** `asker` is the request. */
  send(sent: Sent, asker: object): void;
}

/** One key of a call in which several kinds go together. */
interface Mixed {
  readonly sent: Sent;
  readonly key: unknown;
}

/**
 * What one request asks for in a turn of the event loop. It goes out at the end of the turn, when no promise has
 * anything left to do: one call a server, whatever kinds it has. Counts rounds: waits of which each began when the one
 * before had ended.
 */
export class Turn implements Sender {
  readonly #shards: Shards;
  readonly #stats: KvetchStats;
  #waiting: Sent[] = [];
  /** The longest chain of rounds that ended, and the longest that was counted. */
  #ended = 0;
  #counted = 0;

  constructor(shards: Shards, stats: KvetchStats) {
    this.#shards = shards;
    this.#stats = stats;
  }

  send(sent: Sent): void {
    if (this.#shards.answerAtOnce) return this.#settle(sent, this.#scatter(sent), this.#begin());
    this.#waiting.push(sent);
    if (this.#waiting.length === 1) queueMicrotask(() => process.nextTick(() => this.#flush()));
  }

  #flush(): void {
    const all = this.#waiting;
    this.#waiting = [];
    const waiting = all.filter((sent) => !sent.isOver());
    if (waiting.length < all.length) for (const sent of all) if (sent.isOver()) drop(sent);
    this.sendNow(waiting);
  }

  /** One call a server, whatever kinds there are. */
  sendNow(waiting: readonly Sent[]): void {
    const [only] = waiting;
    if (only === undefined) return;
    const round = this.#begin();
    if (waiting.length === 1) return this.#settle(only, this.#scatter(only), round);
    this.#sendMixed(waiting, round);
  }

  #scatter<K extends ReadKind>(sent: Sent<K>): Batch<ReadRow<K>> {
    sent.isGone = true;
    const { kind, keys, options } = sent;
    const { shardOf, call } = kindOf(kind);
    return this.#shards.scatter({
      keys,
      shardOf,
      effect: 'not-applied',
      call: (store, batch: ReadonlyArray<ReadKey<K>>) => {
        options.trace?.(`keys at ${store.name}`, batch.length);
        return call(store, batch, options);
      },
    });
  }

  /** Several kinds are one scatter, whose keys know what they belong to. */
  #sendMixed(waiting: readonly Sent[], round: number): void {
    const keys: Mixed[] = [];
    for (const sent of waiting) {
      sent.isGone = true;
      for (const key of sent.keys) keys.push({ sent, key });
    }
    const answers = this.#shards.scatter({
      keys,
      shardOf: ({ sent, key }: Mixed) => readKinds[sent.kind].shardOf(key as never),
      effect: 'not-applied',
      call: askTogether,
    });
    const land = (entries: ReadonlyArray<Entry<unknown>>): void => {
      this.#end(round);
      let from = 0;
      for (const sent of waiting) {
        const to = from + sent.keys.length;
        sent.come(entries.slice(from, to) as never);
        from = to;
      }
    };
    if (isPromise(answers)) void answers.then(land);
    else land(answers);
  }

  #settle(sent: Sent, answers: Batch<unknown>, round: number): void {
    const land = (entries: ReadonlyArray<Entry<unknown>>): void => {
      this.#end(round);
      sent.come(entries as never);
    };
    if (isPromise(answers)) void answers.then(land);
    else land(answers);
  }

  #begin(): number {
    const round = this.#ended + 1;
    if (round > this.#counted) {
      this.#counted = round;
      this.#stats.rounds++;
    }
    return round;
  }

  #end(round: number): void {
    if (round > this.#ended) this.#ended = round;
  }
}

/** One call of a store: by the kind's own method where all keys are of one kind. */
function askTogether(store: ShardStore, batch: readonly Mixed[]): Batch<unknown> {
  const byKind: { [K in ReadKind]: unknown[] } = { objects: [], pages: [], counts: [], entries: [] };
  for (const { sent, key } of batch) byKind[sent.kind].push(key);
  const options: { -readonly [K in ReadKind]?: ReadOptions } = {};
  for (const { sent } of batch) options[sent.kind] ??= sent.options;
  const first = itemAt(batch, 0).sent;
  tell(store, batch);
  if (byKind[first.kind].length === batch.length) {
    return readKinds[first.kind].call(store, byKind[first.kind] as never, first.options);
  }
  return chain(store.read(byKind as MixedReads, options), (answers) => {
    const next: Record<ReadKind, number> = { objects: 0, pages: 0, counts: 0, entries: 0 };
    return batch.map(({ sent: { kind } }) => answers[kind][next[kind]++]);
  });
}

/** Says to each asker how many of its keys went to a store. */
function tell(store: ShardStore, batch: readonly Mixed[]): void {
  if (batch.every(({ sent }) => sent.options.trace === null)) return;
  const counts = new Map<Sent, number>();
  for (const { sent } of batch) counts.set(sent, (counts.get(sent) ?? 0) + 1);
  for (const [{ options }, count] of counts) options.trace?.(`keys at ${store.name}`, count);
}

function drop(sent: Sent): void {
  sent.come(new Array(sent.keys.length).fill(requestIsOver()));
}

/** The answer that nobody waits for. */
export function requestIsOver(): Error {
  return new Error('The request is over.');
}
