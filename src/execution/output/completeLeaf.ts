import type { GraphQLLeafType } from 'graphql';
import { Failure } from '../../step/signals.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { nativePromise } from '../../utils/nativePromise.ts';
import { serializeLeaf } from '../link/leaves.ts';
import { type FieldPlace, type OutputState, PENDING } from './OutputState.ts';

/** Writes the outcome of a leaf in one form of responses: a serialised value, null, or `BUBBLE`. */
export type WriteLeaf<TState extends OutputState> = (
  state: TState,
  place: FieldPlace,
  nonNull: boolean,
  outcome: unknown,
) => unknown;

/** Completes a leaf whose value is null, a failure, a promise, or must be serialised by its type. */
export function completeLeaf<TState extends OutputState>(
  state: TState,
  place: FieldPlace,
  nonNull: boolean,
  type: GraphQLLeafType,
  given: unknown,
  write: WriteLeaf<TState>,
): unknown {
  const value = state.look(given);
  if (value === PENDING) return leaveValue(state, place, nonNull, type, write);
  if (value === null || value === undefined) return write(state, place, nonNull, state.failNull(place, nonNull));
  if (value instanceof Failure) return write(state, place, nonNull, state.fail(place, value.error, nonNull));
  let serialized: unknown;
  try {
    serialized = serializeLeaf(type, value);
    if (typeof serialized === 'object' && isPromiseLike(serialized)) {
      return leaveSerialized(state, place, nonNull, write, nativePromise(serialized));
    }
  } catch (error) {
    serialized = state.fail(place, error, nonNull);
  }
  return write(state, place, nonNull, serialized);
}

/** A function of its own, since a closure in the caller would cost every leaf an allocation. */
function leaveValue<TState extends OutputState>(
  state: TState,
  place: FieldPlace,
  nonNull: boolean,
  type: GraphQLLeafType,
  write: WriteLeaf<TState>,
): unknown {
  const complete = (later: TState, found: unknown): unknown => completeLeaf(later, place, nonNull, type, found, write);
  return state.leave(complete, -1, -1);
}

/** A scalar may serialise to a promise. As in graphql-js its value is not looked at again: null stays null. */
function leaveSerialized<TState extends OutputState>(
  state: TState,
  place: FieldPlace,
  nonNull: boolean,
  write: WriteLeaf<TState>,
  promise: Promise<unknown>,
): unknown {
  const complete = (later: TState, found: unknown): unknown =>
    write(later, place, nonNull, found instanceof Failure ? later.fail(place, found.error, nonNull) : found);
  return state.leave(complete, -1, -1, promise);
}
