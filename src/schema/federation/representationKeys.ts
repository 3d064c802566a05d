import {
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLType,
  getNullableType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { SafeError } from '../../errors/SafeError.ts';
import { didYouMean } from '../../utils/didYouMean.ts';
import { inspect } from '../../utils/inspect.ts';
import { isRecord } from '../../utils/isRecord.ts';
import { SchemaError } from '../SchemaError.ts';

type Reference = Readonly<Record<string, unknown>>;

/** Gives a representation with its keys as values of the types of their fields, or the error of a malformed one. */
export type KeysReader = (reference: Reference) => Reference | SafeError;

/** A representation with the values of one key read; null where it lacks the key; or a value that is none of its type. */
type KeyReader = (reference: Reference, path: string) => Reference | null | WrongValue;

class WrongValue {
  constructor(
    readonly path: string,
    readonly value: unknown,
    readonly type: string,
  ) {}
}

const LONGEST = 60;

/**
 * Reads the keys of representations of a type as graphql-js reads arguments: `id: 7` of an `ID` is "7", an object is refused.
 *
 * @throws SchemaError for a key of fields that are not there.
 */
export function keysReader(schema: GraphQLSchema, typename: string, keys: readonly string[]): KeysReader {
  const type = schema.getType(typename);
  const readers = keys.map((key) => {
    try {
      return keyReader(type, selectionOf(key));
    } catch (error) {
      const message = `@key(fields: "${key}") cannot be read. ${error instanceof Error ? error.message : ''}`;
      throw new SchemaError([{ coordinate: typename, message }]);
    }
  });
  return (reference) => {
    let known: Reference | null = null;
    for (const read of readers) {
      const found = read(known ?? reference, '');
      if (found instanceof WrongValue) {
        const seen = shortly(found.value);
        return new SafeError(
          `A representation of ${typename} has ${seen} as "${found.path}", which is no ${found.type}.`,
        );
      }
      known = found ?? known;
    }
    if (known !== null) return known;
    const names = keys.map((key) => `"${key}"`).join(' and ');
    return new SafeError(
      `A representation of ${typename} has ${keys.length === 1 ? 'no' : 'none of its keys'} ${names}.`,
    );
  };
}

/** A value of a client as messages have it, whatever its length. */
export function shortly(value: unknown): string {
  const text = inspect(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** The selection of `@key(fields:)`. */
function selectionOf(fields: string): SelectionSetNode | undefined {
  const [definition] = parse(`{ ${fields} }`, { noLocation: true }).definitions;
  return definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet : undefined;
}

function keyReader(type: GraphQLNamedType | undefined, selection: SelectionSetNode | undefined): KeyReader {
  const fields = isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
  const readers = (selection?.selections ?? []).flatMap((node) => {
    if (node.kind !== Kind.FIELD || node.name.value === '__typename') return [];
    const name = node.name.value;
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) {
      throw new Error(`${type?.name} has no field "${name}".${didYouMean(name, Object.keys(fields))}`);
    }
    return [[name, valueReader(field.type, node.selectionSet)] as const];
  });
  return (reference, path) => {
    let read = reference;
    for (const [name, readValue] of readers) {
      const given = reference[name];
      const value = readValue(given, path === '' ? name : `${path}.${name}`);
      if (value === undefined) return null;
      if (value instanceof WrongValue) return value;
      // Those of gateways are right already: they are not copied.
      if (value !== given) read = { ...read, [name]: value };
    }
    return read;
  };
}

/** Undefined: the value is not there. Lists and unions, which keys of federation 2 may have, are taken as they are. */
function valueReader(
  type: GraphQLType,
  selection: SelectionSetNode | undefined,
): (value: unknown, path: string) => unknown {
  const inner = getNullableType(type);
  const readInner = isObjectType(inner) || isInterfaceType(inner) ? keyReader(inner, selection) : null;
  return (value, path) => {
    if (value === undefined || value === null) return undefined; // null is of no object
    if (isLeafType(inner)) {
      try {
        return inner.parseValue(value) ?? new WrongValue(path, value, String(type));
      } catch {
        return new WrongValue(path, value, String(type)); // its words may hold the value, whatever its length
      }
    }
    if (readInner === null) return value;
    if (!isRecord(value)) return new WrongValue(path, value, String(type));
    return readInner(value, path) ?? undefined;
  };
}
