/** `planql/reactive/apollo`: queries of Apollo Client that stay up to date. */

export type { AdapterOptions } from './reactive/client/adapters/AdoptedQueries.ts';
export { makeReactive } from './reactive/client/adapters/apollo.ts';
