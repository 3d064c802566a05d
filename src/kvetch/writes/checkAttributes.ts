import { didYouMean } from '../../utils/didYouMean.ts';
import { inheritedName, isPropertyBag } from '../../utils/propertyBag.ts';
import { valueAt } from '../codec/valueAt.ts';
import { BadIdError, BadValueError, inheritedValue, quote } from '../errors.ts';
import { parseId } from '../ids/parseId.ts';
import { attempt } from '../reads/attempt.ts';
import type { FieldKind } from '../schema/definitions.ts';
import type { ObjectType } from '../schema/KvetchSchema.ts';
import { isReservedAttribute } from '../schema/reservedAttributes.ts';

/** Attributes as given: values, `null` to clear, `undefined` for not given. */
export type AttributesInput = Readonly<Record<string, unknown>>;

/**
 * The attributes of a write with ids in canonical text, or an error that names the attribute. `undefined` is left
 * out and `null` stays: it means clear.
 */
export function checkAttributes(type: ObjectType, given: unknown): Record<string, unknown> {
  // a Date or a Map would be an object without attributes
  if (!isPropertyBag(given)) {
    throw new BadValueError(`The data of ${type.name} is ${quote(given)} and must be an object of attributes.`);
  }
  const storedIds = new Set(type.storedIdEdges.map((edge) => edge.storedIdAttr));
  const attributes: Record<string, unknown> = {};
  for (const [name, value] of entriesOf(given, `The data of ${type.name}`)) {
    checkName(type, name);
    if (value === undefined) continue;
    const kind = type.fields?.get(name)?.kind ?? (storedIds.has(name) ? 'uuid' : 'json');
    attributes[name] = value === null ? null : checkKind(kind, value, `${type.name}.${name}`);
  }
  return attributes;
}

/** The entries of an object that a caller has given. @throws BadValueError where a getter throws. */
export function entriesOf(given: object, what: string): ReadonlyArray<readonly [name: string, value: unknown]> {
  const names = attempt(() => Object.keys(given));
  if (names instanceof Error) throw new BadValueError(`${what} cannot be read: ${names.message}`);
  const inherited = inheritedName(given);
  if (inherited !== null) throw inheritedValue(what, inherited);
  return names.map((name) => [name, valueAt(given, name, what)] as const);
}

/** Checks that the attributes required by the type are there, as they will be: those that are given, or the earlier ones. */
export function checkRequired(type: ObjectType, before: AttributesInput, given: AttributesInput): void {
  if (type.fields === null) return;
  for (const [name, field] of type.fields) {
    const value = Object.hasOwn(given, name) ? given[name] : before[name];
    if (field.required && (value === undefined || value === null)) {
      throw new BadValueError(`${type.name}.${name} is required.`);
    }
  }
}

function checkName(type: ObjectType, name: string): void {
  if (name === '' || isReservedAttribute(name)) {
    throw new BadValueError(
      `${type.name} cannot have an attribute ${quote(name)}: the name is reserved for the store.`,
    );
  }
  if (type.fields !== null && !type.fields.has(name)) {
    throw new BadValueError(`${type.name} has no field ${quote(name)}.${didYouMean(name, type.fields.keys())}`);
  }
}

function checkKind(kind: FieldKind, value: unknown, place: string): unknown {
  if (kind === 'uuid') {
    const id = parseId(value);
    if (id === null) throw new BadIdError(value, place);
    return id;
  }
  if (!isOfKind(kind, value)) throw new BadValueError(`${place} is ${quote(value)} and must be of the kind ${kind}.`);
  return value;
}

function isOfKind(kind: Exclude<FieldKind, 'uuid'>, value: unknown): boolean {
  switch (kind) {
    case 'string':
      return typeof value === 'string';
    case 'int':
      return Number.isSafeInteger(value) || typeof value === 'bigint';
    case 'float':
      return Number.isFinite(value);
    case 'bool':
      return typeof value === 'boolean';
    case 'date':
      return value instanceof Date;
    case 'bytes':
      return value instanceof Uint8Array;
    case 'json':
      return true;
  }
}
