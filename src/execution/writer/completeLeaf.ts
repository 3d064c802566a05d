import type { GraphQLLeafType } from 'graphql';
import { Failure } from '../../step/signals.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { nativePromise } from '../../utils/nativePromise.ts';
import { enumNames, isPlainLeaf, leafKind, serializeLeaf } from '../link/leaves.ts';
import { jsonLeaf } from './jsonLeaf.ts';
import { type FieldReference, OTHER, PENDING, type ResponseState } from './ResponseState.ts';

/** Completes a leaf value that needs no conversion. Returns `OTHER` for any other value. */
export type PlainLeaf = (value: unknown) => unknown;

/** One function for all leaves of a type. */
export function plainLeaf(type: GraphQLLeafType): PlainLeaf {
  const names = enumNames(type);
  return names === null ? plainLeaves[leafKind(type)] : (value) => names.get(value) ?? OTHER;
}

const plainLeaves = Object.fromEntries(
  Object.entries(isPlainLeaf).map(([kind, isPlain]): [string, PlainLeaf] => [
    kind,
    (value) => (isPlain(value) ? value : OTHER),
  ]),
) as Readonly<Record<keyof typeof isPlainLeaf, PlainLeaf>>;

/** Completes a leaf whose value is null, a failure, a promise, or must be serialised by its type. */
export function completeLeaf(
  state: ResponseState,
  place: FieldReference,
  nonNull: boolean,
  type: GraphQLLeafType,
  given: unknown,
): unknown {
  const value = state.look(given);
  if (value === PENDING) return leaveValue(state, place, nonNull, type);
  if (value === null || value === undefined) return state.failNull(place, nonNull);
  if (value instanceof Failure) return state.fail(place, value.error, nonNull);
  try {
    const serialized = serializeLeaf(type, value);
    if (typeof serialized === 'object' && isPromiseLike(serialized)) {
      return leaveSerialized(state, place, nonNull, nativePromise(serialized));
    }
    return inResponse(state, serialized);
  } catch (error) {
    return state.fail(place, error, nonNull);
  }
}

/** A function of its own, since a closure in the caller would cost every leaf an allocation. */
function leaveValue(state: ResponseState, place: FieldReference, nonNull: boolean, type: GraphQLLeafType): unknown {
  return state.leave((later, found) => completeLeaf(later, place, nonNull, type, found), -1, -1);
}

/** A scalar may serialise to a promise. As in graphql-js its value is not looked at again: null stays null. */
function leaveSerialized(
  state: ResponseState,
  place: FieldReference,
  nonNull: boolean,
  promise: Promise<unknown>,
): unknown {
  const complete = (later: ResponseState, found: unknown): unknown => {
    if (found instanceof Failure) return later.fail(place, found.error, nonNull);
    try {
      return inResponse(later, found);
    } catch (error) {
      return later.fail(place, error, nonNull);
    }
  };
  return state.leave(complete, -1, -1, promise);
}

/** @throws what `JSON.stringify` throws, where the response will be text. */
function inResponse({ isText, path, depth }: ResponseState, serialized: unknown): unknown {
  return isText ? jsonLeaf(serialized, path[depth - 1]) : serialized;
}
