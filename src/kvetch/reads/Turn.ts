import { Eventual } from '../../utils/Eventual.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { KvetchStats } from '../KvetchStats.ts';
import { chain, proceed } from '../shards/chain.ts';
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

/** A read, as far as its keys know it. */
interface Asker {
  readonly isOver?: boolean | undefined;
}

/** Keys of one kind on their way to their shards, and the answers once they are there. */
export class Sent<K extends ReadKind = ReadKind> extends Eventual<ReadonlyArray<Entry<ReadRow<K>>>> {
  readonly kind: K;
  keys: ReadKey<K>[] = [];
  /** Whether it has left: until then its keys may be replaced by wider ones. */
  isGone = false;
  /** Whether the request asked before it knew that it needs them. */
  readonly isAhead: boolean;
  readonly options: ReadOptions;
  readonly #asker: Asker | undefined;

  constructor(kind: K, isAhead: boolean, options: ReadOptions, asker: Asker | undefined) {
    super();
    this.kind = kind;
    this.isAhead = isAhead;
    this.options = options;
    this.#asker = asker;
  }

  /** Whether nobody waits any more. */
  get isOver(): boolean {
    return this.#asker?.isOver === true;
  }
}

/** Takes keys to their shards: for one request, or for several together. */
export interface Sender {
  /** `asker` is the request. */
  send(sent: Sent, asker: object): void;
  /** Makes a call that goes to all servers as a part of the round that begins now. */
  around<T>(call: () => MaybePromise<T>): MaybePromise<T>;
}

/** Keys of several kinds that go together, and by place the kind of each. */
interface Mixed {
  readonly keys: readonly unknown[];
  readonly sents: readonly Sent[];
}

/**
 * The keys that one request asks for in a turn of the event loop. They go out at the end of the turn, when no promise
 * has anything left to do: one call a server, whatever their kinds. Counts rounds: waits that each began when the one
 * before had ended.
 */
export class Turn implements Sender {
  readonly #shards: Shards;
  readonly #stats: KvetchStats;
  readonly #waiting: Sent[] = [];
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

  around<T>(call: () => MaybePromise<T>): MaybePromise<T> {
    const round = this.#begin();
    return chain(call(), (answer) => {
      this.#end(round);
      return answer;
    });
  }

  #flush(): void {
    const all = this.#waiting.splice(0);
    if (!all.some(isOver)) return this.sendNow(all);
    const waiting = all.filter((sent) => !sent.isOver);
    for (const sent of all) if (sent.isOver) drop(sent);
    this.sendNow(waiting);
  }

  /** One call a server, whatever their kinds; where calls go out together anyway, one for each kind. */
  sendNow(waiting: readonly Sent[]): void {
    const [only] = waiting;
    if (only === undefined) return;
    const round = this.#begin();
    if (waiting.length > 1 && !(this.#shards.gatherCalls && areOfOwnKinds(waiting)))
      return this.#sendMixed(waiting, round);
    for (const sent of waiting) this.#settle(sent, this.#scatter(sent), round);
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

  /** Several kinds are one scatter of places. */
  #sendMixed(waiting: readonly Sent[], round: number): void {
    const keys: unknown[] = [];
    const sents: Sent[] = [];
    const places: number[] = [];
    for (const sent of waiting) {
      sent.isGone = true;
      for (const key of sent.keys) {
        places.push(keys.push(key) - 1);
        sents.push(sent);
      }
    }
    const mixed: Mixed = { keys, sents };
    const answers = this.#shards.scatter({
      keys: places,
      shardOf: (at) => readKinds[itemAt(sents, at).kind].shardOf(keys[at] as never),
      effect: 'not-applied',
      call: (store, batch) => askTogether(store, batch, mixed),
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
    void proceed(answers, land);
  }

  #settle(sent: Sent, answers: Batch<unknown>, round: number): void {
    const land = (entries: ReadonlyArray<Entry<unknown>>): void => {
      this.#end(round);
      sent.come(entries as never);
    };
    void proceed(answers, land);
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
function askTogether(store: ShardStore, batch: readonly number[], { keys, sents }: Mixed): Batch<unknown> {
  const byKind: { [K in ReadKind]: unknown[] } = { objects: [], pages: [], counts: [], entries: [] };
  const options: { -readonly [K in ReadKind]?: ReadOptions } = {};
  let isTraced = false;
  for (const at of batch) {
    const sent = itemAt(sents, at);
    byKind[sent.kind].push(keys[at]);
    options[sent.kind] ??= sent.options;
    if (sent.options.trace !== null) isTraced = true;
  }
  if (isTraced) tell(store, batch, sents);
  const first = itemAt(sents, itemAt(batch, 0));
  if (byKind[first.kind].length === batch.length) {
    return readKinds[first.kind].call(store, byKind[first.kind] as never, first.options);
  }
  return proceed(store.read(byKind as MixedReads, options), (answers) => {
    const next: Record<ReadKind, number> = { objects: 0, pages: 0, counts: 0, entries: 0 };
    return batch.map((at) => {
      const { kind } = itemAt(sents, at);
      return answers[kind][next[kind]++];
    });
  });
}

/** Reports to each caller how many of its keys went to a store. */
function tell(store: ShardStore, batch: readonly number[], sents: readonly Sent[]): void {
  const counts = new Map<Sent, number>();
  for (const at of batch) counts.set(itemAt(sents, at), (counts.get(itemAt(sents, at)) ?? 0) + 1);
  for (const [{ options }, count] of counts) options.trace?.(`keys at ${store.name}`, count);
}

/** Whether no two are of one kind: those that are go as one. */
function areOfOwnKinds(waiting: readonly Sent[]): boolean {
  for (let at = 1; at < waiting.length; at++) {
    for (let before = 0; before < at; before++) if (waiting[before]?.kind === waiting[at]?.kind) return false;
  }
  return true;
}

function isOver(sent: Sent): boolean {
  return sent.isOver;
}

function drop(sent: Sent): void {
  sent.come(new Array(sent.keys.length).fill(requestIsOver()));
}

/** The answer that nobody waits for. */
export function requestIsOver(): Error {
  return new Error('The request is over.');
}
