import { Failure, isSignal } from '../../../step/signals.ts';
import { codeAt } from '../../../utils/codeAt.ts';
import { bareObject, ended } from '../../../utils/responseObject.ts';
import type { RunState } from '../../state/RunState.ts';
import { inverseRows } from '../../state/rows.ts';
import { type ByteSink, writeInteger, writeNumber, writeString } from '../ByteSink.ts';
import type { CompiledField, LeafField } from '../LeafField.ts';
import { BUBBLE, PENDING, type ResponseState } from '../ResponseState.ts';
import type { FusedPosition } from './FusedPositions.ts';

/** Functions that generated code of both forms calls. Those that complete return what the closures return. */
const helpers = {
  BUBBLE: BUBBLE as typeof BUBBLE,

  failure: (error: unknown): Failure => new Failure(error),

  /** Rows of a selection by rows of its parent; null: they are the same; undefined: there are none. */
  selected(run: RunState, layer: number): Int32Array | null | undefined {
    return run.sizes[layer] === 0 ? undefined : inverseRows(run, layer);
  },

  getPrototypeOf(value: object): object | null {
    return Object.getPrototypeOf(value);
  },

  isFailure: (value: unknown): boolean => value instanceof Failure,

  isSignal: isSignal as (value: unknown) => boolean,

  isArray(value: unknown): boolean {
    try {
      return Array.isArray(value);
    } catch {
      return false; // A proxy that was revoked.
    }
  },

  /** The value of a property that is a function, called as graphql-js' default resolver calls it. */
  called(state: ResponseState, { place, depth }: FusedPosition, owner: unknown, method: () => unknown): unknown {
    state.depth = depth;
    return state.callField(place, owner, method);
  },

  /** Reading an item of a list threw. */
  thrown(state: ResponseState, { place, depth }: FusedPosition, error: unknown): void {
    state.depth = depth;
    state.fail(place, error, true);
  },

  /** Completes a field with its closure. */
  completed(state: ResponseState, field: CompiledField, value: unknown, row: number, depth: number): unknown {
    state.path[depth] = field.key;
    state.depth = depth + 1;
    const completed = field.complete(state, value, row);
    state.depth = depth;
    return completed;
  },

  /** The same for a leaf whose property has been read. */
  completedFound(state: ResponseState, field: LeafField, owner: unknown, depth: number, found: unknown): unknown {
    state.path[depth] = field.key;
    state.depth = depth + 1;
    const completed = field.completeFound(state, owner, found);
    state.depth = depth;
    return completed;
  },

  /** Completes a value that is unusual for its position. */
  elsewhere(state: ResponseState, fused: FusedPosition, value: unknown, row: number): unknown {
    state.depth = fused.depth;
    return fused.complete(state, value, row);
  },

  /** The same for a value that was looked at: `outcome` is the result of the look. */
  looked(state: ResponseState, fused: FusedPosition, value: unknown, outcome: unknown, row: number): unknown {
    state.depth = fused.depth;
    if (outcome === PENDING) return state.leave(fused.complete, row, fused.output);
    if (outcome instanceof Failure) return state.fail(fused.place, outcome.error, fused.nonNull);
    return fused.complete(state, value, row);
  },

  /** A null or error from below went up to a position. */
  absorbed(state: ResponseState, fused: FusedPosition, value: unknown, pending: number): unknown {
    state.depth = fused.depth;
    return state.absorb(fused.nonNull, pending, fused.output, value);
  },

  /** Groups the pending positions below a position that may be null. */
  grouped(state: ResponseState, { depth }: FusedPosition, pending: number): void {
    state.depth = depth;
    state.group(pending);
  },
};

/** Functions that generated code for objects calls. */
export const objectHelpers: object = {
  ...helpers,

  bareObject: bareObject as typeof bareObject,

  ended: ended as typeof ended,

  withoutPrototype(object: object): object {
    return Object.setPrototypeOf(object, null);
  },
};

/** Functions that generated code for bytes calls. Those that write return the position after the bytes that they wrote. */
export const byteHelpers: object = {
  ...helpers,

  string: writeString as typeof writeString,

  integer: writeInteger as typeof writeInteger,

  number: writeNumber as typeof writeNumber,

  /** Writes a name in quotes. Names of GraphQL are ASCII. */
  ascii(bytes: Uint8Array, name: string, position: number): number {
    let at = position;
    bytes[at++] = 0x22;
    for (let index = 0; index < name.length; index++) bytes[at++] = codeAt(name, index);
    bytes[at++] = 0x22;
    return at;
  },

  copy(bytes: Uint8Array, from: readonly number[], position: number): number {
    for (let index = 0; index < from.length; index++) bytes[position + index] = from[index] as number;
    return position + from.length;
  },

  /** Makes room. */
  grown(sink: ByteSink, p: number, room: number): void {
    sink.position = p;
    sink.reserve(room);
  },

  /**
   * Writes what a closure completed. Returns the position after it, with `room` bytes left there; -1 for a null or error that
   * goes up. A leaf that JSON leaves out takes the `prefix` bytes of its key with it; an item of a list is null then.
   */
  put(sink: ByteSink, completed: unknown, p: number, prefix: number, room: number): number {
    if (completed === BUBBLE) return -1;
    sink.position = p;
    if (!sink.value(completed)) {
      if (prefix > 0) sink.position = p - prefix;
      else sink.null();
    }
    sink.reserve(room);
    return sink.position;
  },
};
