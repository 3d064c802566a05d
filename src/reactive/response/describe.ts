import { dependencyChannel } from '../../telemetry/reactiveChannels.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type {
  DependencyGroup,
  DescribedObjects,
  InlineGroup,
  ReactiveExtension,
} from '../../utils/reactiveExtension.ts';
import { splitKeys } from '../../utils/wireKeys.ts';
import type { Grants } from '../keys/Grants.ts';
import type { Dependencies } from '../tracking/Tracker.ts';
import type { HeldReading, KnownReadings } from '../versions/KnownReadings.ts';
import type { Held } from '../versions/staleness.ts';
import type { Moment, VersionStore } from '../versions/VersionStore.ts';
import type { KeyTables } from './KeyTables.ts';

/** The tools of a response's description. */
export interface DescribeParts {
  readonly versions: VersionStore;
  readonly readings: KnownReadings;
  readonly grants: Grants;
  readonly tables: KeyTables;
}

/**
 * Describes the dependencies of a response, with versions that are true of the data that was read after `asOf`. `runs`:
 * of the response, and of each of the `objects`.
 */
export async function describe(
  { versions, readings, grants, tables }: DescribeParts,
  runs: readonly Dependencies[],
  objects: readonly DescribedObjects[],
  asOf: Moment | null,
  subject: string,
): Promise<ReactiveExtension> {
  const has = (status: Dependencies['status']): boolean => runs.some((run) => run.status === status);
  const columns = runs.map(({ groups }) => groups);
  const table = has('overflow') ? null : tables.of(columns);
  if (table === null) return withObjects({ v: 1, status: 'overflow' }, objects);
  if (asOf === null) return withObjects({ v: 1, status: 'unavailable' }, objects);
  let held: HeldReading;
  try {
    const read = readings.heldSince(asOf, table);
    held = isPromiseLike(read) ? await read : read;
  } catch {
    return withObjects({ v: 1, status: 'unavailable' }, objects);
  }
  const { text: keys } = table;
  const [groups = [], ...others] = table.groups;
  const status = has('partial') ? 'partial' : 'full';
  if (dependencyChannel.isHeard) {
    const { epoch, seq } = asOf;
    const { states } = held.reading;
    dependencyChannel.tell({ versions, status, epoch, asOf: seq, keys: table.keys, text: keys, states });
  }
  const extension: ReactiveExtension = {
    v: 1,
    status,
    epoch: asOf.epoch,
    asOf: asOf.seq,
    keys,
    versions: held.versions,
    groups,
    grant: grants.give(subject, keys, table.digest),
  };
  return withObjects(
    extension,
    objects.map((read, n) => ({ ...read, groups: itemAt(others, n) })),
  );
}

function withObjects(extension: ReactiveExtension, objects: readonly DescribedObjects[]): ReactiveExtension {
  return objects.length === 0 ? extension : { ...extension, objects };
}

/** The keys of a response that can be watched; null: not all of its dependencies. */
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

/** Writes out the groups of a response. */
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
