import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLLeafType,
  GraphQLString,
} from 'graphql';
import { inspect } from '../../utils/inspect.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import { watchList } from '../../utils/watchPromise.ts';

/** The built-in scalars whose values can be checked by a look; `custom` for all other leaf types. */
export type LeafKind = 'string' | 'int' | 'float' | 'boolean' | 'id' | 'custom';

const builtIn: ReadonlyMap<GraphQLLeafType, LeafKind> = new Map<GraphQLLeafType, LeafKind>([
  [GraphQLString, 'string'],
  [GraphQLInt, 'int'],
  [GraphQLFloat, 'float'],
  [GraphQLBoolean, 'boolean'],
  [GraphQLID, 'id'],
]);

/** A scalar whose method was replaced is one like any other. */
export function leafKind(type: GraphQLLeafType): LeafKind {
  const kind = builtIn.get(type);
  return kind !== undefined && coercerOf(type) === original.get(type) ? kind : 'custom';
}

/** Whether a value is written as it is: `serialize` of the built-in scalar would return it unchanged. */
export const isPlainLeaf: Readonly<Record<LeafKind, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  int: (value) => typeof value === 'number' && (value | 0) === value,
  float: (value) => typeof value === 'number' && Number.isFinite(value),
  boolean: (value) => typeof value === 'boolean',
  id: (value) => typeof value === 'string',
  custom: () => false,
};

interface LeafCoercer {
  serialize?(value: unknown): unknown;
  coerceOutputValue?(value: unknown): unknown;
}

function coercerOf(type: GraphQLLeafType): unknown {
  const coercer = type as LeafCoercer;
  return coercer.coerceOutputValue ?? coercer.serialize;
}

/** graphql-js' own methods, unless they were replaced before this module was loaded: those have another name, or none. */
const original: ReadonlyMap<unknown, unknown> = new Map(
  Array.from(builtIn.keys(), (type) => {
    const coercer = coercerOf(type);
    const name = typeof coercer === 'function' ? coercer.name : null;
    return [type, name === 'serialize' || name === 'coerceOutputValue' ? coercer : null];
  }),
);

/** A leaf value as the response holds it. Implements `CompleteValue` for leaves; throws graphql-js' errors. */
export function serializeLeaf(type: GraphQLLeafType, value: unknown): unknown {
  if (typeof value === 'object' && value !== null) watchList(value); // nobody reads further
  const coercer = type as LeafCoercer;
  const isNew = typeof coercer.coerceOutputValue === 'function';
  const serialized = isNew ? coercer.coerceOutputValue?.(value) : coercer.serialize?.(value);
  if (serialized === null || serialized === undefined) {
    const method = isNew ? 'coerceOutputValue' : 'serialize';
    throw new Error(
      `Expected \`${inspect(type)}.${method}(${inspect(value)})\` to return non-nullable value, returned: ${inspect(serialized)}`,
    );
  }
  return serialized;
}

const known = new WeakMap<GraphQLEnumType, ReadonlyMap<unknown, string>>();

/**
 * The names of an enum by its internal values. Null, errors and promises are handled before any type looks at a value,
 * so that they never get as far as their name.
 */
export function enumNames(type: GraphQLLeafType): ReadonlyMap<unknown, string> | null {
  if (!(type instanceof GraphQLEnumType)) return null;
  let names = known.get(type);
  if (names === undefined) {
    const entries = type.getValues().map(({ value, name }): [unknown, string] => [value, name]);
    names = new Map(entries.filter(([value]) => isLookedUp(value)));
    known.set(type, names);
  }
  return names;
}

function isLookedUp(value: unknown): boolean {
  return value !== null && value !== undefined && !(value instanceof Error) && !isPromiseLike(value);
}
