import type { GraphQLLeafType } from 'graphql';
import { Failure } from '../../step/signals.ts';
import { bareObject } from '../../utils/bareObject.ts';
import { tiered } from '../codegen/compileObject.ts';
import { generateBuilder } from '../codegen/generateBuilder.ts';
import { enumNames, isPlainLeaf, leafKind, serializeLeaf } from './leaves.ts';
import type { CompiledField, Complete, OutputWriter } from './OutputCompiler.ts';
import { BUBBLE, type FieldPlace, type OutputState, PENDING } from './OutputState.ts';

/** Writes responses as objects, made as graphql-js makes them: without a prototype, so that any key is safe. */
export const objectWriter: OutputWriter<OutputState> = {
  end: (_state, outcome) => outcome,

  composite:
    (place, { nonNull, register }, build) =>
    (state, given, row) => {
      const value = register !== -1 && !state.run.hasSignals[register] ? given : state.look(given);
      if (value === null || value === undefined) return state.failNull(place, nonNull);
      if (value === PENDING) return null;
      if (value instanceof Failure) return state.fail(place, value.error, nonNull);
      const result = build(state, value, row);
      return result === BUBBLE ? state.absorb(nonNull) : result;
    },

  leaf(place, nonNull, type) {
    const names = enumNames(type);
    if (names !== null) {
      return (state, value) => names.get(value) ?? completeLeaf(state, place, nonNull, type, value);
    }
    const isPlain = isPlainLeaf[leafKind(type)];
    return (state, value) => (isPlain(value) ? value : completeLeaf(state, place, nonNull, type, value));
  },

  typename: (type) => () => type,

  list:
    ({ items, hasRows, read, complete }) =>
    (state, list, row) => {
      const values = items.values(state, list);
      if (values === PENDING) return null;
      const start = items.start(state, row);
      const end = items.end(state, row, values);
      const result = new Array<unknown>(end - start);
      const { depth, path, run } = state;
      for (let index = start; index < end; index++) {
        path[depth] = index - start;
        state.depth = depth + 1;
        const itemRow = hasRows ? index : row;
        const completed = complete(state, read(run, values[index], itemRow), itemRow);
        state.depth = depth;
        if (completed === BUBBLE) return BUBBLE;
        result[index - start] = completed;
      }
      return result;
    },

  object: (fieldsOf, node, linked) => tiered(linked, node, fieldsOf, closureObject(fieldsOf), generateBuilder),
};

function closureObject(fieldsOf: () => readonly CompiledField<OutputState>[]): Complete<OutputState> {
  return (state, value, row) => {
    const fields = fieldsOf();
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

/** A leaf whose value has to be looked at: null, a failure, a promise, or one that its type must serialise. */
export function completeLeaf(
  state: OutputState,
  place: FieldPlace,
  nonNull: boolean,
  type: GraphQLLeafType,
  given: unknown,
): unknown {
  const value = state.look(given);
  if (value === null || value === undefined) return state.failNull(place, nonNull);
  if (value === PENDING) return null;
  if (value instanceof Failure) return state.fail(place, value.error, nonNull);
  try {
    return serializeLeaf(type, value);
  } catch (error) {
    return state.fail(place, error, nonNull);
  }
}
