import type { Random } from '../../fuzz/Random.ts';
import { type Attr, type Bound, type List, type ListField, nameOf, plainValues, ranges } from './application.ts';

/** What a field is made from. */
export interface FieldParts {
  readonly owner: string;
  readonly name: string;
  readonly lists: readonly List[];
  readonly shape: ListField['shape'];
  /** Arguments that say in which list of an index to look. */
  readonly values: readonly Attr[];
  /** What the lists may be ordered by. */
  readonly attrs: readonly Attr[];
}

/** Makes parts of lists, and the fields that show them. */
export class ListMaker {
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  orderOf(attrs: readonly Attr[]): string[] {
    const { random } = this;
    const names = attrs.filter(({ isLink, name }) => !isLink && name !== 'ends');
    const order: string[] = [];
    for (let n = 1 + random.below(2); n > 0 && names.length > 0; n--) {
      const { name } = random.pick(names);
      if (!order.some((one) => nameOf(one) === name)) order.push(`${random.chance(0.5) ? '-' : ''}${name}`);
    }
    return order;
  }

  whereFor(attrs: readonly Attr[], without: readonly string[]): List['where'] {
    const { random } = this;
    const isUsable = ({ kind, isLink, name }: Attr): boolean =>
      !isLink && kind !== 'Float' && kind !== 'UUID' && name !== 'ends' && !without.includes(name);
    const usable = attrs.filter(isUsable);
    if (usable.length === 0) return null;
    const where: Record<string, unknown[]> = {};
    for (let n = 1 + (random.chance(0.2) ? 1 : 0); n > 0; n--) {
      const one = random.pick(usable);
      const values: unknown[] = random.some(plainValues[one.kind], 0.5);
      if (!one.nonNull && random.chance(0.3)) values.push(null);
      if (values.length > 0) where[one.name] = values;
    }
    return Object.keys(where).length === 0 ? null : where;
  }

  shape(): 'connection' | 'list' {
    return this.random.chance(0.65) ? 'connection' : 'list';
  }

  field({ owner, name, lists, shape, values, attrs }: FieldParts): ListField {
    const { random } = this;
    const isChoice = lists.length > 1 || (shape !== 'one' && random.chance(0.2));
    const chosen = lists.flatMap((list, at) => [
      { value: `V${at}`, list, reverse: random.chance(0.4) },
      ...(isChoice && random.chance(0.5) ? [{ value: `W${at}`, list, reverse: random.chance(0.5) }] : []),
    ]);
    const isOne = shape === 'one';
    return {
      ...{ owner, name, isChoice, shape, values },
      takesPlaces: shape === 'connection' || lists.every(({ kind }) => kind !== 'value' && kind !== 'unique'),
      lists: isOne ? chosen.map((one) => ({ ...one, reverse: false })) : chosen,
      paging: isOne ? 'none' : random.pick(['forward', 'backward', 'both', 'both']),
      size: 1 + random.below(5),
      bounds: isOne ? [] : this.#boundsFor(lists, attrs, values),
    };
  }

  #boundsFor(lists: readonly List[], attrs: readonly Attr[], values: readonly Attr[]): Bound[] {
    const { random } = this;
    const bounds: Bound[] = [];
    for (const { orderBy } of lists) {
      const names = orderBy.map(nameOf);
      for (const name of names.slice(0, 1 + (random.chance(0.3) ? 1 : 0))) {
        const attr = attrs.find((one) => one.name === name);
        const isTaken = values.some((one) => one.name === name) || bounds.some((one) => one.attr === attr);
        if (attr === undefined || isTaken) continue;
        if (name !== names[0] && bounds.every((one) => one.attr.name !== names[0])) continue;
        if (!random.chance(0.7)) continue;
        bounds.push({ arg: `b_${name}`, attr, isRange: ranges[attr.kind] !== undefined && random.chance(0.75) });
      }
    }
    return bounds;
  }
}
