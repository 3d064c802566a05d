import { errorOf } from '../../errors/errorOf.ts';
import { BadValueError, quote } from '../errors.ts';

/** A property of an object that a caller has given. @throws BadValueError where its getter throws. */
export function valueAt(given: object, name: string, what: string): unknown {
  try {
    return Reflect.get(given, name);
  } catch (error) {
    throw new BadValueError(`${what} cannot be read at ${quote(name)}: ${errorOf(error).message}`);
  }
}
