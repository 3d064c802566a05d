import { Failure } from '../../step/signals.ts';
import { codeAt } from '../../utils/codeAt.ts';
import { bareObject, ended } from '../../utils/responseObject.ts';
import { writeInteger, writeNumber, writeString } from '../output/ByteSink.ts';
import type { ByteState } from '../output/ByteState.ts';
import type { LeafField } from '../output/LeafField.ts';
import { BUBBLE, type OutputState } from '../output/OutputState.ts';
import type { CompiledField } from '../output/OutputWriter.ts';

/** Functions that generated code calls. Those that write return the position after the bytes that they wrote. */
export const rowHelpers = {
  BUBBLE: BUBBLE as typeof BUBBLE,

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

  failure: (error: unknown): Failure => new Failure(error),

  bareObject: bareObject as typeof bareObject,

  ended: ended as typeof ended,

  withoutPrototype(object: object): object {
    return Object.setPrototypeOf(object, null);
  },

  /** Completes a field with its closure. */
  completed(
    state: OutputState,
    field: CompiledField<OutputState>,
    value: unknown,
    row: number,
    depth: number,
  ): unknown {
    state.path[depth] = field.key;
    state.depth = depth + 1;
    const completed = field.complete(state, value, row);
    state.depth = depth;
    return completed;
  },

  /** The same for a leaf whose property has been read. */
  completedFound(
    state: OutputState,
    field: LeafField<OutputState>,
    owner: unknown,
    depth: number,
    found: unknown,
  ): unknown {
    state.path[depth] = field.key;
    state.depth = depth + 1;
    const completed = field.completeFound(state, owner, found);
    state.depth = depth;
    return completed;
  },

  /** Writes a field with its closure. Returns -1 if it bubbles. `before` is the start of its key. */
  other(
    state: ByteState,
    field: CompiledField<ByteState>,
    value: unknown,
    row: number,
    depth: number,
    position: number,
    before: number,
    room: number,
  ): number {
    state.sink.position = position;
    state.path[depth] = field.key;
    state.depth = depth + 1;
    return afterField(state, field.complete(state, value, row), depth, before, room);
  },

  /** The same for a leaf whose property has been read. */
  otherFound(
    state: ByteState,
    field: LeafField<ByteState>,
    owner: unknown,
    found: unknown,
    depth: number,
    position: number,
    before: number,
    room: number,
  ): number {
    state.sink.position = position;
    state.path[depth] = field.key;
    state.depth = depth + 1;
    return afterField(state, field.completeFound(state, owner, found), depth, before, room);
  },
};

function afterField(state: ByteState, completed: unknown, depth: number, before: number, room: number): number {
  const { sink } = state;
  state.depth = depth;
  if (completed === BUBBLE) return -1;
  if (completed !== undefined) sink.position = before;
  sink.reserve(room);
  return sink.position;
}
