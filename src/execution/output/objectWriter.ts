import { Failure } from '../../step/signals.ts';
import { bareObject } from '../../utils/bareObject.ts';
import { enumNames, isPlainLeaf, type LeafKind, leafKind } from '../link/leaves.ts';
import { completeLeaf } from './completeLeaf.ts';
import { BUBBLE, type Complete, OTHER, type OutputState, PENDING } from './OutputState.ts';
import type { CompiledField, ObjectFields, OutputWriter, PlainLeaf } from './OutputWriter.ts';

/** Writes responses as objects, made as graphql-js makes them: without a prototype, so that any key is safe. */
export const objectWriter: OutputWriter<OutputState> = {
  end: (_state, outcome) => outcome,

  composite:
    (place, { nonNull, register, output }, build) =>
    (state, given, row) => {
      const value = register !== -1 && !state.run.hasSignals[register] ? given : state.look(given, nonNull, output);
      if (value === null || value === undefined) return state.failNull(place, nonNull);
      if (value === PENDING) return null;
      if (value instanceof Failure) return state.fail(place, value.error, nonNull);
      const result = build(state, value, row);
      if (result !== BUBBLE) return result;
      // What a getter gave is nowhere else.
      state.driver.state.unwatched.value(output, value);
      return state.absorb(nonNull);
    },

  plainLeaf(type) {
    const names = enumNames(type);
    return names === null ? plainLeaves[leafKind(type)] : (_state, value) => names.get(value) ?? OTHER;
  },

  otherLeaf: completeLeaf,

  typename: (type) => () => type,

  list:
    ({ items, hasRows, read, complete }) =>
    (state, list, row) => {
      const values = items.values(state, list);
      if (values === PENDING) return null;
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
        const completed = complete(state, read(run, values[index], itemRow), itemRow);
        state.depth = depth;
        if (completed === BUBBLE) return BUBBLE;
        result[index - start] = completed;
      }
      if (index !== end) result.length = index - start;
      return result;
    },

  object: closureObject,
};

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

function closureObject(objectFields: ObjectFields<OutputState>): Complete<OutputState> {
  return (state, value, row) => {
    const fields = objectFields.compiled;
    const result = bareObject();
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
    return result;
  };
}
