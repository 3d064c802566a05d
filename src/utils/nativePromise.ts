const { then } = Promise.prototype;

/**
 * A promise of a thenable's value that settles asynchronously. `Promise.resolve` returns a promise as it is, and its own
 * `then`, if it has one, may call back at once.
 */
export function nativePromise<T>(thenable: PromiseLike<T>): Promise<T> {
  const promise = Promise.resolve(thenable);
  return promise.then === then ? promise : new Promise((resolve) => resolve(promise));
}
