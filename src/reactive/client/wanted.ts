import { covers, topmost } from '../../utils/positions.ts';
import type { Stale } from './Dependencies.ts';
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

/**
 * The parts to fetch where data is stale, or missing (`wanting`); null: the whole operation. Below the lists of
 * `unkeyed` objects cannot be told apart.
 */
export function wantedOf(
  stale: Stale,
  size: number,
  wanting: ReadonlySet<string>,
  unkeyed: ReadonlySet<string>,
  { maxPart, maxPositions }: WantedLimits,
): Wanted | null {
  const all = [...stale.positions, ...wanting];
  const isNamed = (at: string): boolean => lifted(at, unkeyed) === lifted(at, new Set());
  for (const at of stale.objects.keys()) if (!isNamed(at)) all.push(at);
  const positions = topmost(all.map((at) => lifted(at, unkeyed)));
  const objects = [...stale.objects].flatMap(([at, records]) => {
    if (positions.some((position) => covers(position, at))) return [];
    return [{ at, ids: [...records].map(idOf) }];
  });
  const ids = objects.reduce((sum, one) => sum + one.ids.length, 0);
  const isMuch =
    positions.length + objects.length > maxPositions ||
    ids > maxPositions ||
    stale.share + wanting.size > maxPart * size;
  return isMuch || positions.includes('') ? null : { positions, objects };
}
