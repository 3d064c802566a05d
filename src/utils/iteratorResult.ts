import { inspect } from './inspect.ts';

/** The result of `next()`, which must be an object: no other value tells that the iteration is over. */
export function iteratorResult<T>(result: T): T {
  if ((typeof result === 'object' && result !== null) || typeof result === 'function') return result;
  throw new TypeError(`Iterator result ${inspect(result)} is not an object`);
}
