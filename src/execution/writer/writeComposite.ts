import type { ObjectOutput } from '../../plan/Plan.ts';
import { Failure } from '../../step/signals.ts';
import { bareObject, ended, isInherited, type ResponseObjects } from '../../utils/responseObject.ts';
import type { CompiledField } from './LeafField.ts';
import type { ListItems } from './listItems.ts';
import { BUBBLE, type Complete, type FieldReference, PENDING, type ResponseState } from './ResponseState.ts';
import type { Read } from './reads.ts';

export interface CompositePosition {
  readonly nonNull: boolean;
  /** The step whose register holds the values: those have been looked at. -1: they have not. */
  readonly register: number;
  /** The output that writes the value. */
  readonly output: number;
}

/** Looks at the value of a position, and gives it to `build` if there is one. */
export function composite(
  place: FieldReference,
  { nonNull, register, output }: CompositePosition,
  build: Complete,
): Complete {
  const complete: Complete = (state, given, row) => {
    const value = register === -1 ? state.look(given) : state.lookInRegister(register, given);
    if (value === null || value === undefined) return state.failNull(place, nonNull);
    if (value === PENDING) return state.leave(complete, row, output);
    if (value instanceof Failure) return state.fail(place, value.error, nonNull);
    const pending = state.pending.length;
    const result = build(state, value, row);
    if (result !== BUBBLE && state.pending.length === pending) return result;
    if (result === BUBBLE) return state.absorb(nonNull, pending, output, value);
    if (!nonNull) state.group(pending);
    return result;
  };
  return complete;
}

interface CompiledList {
  readonly items: ListItems;
  /** Whether items have rows of their own; otherwise they share the row of their list. */
  readonly hasRows: boolean;
  readonly read: Read;
  readonly complete: Complete;
  /** Reads and completes an item. */
  readonly redo: Complete;
}

/** Writes a list, given the list, the values that contain its items, and its row. */
type WriteList = (state: ResponseState, list: unknown, values: readonly unknown[], row: number) => unknown;

export function listWriter({ items, hasRows, read, complete, redo }: CompiledList): WriteList {
  return (state, list, values, row) => {
    const start = items.start(state, row);
    const end = items.end(state, row, values, list);
    const { isLive } = items;
    const result: unknown[] = []; // of no length beforehand: a proxy may tell any
    const { depth, path, run } = state;
    for (let index = start; index < (isLive ? values.length : end); index++) {
      path[depth] = index - start;
      state.depth = depth + 1;
      const itemRow = hasRows ? index : row;
      let completed = complete(state, read(run, values[index], itemRow), itemRow);
      state.depth = depth;
      if (completed === BUBBLE) {
        if (!state.isUnfinished) return BUBBLE;
        state.depth = depth + 1;
        // Such an item is a row: to read it again calls no getter.
        completed = state.leaveUnfinished(redo, values[index], itemRow);
        state.depth = depth;
      }
      result.push(completed);
    }
    return result;
  };
}

/** How many objects closures have written, for all plans. */
export const objectsWritten: { count: number } = { count: 0 };

/** Writes an object with some fields, which are compiled on first use. Any key is safe, whichever prototype objects have. */
export function objectWriter(
  fieldsOf: () => readonly CompiledField[],
  nodes: ObjectOutput['fields'],
  responseObjects: ResponseObjects,
): Complete {
  let fields: readonly CompiledField[] | null = null;
  let isBare = false;
  return (state, value, row) => {
    if (fields === null) {
      fields = fieldsOf();
      isBare = responseObjects === 'null-prototype' || nodes.some(({ key }) => isInherited(key));
    }
    objectsWritten.count++;
    const result: Record<string, unknown> = isBare ? bareObject() : {};
    const { depth, path, run } = state;
    for (let index = 0; index < fields.length; index++) {
      const field = fields[index] as CompiledField;
      if (field.guard !== 0 && !run.holds(field.guard)) continue;
      path[depth] = field.key;
      state.depth = depth + 1;
      const completed = field.complete(state, value, row);
      state.depth = depth;
      if (completed === BUBBLE) return BUBBLE;
      result[field.key] = completed;
    }
    return isBare ? ended(result, responseObjects) : result;
  };
}
