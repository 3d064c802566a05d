import type { GraphQLLeafType } from 'graphql';
import { Failure } from '../../step/signals.ts';
import { serializeLeaf } from './leaves.ts';
import { type FieldPlace, type OutputState, PENDING } from './OutputState.ts';

/** A leaf whose value has to be looked at: null, a failure, a promise, or one that its type must serialise. */
export function completeLeaf(
  state: OutputState,
  place: FieldPlace,
  nonNull: boolean,
  type: GraphQLLeafType,
  given: unknown,
): unknown {
  const value = state.look(given, nonNull);
  if (value === null || value === undefined) return state.failNull(place, nonNull);
  if (value === PENDING) return null;
  if (value instanceof Failure) return state.fail(place, value.error, nonNull);
  try {
    return serializeLeaf(type, value);
  } catch (error) {
    return state.fail(place, error, nonNull);
  }
}
