import { Failure } from '../../step/signals.ts';
import { bareObject } from '../../utils/bareObject.ts';
import { codeAt } from '../../utils/codeAt.ts';
import { type ByteSink, LOOP_LIMIT, writeAscii, writeInteger, writeNumber } from '../output/ByteSink.ts';
import type { ByteState } from '../output/ByteState.ts';
import type { LeafField } from '../output/LeafField.ts';
import { BUBBLE, type OutputState } from '../output/OutputState.ts';
import type { CompiledField } from '../output/OutputWriter.ts';

/** What generated code calls. Each returns the place behind what it wrote. */
export const rowHelpers = {
  BUBBLE: BUBBLE as typeof BUBBLE,

  /** A string, after which `room` bytes are left for what follows. */
  string(sink: ByteSink, value: string, position: number, room: number): number {
    const { length } = value;
    const { bytes } = sink;
    if (length <= LOOP_LIMIT && position + length + 2 + room <= bytes.length) {
      bytes[position] = 0x22;
      if (writeAscii(bytes, value, position + 1) === length) {
        bytes[position + length + 1] = 0x22;
        return position + length + 2;
      }
    }
    // It is written again from its beginning: that it is not plain shows early, mostly.
    sink.position = position;
    sink.string(value);
    sink.reserve(room);
    return sink.position;
  },

  integer: writeInteger as typeof writeInteger,

  number: writeNumber as typeof writeNumber,

  /** A name in quotes: names of GraphQL are ASCII. */
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

  withoutPrototype(object: object): object {
    return Object.setPrototypeOf(object, null);
  },

  /** A field that its closure completes. */
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

  /** The same for a leaf whose property was read. */
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

  /** A field that its closure writes: -1 when it bubbles. `before` is where its key begins. */
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

  /** The same for a leaf whose property was read. */
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
