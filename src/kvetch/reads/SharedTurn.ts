import { fairSizes } from '../../utils/fairSizes.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { KvetchBatching } from '../KvetchBatching.ts';
import type { Entry, ReadKind, ReadOptions } from '../shards/ShardStore.ts';
import { requestIsOver, type Sender, Sent, type Turn } from './Turn.ts';

/** Keys of one read, and their answers as they come. */
interface PendingBatch {
  readonly sent: Sent;
  readonly entries: Entry<unknown>[];
  missing: number;
}

interface Wanted {
  readonly part: PendingBatch;
  readonly at: number;
}

/** By request. */
type Queue = Map<object, Wanted[]>;

/** Keys of one kind that go out together, each once. */
class Joint {
  readonly sent: Sent;
  readonly #wanted: Wanted[] = [];
  readonly #places: number[] = [];
  readonly #known = new Map<unknown, number>();
  readonly #traces = new Set<NonNullable<ReadOptions['trace']>>();

  constructor(first: Sent) {
    const trace = (name: string, count: number): void => this.trace(name, count);
    this.sent = new Sent(first.kind, false, { ...first.options, trace }, () => false);
  }

  add(wanted: Wanted): void {
    const { sent } = wanted.part;
    const key = sent.keys[wanted.at];
    const text = typeof key === 'string' ? key : JSON.stringify(key);
    let place = this.#known.get(text);
    if (place === undefined) {
      place = this.sent.keys.push(key as never) - 1;
      this.#known.set(text, place);
    }
    this.#wanted.push(wanted);
    this.#places.push(place);
    if (sent.options.trace !== null) this.#traces.add(sent.options.trace);
  }

  trace(name: string, count: number): void {
    for (const trace of this.#traces) trace(name, count);
  }

  /** Gives each request its part of the answers. */
  land(entries: ReadonlyArray<Entry<unknown>>): void {
    for (let n = 0; n < this.#wanted.length; n++) {
      give(itemAt(this.#wanted, n), entries[itemAt(this.#places, n)]);
    }
  }
}

/**
 * The keys that requests with shared calls ask for at the same time. They go out when the window closes or enough keys
 * wait, in calls whose room is divided fairly between requests (spec/7-batching-between-requests.md).
 */
export class SharedTurn implements Pick<Sender, 'send'> {
  readonly #turn: Turn;
  readonly #maxWaitMs: number;
  readonly #maxSize: number;
  readonly #maxCalls: number;
  readonly #onIdle: () => void;
  /** The keys that wait for their window to close, and those that wait for a call after that. */
  #gathering: Queue = new Map();
  #gathered = 0;
  readonly #due: Queue = new Map();
  #running = 0;
  #isCalling = false;
  #cancelTimer: (() => void) | null = null;

  constructor(turn: Turn, { maxWaitMs = 0, maxSize = 1000, maxCalls = Infinity }: KvetchBatching, onIdle: () => void) {
    this.#turn = turn;
    this.#maxWaitMs = maxWaitMs;
    this.#maxSize = maxSize;
    this.#maxCalls = maxCalls;
    this.#onIdle = onIdle;
  }

  send(sent: Sent, asker: object): void {
    const { length } = sent.keys;
    const part: PendingBatch = { sent, entries: new Array(length), missing: length };
    const wanted = getOrCreate(this.#gathering, asker, (): Wanted[] => []);
    for (let at = 0; at < length; at++) wanted.push({ part, at });
    this.#gathered += length;
    if (this.#gathered >= this.#maxSize) this.#close();
    else this.#cancelTimer ??= startTimer(this.#maxWaitMs, () => this.#close());
  }

  #close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    for (const [asker, wanted] of this.#gathering) {
      const due = this.#due.get(asker);
      this.#due.set(asker, due === undefined ? wanted : due.concat(wanted));
    }
    this.#gathering = new Map();
    this.#gathered = 0;
    this.#call();
  }

  /** Stores may answer within their call: then this loop makes the next one. */
  #call(): void {
    if (this.#isCalling) return;
    this.#isCalling = true;
    this.#dropOver();
    while (this.#running < this.#maxCalls && this.#due.size > 0) this.#callNext();
    this.#isCalling = false;
    if (this.#running === 0 && this.#gathered === 0) this.#onIdle();
  }

  /** Drops keys of requests that are over: they are not sent (rule R15). */
  #dropOver(): void {
    for (const [asker, all] of this.#due) {
      if (!all.some(({ part }) => part.sent.isOver())) continue;
      const open = all.filter((wanted) => {
        if (!wanted.part.sent.isOver()) return true;
        give(wanted, requestIsOver());
        return false;
      });
      this.#keep(asker, open);
    }
  }

  #callNext(): void {
    const askers = [...this.#due];
    const sizes = fairSizes(
      askers.map(([, all]) => all.length),
      this.#maxSize,
    );
    const joints = new Map<ReadKind, Joint>();
    let requests = 0;
    for (const [index, [asker, all]] of askers.entries()) {
      const size = itemAt(sizes, index);
      if (size === 0) continue;
      requests++;
      for (const wanted of all.slice(0, size)) {
        const { sent } = wanted.part;
        sent.isGone = true;
        getOrCreate(joints, sent.kind, () => new Joint(sent)).add(wanted);
      }
      this.#keep(asker, all.slice(size));
    }
    this.#run([...joints.values()], requests);
  }

  #keep(asker: object, all: Wanted[]): void {
    if (all.length === 0) this.#due.delete(asker);
    else this.#due.set(asker, all);
  }

  #run(joints: readonly Joint[], requests: number): void {
    this.#running++;
    for (const joint of joints) joint.trace('requests in call', requests);
    this.#turn.sendNow(joints.map(({ sent }) => sent));
    let open = joints.length;
    for (const joint of joints) {
      joint.sent.whenThere((entries) => {
        if (--open === 0) this.#running--;
        joint.land(entries);
        if (open === 0) this.#call();
      });
    }
  }
}

function give({ part, at }: Wanted, entry: Entry<unknown>): void {
  part.entries[at] = entry;
  if (--part.missing === 0) part.sent.come(part.entries as never);
}

/** Returns how to stop it. */
function startTimer(milliseconds: number, onTime: () => void): () => void {
  if (milliseconds === 0) {
    const immediate = setImmediate(onTime);
    return () => clearImmediate(immediate);
  }
  const timer = setTimeout(onTime, milliseconds);
  return () => clearTimeout(timer);
}
