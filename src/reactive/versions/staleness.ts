import { itemAt } from '../../utils/itemAt.ts';
import type { Moment, Reading } from './VersionStore.ts';

/** Held keys, with their versions, as of a moment. */
export interface Held extends Moment {
  /** Names of keys. */
  readonly keys: readonly string[];
  /** The version of each key, in their order. */
  readonly versions: readonly number[];
}

/**
 * The version under which data is held that was read after `asOf`: the current one, or one less where the key has
 * changed since, or may have. Data may then be said to be stale that is not, but never the other way round.
 */
export function heldVersion(asOf: Moment, reading: Reading, at: number): number {
  const { version, seq } = itemAt(reading.states, at);
  const hasChanged = reading.epoch !== asOf.epoch || seq > asOf.seq || isForgotten(asOf, reading, at);
  return hasChanged ? version - 1 : version;
}

/** The versions under which data is held that depends on all keys of a reading. */
export function heldVersions(asOf: Moment, reading: Reading): number[] {
  const { epoch, floor, states } = reading;
  const isSafe = epoch === asOf.epoch && floor <= asOf.seq;
  const held: number[] = [];
  for (let at = 0; at < states.length; at++) {
    const { version, seq } = itemAt(states, at);
    // Mostly nothing was forgotten that matters: then one comparison tells.
    held.push(isSafe && seq <= asOf.seq ? version : heldVersion(asOf, reading, at));
  }
  return held;
}

/** Whether the held version of the key at `at` of `reading` is older than the key's last change. */
export function isStale(held: Moment, version: number, reading: Reading, at: number): boolean {
  if (reading.epoch !== held.epoch) return true;
  return version < itemAt(reading.states, at).version || isForgotten(held, reading, at);
}

/** Whether the key may have changed after `asOf` and been forgotten since. */
function isForgotten(asOf: Moment, { floor, states }: Reading, at: number): boolean {
  return itemAt(states, at).seq === 0 && floor > asOf.seq;
}
