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
import type { SealedSets } from '../keys/SealedSets.ts';
import type { Dependencies } from '../tracking/Tracker.ts';
import type { Begun } from '../versions/beginOf.ts';
import type { HeldReading, KnownReadings } from '../versions/KnownReadings.ts';
import type { Held } from '../versions/staleness.ts';
import type { VersionStore } from '../versions/VersionStore.ts';
import type { KeyTables } from './KeyTables.ts';
import { placesOf } from './placesOf.ts';
import { openedGroup, openedHere, type SealedFor, sealExtension } from './sealExtension.ts';

/** The tools of a response's description. */
export interface DescribeParts {
  readonly versions: VersionStore;
  readonly readings: KnownReadings;
  readonly sets: SealedSets;
  readonly tables: KeyTables;
}

/**
 * Describes the dependencies of a response, with versions that are true of the data that was read after `asOf`. `runs`:
 * of the response, and of each of the `objects`.
 */
export async function describe(
  { versions, readings, sets, tables }: DescribeParts,
  runs: readonly Dependencies[],
  objects: readonly DescribedObjects[],
  asOf: Begun | null,
  sealedFor: SealedFor,
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
  };
  const described = withObjects(
    extension,
    objects.map((read, n) => ({ ...read, groups: itemAt(others, n) })),
  );
  return sealExtension(sets, described, asOf, sealedFor);
}

function withObjects(extension: ReactiveExtension, objects: readonly DescribedObjects[]): ReactiveExtension {
  return objects.length === 0 ? extension : { ...extension, objects };
}

/** The keys of a response of this process that can be watched; null: not all of its dependencies. */
export function heldOf(extension: ReactiveExtension): Held | null {
  const { epoch, asOf, keys, versions } = openedHere(extension);
  if (epoch === undefined || asOf === undefined || keys === undefined || versions === undefined) return null;
  return { epoch, seq: asOf, keys: splitKeys(keys), versions };
}

/** Takes the keys of one group out of a response, with their versions. `planql/reactive/client` does that by itself. */
export function heldAt(extension: ReactiveExtension, group: DependencyGroup): Held | null {
  const all = heldOf(extension);
  if (all === null) return null;
  const places = placesOf(openedGroup(group).keys);
  const { keys, versions } = all;
  return {
    ...all,
    keys: places.map((place) => itemAt(keys, place)),
    versions: places.map((place) => itemAt(versions, place)),
  };
}

/** Writes out the groups of a response. */
export function inlineOf({ keys, versions, groups = [] }: ReactiveExtension): Pick<ReactiveExtension, 'inline'> {
  if (keys === undefined || versions === undefined) return {};
  const names = splitKeys(keys);
  return {
    inline: groups.map(({ at, scope, keys: ranges }): InlineGroup => {
      const own = placesOf(ranges).map((place) => [itemAt(names, place), itemAt(versions, place)]);
      return { at, scope, versions: Object.fromEntries(own) };
    }),
  };
}
