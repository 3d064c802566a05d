import { anything, checkOptions, type OptionTable } from '../../errors/checkOptions.ts';
import { compareValues, isSameValue } from '../codec/compareValues.ts';
import { valueAt } from '../codec/valueAt.ts';
import { BadValueError, KvetchOptionError, quote } from '../errors.ts';

/** A change that is computed from the stored value at the moment of the write: `increment(1)`, say. Spec 6.8. */
export class AttributeChange<out TValue = unknown> {
  /** For types only: the kind of value that comes of it. */
  declare readonly result: TValue;
  /** `increment`, `max`, `min`, `append` or `remove`. */
  readonly name: string;
  /** The arguments of the change. */
  readonly operands: readonly unknown[];
  readonly #apply: (stored: unknown) => unknown;
  readonly #needs: string;

  /** `apply` gives `undefined` for a stored value that it cannot change; `needs` names what it can. */
  constructor(
    [name, ...operands]: readonly [name: string, ...operands: unknown[]],
    needs: string,
    apply: (stored: unknown) => unknown,
  ) {
    this.name = name;
    this.operands = operands;
    this.#needs = needs;
    this.#apply = apply;
  }

  /** The new value of an attribute. `place` names it for errors. */
  of(stored: unknown, place: string): unknown {
    const value = this.#apply(stored);
    if (value !== undefined) return value;
    throw new BadValueError(`${place} is ${quote(stored)}, and this change needs ${this.#needs}.`);
  }
}

/** Adds a number to the attribute. An absent one counts as 0. */
export function increment(by: number | bigint = 1): AttributeChange<number> {
  if (typeof by !== 'bigint' && !Number.isFinite(by))
    throw new BadValueError(`increment(${quote(by)}) needs a number.`);
  return new AttributeChange(['increment', by], 'a number', (stored) => {
    if (stored === undefined || stored === null) return by;
    if (typeof stored !== 'number' && typeof stored !== 'bigint') return undefined;
    if (typeof stored === 'number' && typeof by === 'number') {
      const sum = stored + by;
      if (!isExact(stored) || !isExact(by) || Number.isSafeInteger(sum)) return sum;
    }
    return isExact(stored) && isExact(by) ? BigInt(stored) + BigInt(by) : undefined;
  });
}

function isExact(value: number | bigint): boolean {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

/** Raises the attribute to a number, time or text, unless it is above it. An absent one gets it. */
export function max<T extends number | bigint | string | Date>(value: T): AttributeChange<T> {
  return further('max', value, (order) => order > 0);
}

/** Lowers the attribute to a number, time or text, unless it is below it. An absent one gets it. */
export function min<T extends number | bigint | string | Date>(value: T): AttributeChange<T> {
  return further('min', value, (order) => order < 0);
}

function further<T>(name: string, value: T, isFurther: (order: number) => boolean): AttributeChange<T> {
  if (compareValues(value, value) !== 0 || Number.isNaN(value))
    throw new BadValueError(`max and min need a number, a Date or a text, and not ${quote(value)}.`);
  return new AttributeChange([name, value], 'a value of the same kind', (stored) => {
    if (stored === undefined || stored === null) return value;
    const order = compareValues(value, stored);
    if (order === null) return undefined;
    return isFurther(order) ? value : stored;
  });
}

export interface AppendOptions {
  /** So many values are kept: the last ones. */
  readonly limit?: number;
}

const appendOptions: OptionTable<AppendOptions> = { limit: anything };

/** Puts a value behind the others of a list. An absent attribute is an empty list. */
export function append(value: unknown, options: AppendOptions = {}): AttributeChange<unknown> {
  checkOptions('append', options, appendOptions, KvetchOptionError);
  const { limit = Number.POSITIVE_INFINITY } = options;
  if (!(limit >= 1) || (limit !== Number.POSITIVE_INFINITY && !Number.isInteger(limit)))
    throw new BadValueError(`The "limit" of append is ${quote(limit)} and must be an integer of 1 or more.`);
  return ofList(['append', value, limit], (list) => [...list, value].slice(-limit));
}

/** Removes all values from a list that are equal to this one. */
export function remove(value: unknown): AttributeChange<unknown> {
  return ofList(['remove', value], (list) => list.filter((one) => !isSameValue(one, value)));
}

function ofList(
  name: readonly [string, ...unknown[]],
  change: (list: readonly unknown[]) => readonly unknown[],
): AttributeChange<unknown> {
  return new AttributeChange(name, 'a list', (stored) =>
    stored === undefined || stored === null ? change([]) : Array.isArray(stored) ? change(stored) : undefined,
  );
}

/** A patch with values in place of changes. `type` names the object's type for errors. */
export function resolveChanges(
  type: string,
  attributes: Readonly<Record<string, unknown>>,
  patch: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  let resolved: Record<string, unknown> | null = null;
  for (const name in patch) {
    const change = valueAt(patch, name, `The data of ${type}`);
    if (!(change instanceof AttributeChange)) continue;
    resolved ??= { ...patch };
    const stored = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    resolved[name] = change.of(stored, `${type}.${name}`);
  }
  return resolved ?? patch;
}
