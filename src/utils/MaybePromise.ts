/** A value that is there at once or will be. */
export type MaybePromise<T> = T | PromiseLike<T>;

/** The same where the promise is a real one: the type of public functions, so that they fit where graphql-js' do. */
export type PromiseOrValue<T> = T | Promise<T>;
