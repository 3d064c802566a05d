import { appendAll } from '../../utils/appendAll.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { covers, topmost } from '../../utils/positions.ts';
import type { Stale, StaleUnder } from './Dependencies.ts';
import { lifted } from './positions.ts';
import { idOf } from './Store.ts';

/** Some objects at a position. */
export interface ObjectsWanted {
  readonly at: string;
  readonly ids: readonly string[];
  /** The positions below them that are wanted. Without it their own fields are. */
  readonly below?: readonly string[];
}

/** The parts of a query to fetch: positions, and the own fields of objects. */
export interface Wanted {
  readonly positions: readonly string[];
  readonly objects: readonly ObjectsWanted[];
}

export interface WantedLimits {
  /** More than this part of all positions is fetched by the whole operation. */
  readonly maxPart: number;
  /** As are more positions, or more ids, than these. */
  readonly maxPositions: number;
}

/** The data of a query, as far as it matters here. */
export interface WantedFrom {
  /** Lists below which objects cannot be told apart. */
  readonly unkeyed: ReadonlySet<string>;
  /** The records at a position that are shown below some objects, and nowhere else there. */
  recordsOnlyBelow(above: string, records: ReadonlySet<string>, at: string): ReadonlySet<string>;
}

/** The parts to fetch where data is stale, or missing (`wanting`); null: the whole operation. */
export function wantedOf(
  stale: Stale,
  size: number,
  wanting: ReadonlySet<string>,
  data: WantedFrom,
  { maxPart, maxPositions }: WantedLimits,
): Wanted | null {
  const all = [...stale.positions, ...wanting];
  const positions = topmost(all.map((at) => lifted(at, data.unkeyed)));
  const isCovered = (at: string): boolean => positions.some((position) => covers(position, at));
  const under = stale.under.filter(({ at, above }) => !isCovered(at) && !isCovered(above));
  /** Without the records that come with the data below others. */
  const others = (records: ReadonlySet<string>, at: string): readonly string[] => {
    const left = new Set(records);
    for (const one of under) {
      if (!at.startsWith(`${fieldBelow(one)}.`)) continue;
      for (const record of data.recordsOnlyBelow(one.above, one.records, at)) left.delete(record);
    }
    return [...left];
  };
  const objects: ObjectsWanted[] = [...stale.objects].flatMap(([at, records]) => {
    const ids = isCovered(at) ? [] : others(records, at).map(idOf);
    return ids.length === 0 ? [] : [{ at, ids }];
  });
  /** Fields of the same objects are fetched together. */
  const byObjects = new Map<
    string,
    { readonly at: string; readonly ids: readonly string[]; readonly below: string[] }
  >();
  for (const one of under) {
    const ids = others(one.records, one.above).map(idOf);
    if (ids.length === 0) continue;
    const name = JSON.stringify([one.above, [...ids].sort()]);
    const { below } = getOrCreate(byObjects, name, () => ({ at: one.above, ids, below: [] }));
    if (!below.includes(fieldBelow(one))) below.push(fieldBelow(one));
  }
  appendAll(objects, [...byObjects.values()]);
  const ids = objects.reduce((sum, one) => sum + one.ids.length, 0);
  const isMuch =
    positions.length + objects.length > maxPositions ||
    ids > maxPositions ||
    stale.share + wanting.size > maxPart * size;
  return isMuch || positions.includes('') ? null : { positions, objects };
}

/** The field of the objects above that leads to stale data. */
function fieldBelow({ at, above }: StaleUnder): string {
  const [key = ''] = at.slice(above.length + 1).split('.');
  return `${above}.${key}`;
}

/** The entries of `refetch` for some parts. */
export function entriesOf({ positions, objects }: Wanted): readonly object[] {
  return [
    ...positions.map((at) => ({ at })),
    ...objects.map(({ at, ids, below }) =>
      below === undefined ? { at, ids } : { at, ids, fields: below.map((field) => field.slice(at.length + 1)) },
    ),
  ];
}
