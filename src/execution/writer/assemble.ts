import type { GraphQLError } from 'graphql';
import { PendingPosition, type ResponsePath } from './PendingPosition.ts';
import { BUBBLE, type ResponseState } from './ResponseState.ts';

/**
 * Puts the values of filled pending positions into the places that were kept for them, and the errors into the order of the response.
 * Returns the data, or `BUBBLE`, and leaves the errors in the state.
 */
export function assemble(state: ResponseState, root: PendingPosition): unknown {
  const errors: GraphQLError[] = [];
  const depth = root.path.length;
  let data = root.result;

  const put = (path: ResponsePath, value: unknown): void => {
    const last = path.length - 1;
    if (last < depth) {
      data = value;
      return;
    }
    let container = data as Record<string | number, unknown>;
    for (let at = depth; at < last; at++) {
      container = container[path[at] as string] as Record<string | number, unknown>;
    }
    container[path[last] as string] = value;
  };

  const take = (part: PendingPosition, from: number, to: number): void => {
    for (const error of part.errors.slice(from, to)) errors.push(error);
  };

  /** Returns the number of errors of `part` taken so far; -1 if a pending position is lost, which makes later pending positions irrelevant. */
  const walk = (part: PendingPosition, pending: PendingPosition['pending'], before: number): number => {
    let taken = before;
    for (const node of pending) {
      if (node instanceof PendingPosition) {
        take(part, taken, node.errorsBefore);
        taken = node.errorsBefore;
        if (node.isFilled && !fill(node)) return -1;
        continue;
      }
      const inner = walk(part, node.pending, taken);
      if (inner !== -1) taken = inner;
      else if (state.halted) return -1;
      else {
        put(node.path, null);
        state.selection?.drop(node.path);
        taken = node.errorsBefore;
      }
    }
    return taken;
  };

  const fill = (position: PendingPosition): boolean => {
    if (!position.isLost) put(position.path, position.result);
    const taken = walk(position, position.pending, 0);
    if (taken === -1) return false;
    take(position, taken, position.errors.length);
    return !position.isLost;
  };

  const taken = walk(root, root.pending, 0);
  if (taken !== -1) take(root, taken, root.errors.length);
  state.errors = errors;
  return taken === -1 ? BUBBLE : data;
}
