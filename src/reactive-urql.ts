/** `planql/reactive/urql`: queries of urql that stay up to date. */

export { reactiveExchange } from './reactive/client/adapters/urql.ts';
