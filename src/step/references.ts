import { PlanqlError } from '../errors/PlanqlError.ts';
import { type CodePlace, callerOf, placeOf } from '../utils/codePlace.ts';

/** The property under which a function or object carries the name that stands for it in exported plans. */
const REFERENCE: unique symbol = Symbol.for('planql.reference');

/** The property under which it carries its parts with names of their own: the counter of a loader, say. */
const PARTS: unique symbol = Symbol.for('planql.parts');

/** A value that this process defined under a name. */
interface Offer<T> {
  /** Null where several values have the name: an engine must be told which one it means. */
  value: T | null;
  readonly places: CodePlace[];
}

/** A name of step classes or references as this process has defined it: one value, or the places of several. */
export type Offered<T> = { readonly value: T } | { readonly places: readonly string[] };

/**
 * Definitions of this process by name, for engines that import plans with names that they have not met (rule R25). A
 * name with several definitions means none of them. Per name the first value and two places are kept, no more.
 */
export class Offers<T extends object> {
  readonly #offers = new Map<string, Offer<T>>();

  add(name: string, value: T, place: CodePlace): void {
    const known = this.#offers.get(name);
    if (known === undefined) this.#offers.set(name, { value, places: [place] });
    else if (known.value !== value && known.places.length < 2) {
      known.value = null;
      known.places.push(place);
    }
  }

  get(name: string): Offered<T> | undefined {
    const offer = this.#offers.get(name);
    if (offer === undefined) return undefined;
    return offer.value === null ? { places: offer.places.map((place) => placeOf(place)) } : { value: offer.value };
  }
}

export const offeredReferences: Offers<object> = new Offers();

/**
 * Gives `value` the name `kind:name`, by which a plan made in another process finds it again. A value may have several
 * names: plans hold the latest.
 *
 * @throws PlanqlError when the name is empty.
 */
export function nameReference<T extends object>(
  kind: string,
  name: string,
  value: T,
  {
    parts = [],
    place = callerOf(nameReference),
  }: { readonly parts?: readonly object[]; readonly place?: CodePlace } = {},
): T {
  if (typeof name !== 'string' || name === '') {
    throw new PlanqlError('EMPTY_NAME', `${kind}() needs a name: a text such as "app.${kind}".`);
  }
  const reference = `${kind}:${name}`;
  Object.defineProperty(value, REFERENCE, { value: reference, configurable: true });
  if (parts.length > 0) Object.defineProperty(value, PARTS, { value: parts });
  offeredReferences.add(reference, value, place);
  return value;
}

/** Whether a param is no JSON but a function or an object with a name: plans hold its name, or a local slot. */
export function isReferenceable(value: unknown): value is object {
  return typeof value === 'function' || (typeof value === 'object' && value !== null && REFERENCE in value);
}

/** The name of a referenceable value, or null for a closure that nobody named. */
export function referenceName(value: object): string | null {
  const name = REFERENCE in value ? value[REFERENCE] : null;
  return typeof name === 'string' ? name : null;
}

/** The parts of a value that have names of their own. */
export function partsOf(value: object): readonly object[] {
  return (value as { [PARTS]?: readonly object[] })[PARTS] ?? [];
}
