import { errorOf } from '../../errors/errorOf.ts';
import { Eventual } from '../../utils/Eventual.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { Batch, Entry } from './ShardStore.ts';

/** Goes on with a value: at once when it is there, else when it arrives. It keeps embedded reads synchronous. */
export function chain<TIn, TOut>(
  value: MaybePromise<TIn>,
  next: (value: TIn) => MaybePromise<TOut>,
): MaybePromise<TOut> {
  return isPromise(value) ? value.then(next) : next(value);
}

/** All of a list, at once when all are there. */
export function chainAll<T>(values: ReadonlyArray<MaybePromise<T>>): MaybePromise<readonly T[]> {
  return values.some(isPromiseLike) ? Promise.all(values) : (values as readonly T[]);
}

/** Narrows, where `isPromiseLike` only knows that it is a promise of something. */
export function isPromise<T>(value: MaybePromise<T>): value is PromiseLike<T> {
  return isPromiseLike(value);
}

/** The same for a step that neither fails nor waits: behind an `Eventual` it is done in the turn in which that comes. */
export function proceed<TIn, TOut>(value: MaybePromise<TIn>, next: (value: TIn) => TOut): MaybePromise<TOut> {
  if (!(value instanceof Eventual)) return chain(value, next);
  const done = new Eventual<TOut>();
  value.whenThere((found: TIn) => done.come(next(found)));
  return done;
}

/** The same for a step that gives `count` entries, and may wait for them: where it throws or rejects, each of them is the error. */
export function chainEntries<TIn, TOut>(
  value: MaybePromise<TIn>,
  count: number,
  next: (value: TIn) => Batch<TOut>,
): Batch<TOut> {
  if (!(value instanceof Eventual)) return chain(value, next);
  const done = new Eventual<ReadonlyArray<Entry<TOut>>>();
  const failed = (cause: unknown): void => done.come(new Array(count).fill(errorOf(cause)));
  value.whenThere((found: TIn) => {
    let entries: Batch<TOut>;
    try {
      entries = next(found);
    } catch (cause) {
      return failed(cause);
    }
    if (entries instanceof Eventual) entries.whenThere((there) => done.come(there));
    else if (isPromise(entries)) entries.then((there) => done.come(there), failed);
    else done.come(entries);
  });
  return done;
}

/** Goes on with all of a list, in the same way. */
export function together<TIn, TOut>(
  values: ReadonlyArray<MaybePromise<TIn>>,
  next: (values: readonly TIn[]) => TOut,
): MaybePromise<TOut> {
  const found: TIn[] = new Array(values.length);
  const waits: Eventual<TIn>[] = [];
  const places: number[] = [];
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as MaybePromise<TIn>;
    if (value instanceof Eventual) {
      waits.push(value);
      places.push(at);
    } else if (isPromise(value)) return Promise.all(values).then(next);
    else found[at] = value;
  }
  if (waits.length === 0) return next(found);
  const done = new Eventual<TOut>();
  let open = waits.length;
  for (let i = 0; i < waits.length; i++) {
    (waits[i] as Eventual<TIn>).whenThere((value) => {
      found[places[i] as number] = value;
      if (--open === 0) done.come(next(found));
    });
  }
  return done;
}

/**
 * Moves answers that come in the async context of a socket, or of the request that asked first, into that of the
 * caller. Only a promise keeps that context. `last` neither fails nor waits.
 */
export function inOwnContext<T>(value: MaybePromise<T>, last: (value: T) => T = itself): MaybePromise<T> {
  if (!(value instanceof Eventual)) return last === itself ? value : chain(value, last);
  const own = new Eventual<T>();
  void new Promise<T>((resolve) => value.whenThere(resolve)).then((found) => own.come(last(found)));
  return own;
}

function itself<T>(value: T): T {
  return value;
}
