import { isRecord } from '../../utils/isRecord.ts';
import { compareValues, isSameValue } from '../codec/compareValues.ts';
import { toStored } from '../codec/toStored.ts';
import { BadValueError, ConditionFailedError, quote } from '../errors.ts';
import type { ObjectType } from '../schema/KvetchSchema.ts';
import { checkAttributes, entriesOf } from './checkAttributes.ts';

/** In a condition: the attribute has no value. `null` says the same. */
export const absent: unique symbol = Symbol('absent');

/** A range of numbers, times or texts, both ends included. */
export class Between<TValue = unknown> {
  readonly from: TValue;
  readonly to: TValue;

  constructor(from: TValue, to: TValue) {
    this.from = from;
    this.to = to;
  }
}

/** In a condition: the attribute lies between two numbers, times or texts, or is one of them. */
export function between<T extends number | bigint | string | Date>(from: T, to: T): Between<T> {
  if (compareValues(from, to) === null)
    throw new BadValueError(`between(${quote(from)}, ${quote(to)}) needs two numbers, two Dates or two texts.`);
  return new Between(from, to);
}

/** A condition on an attribute whose values are `TValue`. */
export type Condition<TValue> =
  | TValue
  | null
  | typeof absent
  | Between<TValue>
  | ReadonlyArray<TValue | null | typeof absent | Between<TValue>>;

/**
 * The conditions of a write (`if`), by attribute: a value, `absent`, `between(from, to)`, or a list of these, if one of them
 * suffices. To compare with a value that is a list, put it into a list. Spec 6.8.
 */
export type Conditions = Readonly<Record<string, unknown>>;

/**
 * Throws unless all conditions hold.
 * @throws ConditionFailedError with the first attribute that is not as it must be; BadValueError for a condition that never can be met.
 */
export function checkConditions(
  type: ObjectType,
  id: string,
  attributes: Readonly<Record<string, unknown>>,
  conditions: Conditions | undefined,
): void {
  if (conditions === undefined) return;
  if (!isRecord(conditions))
    throw new BadValueError(`"if" is ${quote(conditions)} and must be an object of attributes.`);
  for (const [name, condition] of entriesOf(conditions, `The "if" of ${type.name}`)) {
    if (condition === undefined) continue;
    const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    const some = Array.isArray(condition) ? condition : [condition];
    const tests = some.map((one) => testOf(type, name, one)); // all of them, so that a mistake is always seen
    if (!tests.some((holds) => holds(value))) throw new ConditionFailedError(id, name);
  }
}

function testOf(type: ObjectType, name: string, condition: unknown): (value: unknown) => boolean {
  const checked = (value: unknown): unknown => checkAttributes(type, { [name]: value })[name];
  if (condition === absent || condition === null) {
    checked(null);
    return (value) => value === undefined || value === null;
  }
  if (condition instanceof Between) {
    const [from, to] = [checked(condition.from), checked(condition.to)];
    return (value) => (compareValues(value, from) ?? -1) >= 0 && (compareValues(value, to) ?? 1) <= 0;
  }
  const wanted = checked(condition);
  toStored(wanted, `The condition on ${type.name}.${name}`, { tagged: false }); // what cannot be stored cannot be there
  return (value) => isSameValue(value, wanted);
}
