import type { ObjectOutput } from '../../plan/Plan.ts';
import { Failure } from '../../step/signals.ts';
import { bareObject, ended, isInherited } from '../../utils/responseObject.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import { enumNames, isPlainLeaf, type LeafKind, leafKind } from '../link/leaves.ts';
import { completeLeaf, type WriteLeaf } from './completeLeaf.ts';
import { BUBBLE, type Complete, OTHER, type OutputState, PENDING } from './OutputState.ts';
import type { CompiledField, ObjectFields, OutputWriter, PlainLeaf } from './OutputWriter.ts';

/** Writes responses as objects. Any key is safe, whichever prototype they have. */
export const objectWriter: OutputWriter<OutputState> = {
  end: (_state, outcome) => outcome,

  composite(place, { nonNull, register, output }, build) {
    const complete: Complete<OutputState> = (state, given, row) => {
      const value = register !== -1 && !state.run.hasSignals[register] ? given : state.look(given);
      if (value === null || value === undefined) return state.failNull(place, nonNull);
      if (value === PENDING) return state.leave(complete, row, output);
      if (value instanceof Failure) return state.fail(place, value.error, nonNull);
      const spots = state.spots.length;
      const result = build(state, value, row);
      if (result !== BUBBLE && state.spots.length === spots) return result;
      if (result === BUBBLE) return state.absorb(nonNull, spots, output, value);
      if (!nonNull) state.group(spots, 0);
      return result;
    };
    return complete;
  },

  plainLeaf(type) {
    const names = enumNames(type);
    return names === null ? plainLeaves[leafKind(type)] : (_state, value) => names.get(value) ?? OTHER;
  },

  otherLeaf: (state, place, nonNull, type, value) => completeLeaf(state, place, nonNull, type, value, asItIs),

  typename: (type) => () => type,

  list:
    ({ items, hasRows, read, complete, redo }) =>
    (state, list, values, row) => {
      const start = items.start(state, row);
      const end = items.end(state, row, values, list);
      const { isLive } = items;
      const result = new Array<unknown>(end - start);
      const { depth, path, run } = state;
      let index = start;
      for (; index < (isLive ? values.length : end); index++) {
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
        result[index - start] = completed;
      }
      if (index !== end) result.length = index - start;
      return result;
    },

  object: closureObject,
};

const asItIs: WriteLeaf<OutputState> = (_state, _place, _nonNull, outcome) => outcome;

function plainIf(isPlain: (value: unknown) => boolean): PlainLeaf<OutputState> {
  return (_state, value) => (isPlain(value) ? value : OTHER);
}

const plainLeaves: Readonly<Record<LeafKind, PlainLeaf<OutputState>>> = {
  string: plainIf(isPlainLeaf.string),
  int: plainIf(isPlainLeaf.int),
  float: plainIf(isPlainLeaf.float),
  boolean: plainIf(isPlainLeaf.boolean),
  id: plainIf(isPlainLeaf.id),
  custom: () => OTHER,
};

function closureObject(
  objectFields: ObjectFields<OutputState>,
  node: ObjectOutput,
  { source: { responseObjects } }: LinkedPlan,
): Complete<OutputState> {
  let isBare: boolean | null = null;
  return (state, value, row) => {
    const fields = objectFields.compiled;
    isBare ??= responseObjects === 'null-prototype' || node.fields.some(({ key }) => isInherited(key));
    const result: Record<string, unknown> = isBare ? bareObject() : {};
    const { depth, path, run } = state;
    for (let index = 0; index < fields.length; index++) {
      const field = fields[index] as CompiledField<OutputState>;
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
