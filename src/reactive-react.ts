/** `planql/reactive/react`: hooks for queries that stay up to date, and mutations. */

export { reactiveHooks } from './reactive/client/adapters/react.ts';
