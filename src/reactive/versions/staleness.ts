import { itemAt } from '../../utils/itemAt.ts';
import type { Moment, Reading } from './VersionStore.ts';

/** The keys of one position of a response, with the versions and the moment of the response. Spec 11.2.5. */
export interface Held extends Moment {
  /** Names of keys. */
  readonly keys: readonly string[];
  /** The version of each key, in their order. */
  readonly versions: readonly number[];
}

/**
 * The version to report for data that was read after `asOf`: the current one, or one less where the key has changed since,
 * or may have. So current data may count as stale, and stale data never counts as current. Spec 11.2.4.
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

/** Whether a version that was reported is stale. `at` is the place of its key in `reading`. Spec 11.2.5. */
export function isStale(held: Moment, version: number, reading: Reading, at: number): boolean {
  if (reading.epoch !== held.epoch) return true;
  return version < itemAt(reading.states, at).version || isForgotten(held, reading, at);
}

/** Whether the key may have changed after `asOf` and been forgotten since. */
function isForgotten(asOf: Moment, { floor, states }: Reading, at: number): boolean {
  return itemAt(states, at).seq === 0 && floor > asOf.seq;
}
