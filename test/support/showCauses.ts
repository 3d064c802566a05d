/**
 * Makes uvu print the causes of a test's error: it prints an error's `details`, and knows nothing of `cause`. Many errors
 * of planql say little by themselves, as no host or statement may stand in a message.
 */
import { inspect } from 'node:util';

Object.defineProperty(Error.prototype, 'details', {
  configurable: true,
  get(this: Error) {
    return this.cause === undefined ? undefined : inspect(this.cause);
  },
  set(this: Error, value: unknown) {
    Object.defineProperty(this, 'details', { value, configurable: true, enumerable: true, writable: true });
  },
});
