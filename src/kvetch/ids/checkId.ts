import { BadIdError } from '../errors.ts';
import { parseId } from './parseId.ts';

/** The id as the store writes it. Throws `BadIdError`, which names `place`, where it is none. */
export function checkId(given: unknown, place: string): string {
  const id = parseId(given);
  if (id === null) throw new BadIdError(given, place);
  return id;
}
