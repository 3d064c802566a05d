import { Failure } from '../../step/signals.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { enumNames, type LeafKind, leafKind } from '../link/leaves.ts';
import { OMIT } from './ByteAssembly.ts';
import type { ByteState } from './ByteState.ts';
import { completeLeaf } from './completeLeaf.ts';
import { BUBBLE, type Complete, type FieldPlace, OTHER, PENDING } from './OutputState.ts';
import type { CompiledField, ObjectFields, OutputWriter, PlainLeaf } from './OutputWriter.ts';
import { readOwn } from './reads.ts';

const COMMA = 0x2c;
const OPEN = 0x7b;
const utf8 = new TextEncoder();

/** Writes responses as UTF-8 JSON, equal byte for byte to `JSON.stringify` of the objects of `objectWriter`. */
export const byteWriter: OutputWriter<ByteState> = {
  end,

  composite(place, { nonNull, register, output }, build) {
    const complete: Complete<ByteState> = (state, given, row) => {
      const value = register !== -1 && !state.run.hasSignals[register] ? given : state.look(given);
      if (value === null || value === undefined) return end(state, state.failNull(place, nonNull));
      if (value === PENDING) return state.leave(complete, row, output);
      if (value instanceof Failure) return end(state, state.fail(place, value.error, nonNull));
      const start = state.sink.position;
      const spots = state.spots.length;
      const result = build(state, value, row);
      if (result !== BUBBLE && state.spots.length === spots) return undefined;
      if (result === BUBBLE) {
        // Its bytes are discarded.
        state.sink.position = start;
        return end(state, state.absorb(nonNull, spots, output, value));
      }
      if (!nonNull) state.group(spots, start);
      return undefined;
    };
    return complete;
  },

  plainLeaf(type) {
    const names = enumNames(type);
    return names === null ? plainLeaves[leafKind(type)] : plainName(names);
  },

  otherLeaf: (state, place, nonNull, type, value) => completeLeaf(state, place, nonNull, type, value, writeLeaf),

  typename(type) {
    const bytes = utf8.encode(JSON.stringify(type));
    return ({ sink }) => sink.raw(bytes);
  },

  list:
    ({ items, hasRows, read, complete, redo }) =>
    (state, list, values, row) => {
      const isItem = read === readOwn;
      const { depth, path, run, sink } = state;
      const start = items.start(state, row);
      const last = items.end(state, row, values, list);
      const { isLive } = items;
      sink.byte(0x5b);
      for (let index = start; index < (isLive ? values.length : last); index++) {
        if (index > start) sink.byte(COMMA);
        path[depth] = index - start;
        state.depth = depth + 1;
        const itemRow = hasRows ? index : row;
        const item = values[index];
        let completed = complete(state, isItem ? item : read(run, item, itemRow), itemRow);
        state.depth = depth;
        if (completed === BUBBLE) {
          if (!state.isUnfinished) return BUBBLE;
          state.depth = depth + 1;
          // Such an item is a row: to read it again calls no getter.
          completed = state.leaveUnfinished(redo, values[index], itemRow);
          state.depth = depth;
        }
        if (completed === OMIT) sink.null();
      }
      sink.byte(0x5d);
      return undefined;
    },

  object: closureObject,
};

function closureObject(objectFields: ObjectFields<ByteState>): Complete<ByteState> {
  let fields: readonly CompiledField<ByteState>[] | null = null;
  return (state, value, row) => {
    fields ??= objectFields.compiled;
    const { depth, path, run, sink } = state;
    const start = sink.position;
    for (let index = 0; index < fields.length; index++) {
      const field = fields[index] as CompiledField<ByteState>;
      if (field.guard !== 0 && !run.holds(field.guard)) continue;
      const before = sink.position;
      sink.key(field.key);
      path[depth] = field.key;
      state.depth = depth + 1;
      const completed = field.complete(state, value, row);
      state.depth = depth;
      if (completed === undefined) continue;
      if (completed === BUBBLE) return BUBBLE;
      sink.position = before;
    }
    // Each key has a comma before it. The first comma becomes the brace.
    if (sink.position === start) sink.byte(OPEN);
    else sink.bytes[start] = OPEN;
    sink.byte(0x7d);
    return undefined;
  };
}

function end({ sink }: ByteState, outcome: unknown): unknown {
  if (outcome === BUBBLE) return BUBBLE;
  sink.null();
  return undefined;
}

const known = new WeakMap<ReadonlyMap<unknown, string>, PlainLeaf<ByteState>>();

/** An enum has few names: their bytes are made once per type. */
function plainName(names: ReadonlyMap<unknown, string>): PlainLeaf<ByteState> {
  return getOrCreate(known, names, () => {
    const bytes = new Map([...names].map(([value, name]) => [value, utf8.encode(JSON.stringify(name))]));
    return ({ sink }, value) => {
      const name = bytes.get(value);
      return name === undefined ? OTHER : sink.raw(name);
    };
  });
}

const plainText: PlainLeaf<ByteState> = ({ sink }, value) => (typeof value === 'string' ? sink.string(value) : OTHER);

/** The values are those of `isPlainLeaf`; asked here, each costs one call less. */
const plainLeaves: Readonly<Record<LeafKind, PlainLeaf<ByteState>>> = {
  string: plainText,
  id: plainText,
  int: ({ sink }, value) => (typeof value === 'number' && (value | 0) === value ? sink.integer(value) : OTHER),
  float: ({ sink }, value) => (typeof value === 'number' && Number.isFinite(value) ? sink.number(value) : OTHER),
  boolean: ({ sink }, value) => (typeof value === 'boolean' ? sink.boolean(value) : OTHER),
  custom: () => OTHER,
};

function writeLeaf(state: ByteState, place: FieldPlace, nonNull: boolean, completed: unknown): unknown {
  if (completed === BUBBLE) return BUBBLE;
  if (typeof completed === 'string') {
    state.sink.string(completed);
    return undefined;
  }
  try {
    const json = jsonOf(completed, state.path[state.depth - 1]);
    if (json === undefined) return OMIT;
    state.sink.text(json);
    return undefined;
  } catch (error) {
    return end(state, state.fail(place, error, nonNull));
  }
}

/** The text of a value as in `JSON.stringify` of the whole response, which passes the key to `toJSON`. */
function jsonOf(value: unknown, key: unknown): string | undefined {
  if ((typeof value !== 'object' && typeof value !== 'bigint') || value === null || !('toJSON' in Object(value))) {
    return JSON.stringify(value);
  }
  const name = String(key);
  const json = JSON.stringify({ [name]: value });
  // Now the text of an object with this one property, or with none.
  return json === '{}' ? undefined : json.slice(JSON.stringify(name).length + 2, -1);
}
