import type { GraphQLError } from 'graphql';
import { Hole } from './Hole.ts';
import { BUBBLE, type OutputState } from './OutputState.ts';

/**
 * Puts the filled holes of a response into their places, and the errors into the order of the response. Returns the data,
 * or `BUBBLE`, and leaves the errors in the state.
 */
export function assemble(state: OutputState, root: Hole): unknown {
  const errors: GraphQLError[] = [];
  const pieces = state.beginAssembly(root);

  const take = (part: Hole, from: number, to: number): void => {
    for (const error of part.errors.slice(from, to)) errors.push(error);
  };

  /** Returns the number of errors of `part` taken so far; -1 if a hole is lost, which makes later holes irrelevant. */
  const walk = (part: Hole, spots: Hole['spots'], before: number): number => {
    let taken = before;
    for (const spot of spots) {
      if (spot instanceof Hole) {
        take(part, taken, spot.errorsBefore);
        taken = spot.errorsBefore;
        if (spot.isFilled && !fill(spot)) return -1;
        continue;
      }
      const mark = pieces.mark();
      const inner = walk(part, spot.spots, taken);
      if (inner !== -1) taken = inner;
      else if (state.halted) return -1;
      else {
        pieces.null(spot, mark);
        state.laterParts?.drop(spot.path);
        taken = spot.errorsBefore;
      }
    }
    return taken;
  };

  const fill = (hole: Hole): boolean => {
    if (!hole.isLost) pieces.enter(hole);
    const taken = walk(hole, hole.spots, 0);
    if (taken === -1) return false;
    take(hole, taken, hole.errors.length);
    if (hole.isLost) return false;
    pieces.leave(hole);
    return true;
  };

  const taken = walk(root, root.spots, 0);
  if (taken !== -1) take(root, taken, root.errors.length);
  state.errors = errors;
  return taken === -1 ? BUBBLE : pieces.end();
}
