import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';

/** Goes on with a value: at once when it is there, else when it arrives. What keeps embedded reads synchronous. */
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
