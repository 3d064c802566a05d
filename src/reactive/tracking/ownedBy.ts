import type { RunState } from '../../execution/state/RunState.ts';
import { columnIn, mappedRow, rowMap } from '../../execution/state/rows.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { DependencyColumn, Owned } from './columns.ts';
import type { Owner } from './Place.ts';

/** The objects above a step's position to whose data alone the names of a column belong. Null: they concern all of it. */
export function ownedBy(run: RunState, step: number, owner: Owner | null, { rowsOf }: DependencyColumn): Owned | null {
  if (owner === null || rowsOf === undefined || rowsOf === null) return null;
  const { at, layer, id, key } = owner;
  const upwards = rowMap(run, itemAt(run.plan.steps, step).layer, layer);
  const ids = columnIn(run, id.step, layer);
  return {
    above: at,
    key,
    idsOf: (place) => {
      const rows = rowsOf(place);
      if (rows === null) return null;
      const found = new Set<string>();
      for (const row of rows) {
        const value = read(ids[mappedRow(upwards, row)], id.path);
        if (typeof value !== 'string' && typeof value !== 'number') return null;
        found.add(String(value));
      }
      return [...found];
    },
  };
}

/** As the response has it; undefined also where a getter throws: there the response has an error. */
function read(object: unknown, path: readonly (string | number)[]): unknown {
  let value = object;
  try {
    for (const part of path) {
      if (typeof value !== 'object' || value === null) return undefined;
      value = Reflect.get(value, part);
    }
  } catch {
    return undefined;
  }
  return value;
}
