import { createRequire, syncBuiltinESMExports } from 'node:module';

const realImmediate = setImmediate;
const realNow = performance.now.bind(performance);

/** Something that happens at a moment of virtual time. */
interface Event {
  readonly at: number;
  readonly order: number;
  /** `null` when it was taken back: what it would have needed is free. */
  run: (() => void) | null;
}

/** Events by time, and of one time by the order in which they were asked for. */
class Agenda {
  readonly #heap: Event[] = [];

  get size(): number {
    return this.#heap.length;
  }

  put(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Event;
      if (!isBefore(event, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  take(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++;
      if (!isBefore(heap[child] as Event, last)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at - b.at < 0 || (a.at === b.at && a.order < b.order);
}

const agenda = new Agenda();
let now = 0;
let orders = 0;
/** The wall clock stands this much beside the running time: it jumps, the running time never does. */
const START_MS = 1_800_000_000_000;
let wallOffsetMs = START_MS;
/** How often it has jumped, and the latest that it has shown before a jump. */
let jumps = 0;
let latestMs = START_MS;
let state = 1;

/** Milliseconds of virtual time since the beginning. */
export function virtualNow(): number {
  return now;
}

/** Milliseconds of real time, for figures of the simulation itself. */
export function realMilliseconds(): number {
  return realNow();
}

/** Sets the wall clock of all processes forward, or back. */
export function jumpWallClock(ms: number): void {
  latestMs = latestWallMs();
  jumps++;
  wallOffsetMs += ms;
}

export function wallJumps(): number {
  return jumps;
}

/** The latest that the wall clock has shown so far. */
export function latestWallMs(): number {
  return Math.max(latestMs, now + wallOffsetMs);
}

/** Calls a function at a later moment. */
export function later(ms: number, run: () => void): Event {
  const event = { at: now + Math.max(0, ms), order: orders++, run };
  agenda.put(event);
  return event;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void later(ms, resolve));
}

/** A number from 0 to 1: mulberry32, which the seed decides. */
export function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
}

export function below(count: number): number {
  return Math.floor(random() * count);
}

export function oneOf<T>(items: readonly T[]): T {
  return items[below(items.length)] as T;
}

/**
 * Gives this process virtual time and the random numbers of a seed: timers, clocks, `Math.random` and the random bytes of
 * Node. It is for ever, so each simulation is a process of its own.
 */
export function startVirtualTime(seed: number): void {
  state = seed | 0;
  Math.random = random;
  Date.now = () => Math.floor(now + wallOffsetMs);
  Object.defineProperty(performance, 'now', { value: virtualNow });
  const require = createRequire(import.meta.url);
  const timer = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): Timer =>
    new Timer(() => run(...args), ms, false);
  const interval = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): Timer =>
    new Timer(() => run(...args), ms, true);
  const soon = (run: (...args: unknown[]) => void, ...args: unknown[]): Timer =>
    new Timer(() => run(...args), 0, false);
  const end = (one: unknown): void => {
    if (one instanceof Timer) one.end();
  };
  const own = {
    ...{ setTimeout: timer, setInterval: interval, setImmediate: soon },
    ...{ clearTimeout: end, clearInterval: end, clearImmediate: end },
  };
  Object.assign(globalThis, own);
  Object.assign(require('node:timers'), own);
  Object.assign(require('node:timers/promises'), { setTimeout: sleep, setImmediate: () => sleep(0) });
  Object.assign(require('node:crypto'), { randomBytes, randomFillSync: fill, randomUUID });
  syncBuiltinESMExports();
}

/** Runs what is due, in order, until the work is done. Throws when nothing is due any more and it is not. */
export async function runVirtualTime<T>(work: Promise<T>): Promise<T> {
  let isOver = false;
  const over = (): void => {
    isOver = true;
  };
  work.then(over, over);
  for (;;) {
    // all that promises have to do happens in no time
    await new Promise((resolve) => realImmediate(resolve));
    if (isOver) return work;
    let event = agenda.take();
    while (event?.run === null) event = agenda.take();
    if (event === undefined) throw new Error('Nothing happens any more, and the simulation is not over.');
    now = Math.max(now, event.at);
    event.run?.();
  }
}

/** What `setTimeout` gives. */
class Timer {
  #event: Event;
  readonly #run: () => void;
  readonly #ms: number;
  readonly #repeats: boolean;

  constructor(run: () => void, ms: number, repeats: boolean) {
    this.#run = run;
    this.#ms = Math.max(repeats ? 1 : 0, Number(ms) || 0);
    this.#repeats = repeats;
    this.#event = this.#start();
  }

  #start(): Event {
    return later(this.#ms, () => {
      if (this.#repeats) this.#event = this.#start();
      this.#run();
    });
  }

  end(): void {
    this.#event.run = null;
  }

  refresh(): this {
    this.end();
    this.#event = this.#start();
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return false;
  }

  [Symbol.toPrimitive](): number {
    return 0;
  }
}

function sleep<T>(ms = 0, value?: T, options: { readonly signal?: AbortSignal } = {}): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const event = later(ms, () => resolve(value));
    options.signal?.addEventListener('abort', () => {
      event.run = null;
      reject(options.signal?.reason);
    });
  });
}

function fill<T extends NodeJS.TypedArray>(numbers: T): T {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  for (let at = 0; at < bytes.length; at++) bytes[at] = below(256);
  return numbers;
}

function randomBytes(size: number): Buffer {
  return fill(Buffer.alloc(size));
}

function randomUUID(): string {
  const hex = randomBytes(16).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
