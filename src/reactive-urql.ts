/** `planql/reactive/urql`: queries of urql that stay up to date. */

export type { AdapterOptions } from './reactive/client/adapters/AdoptedQueries.ts';
export { type ReactiveExchange, reactiveExchange } from './reactive/client/adapters/urql.ts';
