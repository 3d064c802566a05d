/** A value, or a promise of it. */
export type MaybePromise<T> = T | PromiseLike<T>;

/** The same where the promise is a real one: the type of public functions, so that they fit where graphql-js' do. */
export type PromiseOrValue<T> = T | Promise<T>;
