import { dependencyChannel } from '../../telemetry/reactiveChannels.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { splitKeys } from '../../utils/wireKeys.ts';
import type { Grants } from '../keys/Grants.ts';
import type { WireKeys } from '../keys/WireKeys.ts';
import type { Scope } from '../tracking/ColumnsByPosition.ts';
import type { ResponseObject } from '../tracking/objectsIn.ts';
import type { Dependencies } from '../tracking/Tracker.ts';
import { type Held, heldVersions } from '../versions/staleness.ts';
import type { Moment, Reading, VersionStore } from '../versions/VersionStore.ts';
import { makeKeyTable } from './KeyTable.ts';

/** The keys of one position of a response. */
export interface DependencyGroup {
  /** Response keys joined by dots, `*` for the items of a list; the root is empty. */
  readonly at: string;
  /**
   * `field`: a change concerns all that is at the position and below it. `self`: each key concerns one object there, and what
   * is read from it: the keys stand in the order of these objects; each counts once, by its id.
   */
  readonly scope: Scope;
  /** Places of keys: where some that follow each other begin, and how many they are, again and again. */
  readonly keys: readonly number[];
}

/** Objects at one position that were asked for by their ids. */
export interface DescribedObjects {
  readonly at: string;
  /** In the order of the ids: what is read from each object itself. Null: there is none, or none for this viewer. */
  readonly objects: readonly (ResponseObject | null)[];
  readonly groups?: readonly DependencyGroup[];
}

/** A group with its keys and their versions. */
export interface InlineGroup {
  readonly at: string;
  readonly scope: Scope;
  readonly versions: Readonly<Record<string, number>>;
}

/** `extensions.reactive` of a response. */
export interface ReactiveExtension {
  readonly v: 1;
  /**
   * `full`: all that was read is named. `partial`: some sources name nothing. `overflow`: there are too many keys.
   * `unavailable`: the version store does not answer. With these two nothing below is there but `objects` and `invalidated`.
   */
  readonly status: 'full' | 'partial' | 'overflow' | 'unavailable';
  readonly epoch?: string;
  readonly asOf?: number;
  /** Each key once, 16 characters each, one behind the other. */
  readonly keys?: string;
  /** By place of the key. */
  readonly versions?: readonly number[];
  readonly groups?: readonly DependencyGroup[];
  /** What was asked for by ids. */
  readonly objects?: readonly DescribedObjects[];
  /** The permission to ask about these keys. */
  readonly grant?: string;
  /** What the groups stand for, written out: for those who learn the form, where the request has `inline: true`. */
  readonly inline?: readonly InlineGroup[];
  /** The keys that a mutation has invalidated, one behind the other. */
  readonly invalidated?: string;
}

interface Parts {
  readonly versions: VersionStore;
  readonly wireKeys: WireKeys;
  readonly grants: Grants;
  readonly maxKeys: number;
}

/**
 * Says what a response depends on, with versions that are true of the data that was read after `asOf`. `runs`: of the
 * response, and of each of the `objects`.
 */
export async function describe(
  { versions, wireKeys, grants, maxKeys }: Parts,
  runs: readonly Dependencies[],
  objects: readonly DescribedObjects[],
  asOf: Moment | null,
  subject: string,
): Promise<ReactiveExtension> {
  const has = (status: Dependencies['status']): boolean => runs.some((run) => run.status === status);
  const columns = runs.map(({ groups }) => groups);
  const table = has('overflow') ? null : makeKeyTable(columns, wireKeys, maxKeys);
  if (table === null) return withObjects({ v: 1, status: 'overflow' }, objects);
  if (asOf === null) return withObjects({ v: 1, status: 'unavailable' }, objects);
  let reading: Reading;
  try {
    const read = versions.read(table.keys);
    reading = isPromiseLike(read) ? await read : read;
  } catch {
    return withObjects({ v: 1, status: 'unavailable' }, objects);
  }
  const { text: keys } = table;
  const [groups = [], ...others] = table.groups;
  const status = has('partial') ? 'partial' : 'full';
  if (dependencyChannel.isHeard) {
    const { epoch, seq } = asOf;
    const { states } = reading;
    dependencyChannel.tell({ versions, status, epoch, asOf: seq, keys: table.keys, text: keys, states });
  }
  const extension: ReactiveExtension = {
    v: 1,
    status,
    epoch: asOf.epoch,
    asOf: asOf.seq,
    keys,
    versions: heldVersions(asOf, reading),
    groups,
    grant: grants.give(subject, keys),
  };
  return withObjects(
    extension,
    objects.map((read, n) => ({ ...read, groups: itemAt(others, n) })),
  );
}

function withObjects(extension: ReactiveExtension, objects: readonly DescribedObjects[]): ReactiveExtension {
  return objects.length === 0 ? extension : { ...extension, objects };
}

/** What can be watched of a response; null: not all that it depends on. */
export function heldOf({ epoch, asOf, keys, versions }: ReactiveExtension): Held | null {
  if (epoch === undefined || asOf === undefined || keys === undefined || versions === undefined) return null;
  return { epoch, seq: asOf, keys: splitKeys(keys), versions };
}

/** The keys of one position of a response, with their versions. */
export function heldAt(extension: ReactiveExtension, { keys: ranges }: DependencyGroup): Held | null {
  const all = heldOf(extension);
  if (all === null) return null;
  const places = placesOf(ranges);
  const { keys, versions } = all;
  return {
    ...all,
    keys: places.map((place) => itemAt(keys, place)),
    versions: places.map((place) => itemAt(versions, place)),
  };
}

/** Writes out what the groups of a response stand for. */
export function withInline(extension: ReactiveExtension): ReactiveExtension {
  const held = heldOf(extension);
  if (held === null) return extension;
  const inline = extension.groups?.map(({ at, scope, keys }): InlineGroup => {
    const versions = placesOf(keys).map((place) => [itemAt(held.keys, place), itemAt(held.versions, place)]);
    return { at, scope, versions: Object.fromEntries(versions) };
  });
  return { ...extension, inline: inline ?? [] };
}

/** The places that ranges stand for. */
export function placesOf(ranges: readonly number[]): readonly number[] {
  const places: number[] = [];
  for (let at = 0; at < ranges.length; at += 2) {
    for (let n = 0; n < itemAt(ranges, at + 1); n++) places.push(itemAt(ranges, at) + n);
  }
  return places;
}
