import type { GraphQLLeafType } from 'graphql';
import { Failure } from '../../step/signals.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { serializeLeaf } from '../link/leaves.ts';
import { type FieldPlace, type OutputState, PENDING, Serialized } from './OutputState.ts';

/** A leaf whose value has to be looked at: null, a failure, a promise, or one that its type must serialise. */
export function completeLeaf(
  state: OutputState,
  place: FieldPlace,
  nonNull: boolean,
  type: GraphQLLeafType,
  given: unknown,
): unknown {
  const value = state.look(given, nonNull, -1);
  if (value === null || value === undefined) return state.failNull(place, nonNull);
  if (value === PENDING) return null;
  if (value instanceof Failure) return state.fail(place, value.error, nonNull);
  try {
    const serialized = state.serializedAt() ?? serializeLeaf(type, value);
    return typeof serialized === 'object' ? awaitSerialized(state, place, nonNull, serialized) : serialized;
  } catch (error) {
    return state.fail(place, error, nonNull);
  }
}

/** What a scalar serialises asynchronously is waited for, and not looked at again: as in graphql-js, null is kept. */
function awaitSerialized(state: OutputState, place: FieldPlace, nonNull: boolean, serialized: unknown): unknown {
  if (serialized instanceof Serialized) return settled(state, place, nonNull, serialized.outcome);
  if (!isPromiseLike(serialized)) return serialized;
  return settled(state, place, nonNull, state.awaitSerialized(serialized));
}

function settled(state: OutputState, place: FieldPlace, nonNull: boolean, outcome: unknown): unknown {
  if (outcome === PENDING) return null;
  return outcome instanceof Failure ? state.fail(place, outcome.error, nonNull) : outcome;
}
