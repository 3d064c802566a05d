import type { RowsOfName } from '../../utils/RecordDependencies.ts';
import type { DependencyScope } from '../../utils/reactiveExtension.ts';
import type { Position } from './Place.ts';

/** The keys that a step recorded at once: `prefix` before each name. */
export interface DependencyColumn {
  readonly prefix: string;
  readonly names: Iterable<string>;
  /** The rows of the step that the name at a place concerns. Null, and not there: all of them. */
  readonly rowsOf?: RowsOfName | null;
}

/** The scope of a key at a position: all data there, or that of one object there or above. */
export type Scope = DependencyScope;

/** The columns of one position of the response. */
export interface PositionColumns {
  readonly at: Position;
  readonly scope: Scope;
  readonly columns: readonly DependencyColumn[];
  /** Of scope `under`: the position of the objects above, and how many names each of them has, in their order. */
  readonly under?: { readonly at: Position; readonly each: readonly number[]; readonly isFilled: boolean };
}

/** The objects above a position to whose data alone the names of a column belong. */
export interface Owned {
  readonly above: Position;
  /** The response key of their ids. */
  readonly key: string;
  /** Null: the name at a place concerns all that is at the position. */
  idsOf(place: number): readonly string[] | null;
}
