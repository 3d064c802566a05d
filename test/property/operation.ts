import fc from 'fast-check';
import type { Stored, World } from './world.ts';

/** A field by numbers: which one, of those that there are; with which argument; and what is read of it. */
export interface Choice {
  readonly field: number;
  readonly argument: number;
  readonly below: readonly Choice[];
}

const tree = (depth: number): fc.Arbitrary<readonly Choice[]> =>
  fc.array(
    fc.record({
      field: fc.nat(7),
      argument: fc.nat(6),
      below: depth === 0 ? fc.constant([]) : tree(depth - 1),
    }),
    { minLength: depth === 0 ? 0 : 1, maxLength: 3, size: 'max' },
  );

export interface Operation {
  readonly roots: readonly Choice[];
  /** What all lists are asked for; null: each field says for itself. */
  readonly first: number | null;
}

export const operation: fc.Arbitrary<Operation> = fc.record({
  roots: fc.integer({ min: 1, max: 4 }).chain(tree),
  first: fc.option(fc.integer({ min: 1, max: 5 })),
});

/** The text of an operation. */
export function textOf({ types }: World, { ids }: Stored, { roots, first }: Operation): string {
  const idAt = (type: number, n: number): string => {
    const own = ids[type] as readonly string[];
    return JSON.stringify(own[n % own.length]);
  };
  const firstOf = (argument: number): string => (first === null && argument > 4 ? '' : `(first: ${first ?? argument})`);
  const rootField = ({ field, argument, below }: Choice, at: number): string => {
    const type = field % types.length;
    const kind = argument % 3;
    const call = [
      `one${type}(id: ${idAt(type, argument)})`,
      `all${type}(ids: [${[argument, argument + 1, argument].map((n) => idAt(type, n)).join()}])`,
      `named${type}(name: "n${argument % 3}")`,
    ][kind];
    return `q${at}: ${call} ${selection(type, below)}`;
  };
  const selection = (type: number, below: readonly Choice[]): string =>
    `{ ${below.length === 0 ? 'name' : below.map((one, at) => fieldOf(type, one, at)).join(' ')} }`;
  const fieldOf = (type: number, { field, argument, below }: Choice, at: number): string => {
    const { references, lists } = types[type] as World['types'][number];
    const fields = [
      () => 'name',
      ...references.map((to, n) => () => `r${n} ${selection(to, below)}`),
      ...lists.flatMap((to, n) => [() => `l${n}${firstOf(argument)} ${selection(to, below)}`, () => `c${n}`]),
    ];
    return `f${at}: ${(fields[field % fields.length] as () => string)()}`;
  };
  return `{ ${roots.map(rootField).join(' ')} }`;
}
