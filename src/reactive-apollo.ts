/** `planql/reactive/apollo`: queries of Apollo Client that stay up to date. */

export { makeReactive } from './reactive/client/adapters/apollo.ts';
