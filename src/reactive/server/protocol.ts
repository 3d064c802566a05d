import { propertiesOf } from '../../utils/propertiesOf.ts';
import { WIRE_KEY_CHARS } from '../../utils/wireKeys.ts';
import type { SealedSet } from '../keys/SealedSets.ts';
import type { ServerLimits } from './limits.ts';

/** Why something that a client said is refused. */
export class ProtocolError extends Error {
  /** `BAD`: it cannot be read. `LIMIT`: it is too much. */
  readonly code: 'BAD' | 'LIMIT';

  constructor(code: 'BAD' | 'LIMIT', message: string) {
    super(message);
    this.code = code;
  }
}

/** Versions by key. */
export type NewVersions = { readonly [key: string]: number };

/** Reads one set: `{ epoch, asOf, keys, versions, grant }`. */
export function toSet(given: unknown, { maxSetKeys }: ServerLimits): SealedSet {
  const { epoch, asOf, keys, versions, grant } = propertiesOf(given);
  if (
    !isText(epoch) ||
    !isNumber(asOf) ||
    typeof grant !== 'string' ||
    typeof keys !== 'string' ||
    !isList(versions, isNumber)
  ) {
    throw new ProtocolError('BAD', 'A set is { epoch, asOf, keys, versions, grant }.');
  }
  if (keys.length !== versions.length * WIRE_KEY_CHARS) {
    throw new ProtocolError('BAD', `A set has ${WIRE_KEY_CHARS} characters of keys for each version.`);
  }
  if (versions.length > maxSetKeys) throw new ProtocolError('LIMIT', `A set has at most ${maxSetKeys} keys.`);
  return { epoch, asOf, keys, versions, grant };
}

/** Reads the sets of a poll or a stream: `{ v: 1, sets }`. */
export function toSets(given: unknown, limits: ServerLimits): readonly SealedSet[] {
  const { v, sets } = propertiesOf(given);
  if (v !== 1 || !Array.isArray(sets)) throw new ProtocolError('BAD', 'The body is { v: 1, sets: [...] }.');
  if (sets.length > limits.maxSets) throw new ProtocolError('LIMIT', `There are at most ${limits.maxSets} sets.`);
  const all = sets.map((set) => toSet(set, limits));
  const keys = all.reduce((total, set) => total + set.versions.length, 0);
  if (keys > limits.maxKeys) throw new ProtocolError('LIMIT', `All sets have at most ${limits.maxKeys} keys.`);
  return all;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 200;
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isList<T>(value: unknown, isItem: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isItem);
}
