import { CallQueue, type Share, type Waiting } from '../../utils/CallQueue.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { KvetchBatching } from '../KvetchBatching.ts';
import type { Entry, ReadKind, ReadOptions } from '../shards/ShardStore.ts';
import { requestIsOver, type Sender, Sent, type Turn } from './Turn.ts';

/** Keys of one read, and their answers as they come. */
class PendingBatch implements Waiting {
  readonly sent: Sent;
  readonly asker: object;
  readonly size: number;
  taken = 0;
  readonly #entries: Entry<unknown>[];
  #missing: number;

  constructor(sent: Sent, asker: object) {
    this.sent = sent;
    this.asker = asker;
    this.size = sent.keys.length;
    this.#entries = new Array(this.size);
    this.#missing = this.size;
  }

  get isOver(): boolean {
    return this.sent.isOver;
  }

  give(at: number, entry: Entry<unknown>): void {
    this.#entries[at] = entry;
    if (--this.#missing === 0) this.sent.come(this.#entries as never);
  }
}

type SentShare = Share<PendingBatch>;

/** Keys of one kind that go out together, each once. */
class Joint {
  readonly sent: Sent;
  readonly #shares: SentShare[] = [];
  readonly #places: number[] = [];
  readonly #known = new Map<unknown, number>();
  readonly #traces = new Set<NonNullable<ReadOptions['trace']>>();

  constructor(first: Sent) {
    const trace = (name: string, count: number): void => this.trace(name, count);
    this.sent = new Sent(first.kind, false, { ...first.options, trace }, undefined);
  }

  add(share: SentShare): void {
    const { sent } = share.part;
    for (let at = share.from; at < share.to; at++) this.#places.push(this.#placeOf(itemAt(sent.keys, at)));
    this.#shares.push(share);
    if (sent.options.trace !== null) this.#traces.add(sent.options.trace);
  }

  #placeOf(key: unknown): number {
    const text = typeof key === 'string' ? key : JSON.stringify(key);
    let place = this.#known.get(text);
    if (place === undefined) {
      place = this.sent.keys.push(key as never) - 1;
      this.#known.set(text, place);
    }
    return place;
  }

  trace(name: string, count: number): void {
    for (const trace of this.#traces) trace(name, count);
  }

  /** Gives each request its part of the answers. */
  land(entries: ReadonlyArray<Entry<unknown>>): void {
    let next = 0;
    for (const { part, from, to } of this.#shares) {
      for (let at = from; at < to; at++) part.give(at, entries[itemAt(this.#places, next++)]);
    }
  }
}

/** The keys that requests with shared calls ask for at the same time (spec/7-batching-between-requests.md). */
export class SharedTurn extends CallQueue<PendingBatch> implements Pick<Sender, 'send'> {
  readonly #turn: Turn;
  readonly #batching: KvetchBatching;

  constructor(turn: Turn, batching: KvetchBatching, onIdle: () => void) {
    super(onIdle);
    this.#turn = turn;
    this.#batching = batching;
  }

  send(sent: Sent, asker: object): void {
    this.add(new PendingBatch(sent, asker), this.#batching);
  }

  protected override drop({ part, from, to }: SentShare): void {
    for (let at = from; at < to; at++) part.give(at, requestIsOver());
  }

  protected override begin(shares: readonly SentShare[]): void {
    const joints = new Map<ReadKind, Joint>();
    const askers = new Set<object>();
    for (const share of shares) {
      const { sent, asker } = share.part;
      askers.add(asker);
      sent.isGone = true;
      getOrCreate(joints, sent.kind, () => new Joint(sent)).add(share);
    }
    this.#run([...joints.values()], askers.size);
  }

  #run(joints: readonly Joint[], requests: number): void {
    for (const joint of joints) joint.trace('requests in call', requests);
    this.#turn.sendNow(joints.map(({ sent }) => sent));
    let open = joints.length;
    for (const joint of joints) {
      joint.sent.whenThere((entries) => {
        // First: keys that wait go out before those that the answers lead to.
        if (--open === 0) this.ended();
        joint.land(entries);
      });
    }
  }
}
