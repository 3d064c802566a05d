import type { Grants } from '../keys/Grants.ts';
import type { WireKey, WireKeys } from '../keys/WireKeys.ts';
import type { Dependencies } from '../tracking/Tracker.ts';
import { heldVersion } from '../versions/staleness.ts';
import type { Moment, Reading, VersionStore } from '../versions/VersionStore.ts';

/** The keys of one position of a response. */
export interface DependencyGroup {
  /** Response keys joined by dots, `*` for the items of a list; the root is empty. */
  readonly at: string;
  /** `field`: a change concerns all that is at the position and below it. */
  readonly scope: 'field';
  readonly keys: readonly WireKey[];
  readonly versions: readonly number[];
}

/** `extensions.reactive` of a response. */
export interface ReactiveExtension {
  readonly v: 1;
  /**
   * `full`: all that was read is named. `partial`: some sources name nothing. `overflow`: there are too many keys.
   * `unavailable`: the version store does not answer.
   */
  readonly status: 'full' | 'partial' | 'overflow' | 'unavailable';
  readonly epoch?: string;
  readonly asOf?: number;
  readonly groups?: readonly DependencyGroup[];
  readonly grant?: string;
  /** Of a mutation: what it has invalidated. */
  readonly invalidated?: readonly WireKey[];
}

interface Parts {
  readonly versions: VersionStore;
  readonly wireKeys: WireKeys;
  readonly grants: Grants;
}

/** Says what a response depends on, with versions that are true of the data that was read after `asOf`. */
export async function describe(
  { versions, wireKeys, grants }: Parts,
  { status, groups }: Dependencies,
  asOf: Moment | null,
  subject: string,
): Promise<ReactiveExtension> {
  if (status === 'overflow') return { v: 1, status };
  const named = [...groups].map(([at, keys]) => ({ at, keys: [...keys].map((key) => wireKeys.of(key)) }));
  const all = [...new Set(named.flatMap(({ keys }) => keys))];
  if (asOf === null) return { v: 1, status: 'unavailable' };
  let reading: Reading;
  try {
    reading = await versions.read(all);
  } catch {
    return { v: 1, status: 'unavailable' };
  }
  const places = new Map(all.map((key, at) => [key, at]));
  const versionOf = (key: WireKey): number => heldVersion(asOf, reading, places.get(key) ?? 0);
  return {
    v: 1,
    status,
    epoch: asOf.epoch,
    asOf: asOf.seq,
    groups: named.map(({ at, keys }) => ({ at, scope: 'field', keys, versions: keys.map(versionOf) })),
    grant: grants.give(subject, all),
  };
}
