/** A value that is there at once or will be. */
export type MaybePromise<T> = T | PromiseLike<T>;

/** The same where the promise is a real one: what public functions return, so that they go where graphql-js' go. */
export type PromiseOrValue<T> = T | Promise<T>;
