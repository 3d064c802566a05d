import type { Random } from '../../fuzz/Random.ts';
import type { Knobs } from './Knobs.ts';
import { kinds } from './kinds/index.ts';
import { stored } from './kinds/stored.ts';
import { type Recipe, recipe } from './Recipe.ts';
import {
  areEqual,
  attributes,
  flag,
  hasAttributes,
  int,
  key,
  leaves,
  listOf,
  rowOf,
  type Shape,
  text,
} from './Shape.ts';

/** What a recipe may refer to where it stands. */
export interface Scope {
  /** The shapes of the objects and items around, the parent first; null where there is nothing to read. */
  readonly items: readonly (Shape | null)[];
  readonly args: Readonly<Record<string, Shape>>;
  /** The names of all arguments, those of connections and inputs too. */
  readonly argNames: readonly string[];
  /** How deep a recipe may still be. */
  readonly depth: number;
  /** Only what is one value for the whole request. */
  readonly isGlobal: boolean;
  /** Whether a list may end early with the empty list: what an object is made of must not. */
  readonly mayBeEmpty: boolean;
  /** Whether the field is of connections: Kvetch's in its plan leave out what `authorize` hides, whatever they are read for. */
  readonly isOfPages: boolean;
}

/** Makes random recipes. */
export class Maker {
  readonly random: Random;
  readonly knobs: Knobs;
  readonly #forms = new Map<string, unknown[]>();

  constructor(random: Random, knobs: Knobs) {
    this.random = random;
    this.knobs = knobs;
  }

  /** A recipe that yields `shape`; a part of another one where `scope` is that of the whole. */
  make(shape: Shape, scope: Scope): Recipe {
    // An empty list in place of a part would be that of the whole.
    const inner = { ...scope, depth: scope.depth - 1, mayBeEmpty: scope.mayBeEmpty && shape.is === 'list' };
    const usual = (): readonly string[] => {
      if (isListOfPages(shape)) return ['each'];
      return this.knobs.store && this.chance(0.3) ? storedNames : names;
    };
    for (let left = 40; left > 0; left--) {
      const isEnd = scope.depth <= 0 || this.chance(0.1);
      const global = isEnd ? globals.slice(0, 4) : globals;
      const names = scope.isGlobal ? global : isEnd ? ends : usual();
      const made = kinds[this.random.pick(names)]?.make(this, shape, inner) ?? null;
      if (made !== null) return { ...made, yields: shape };
    }
    return nothing(shape);
  }

  /** A form of a loader, often one that is there: steps of one loader share calls, caches and keys. */
  form<T>(name: string, make: () => T): T {
    const known = this.#forms.get(name) ?? [];
    this.#forms.set(name, known);
    if (known.length > 0 && this.chance(0.5)) return this.random.pick(known) as T;
    const made = make();
    known.push(made);
    return made;
  }

  /** Several of them. */
  all(shapes: readonly Shape[], scope: Scope): Recipe[] {
    return shapes.map((shape) => this.make(shape, scope));
  }

  /** Mostly null: an option of a step. */
  option(shape: Shape, scope: Scope, probability = 0.2): Recipe[] {
    return this.random.chance(probability) ? [this.make(shape, scope)] : [];
  }

  chance(probability: number): boolean {
    return this.random.chance(probability);
  }

  leaf(): Shape {
    return this.random.pick(leaves);
  }

  /** The shape of the items of a list that something is planned for. */
  item(): Shape {
    return this.random.pick([
      int,
      key,
      key,
      text,
      rowOf('A'),
      rowOf('A'),
      rowOf('Thing'),
      rowOf('Either'),
      listOf(int),
    ]);
  }

  row(): Shape {
    return this.random.pick([rowOf('A'), rowOf('B'), rowOf('C'), rowOf('Thing')]);
  }

  /** The name of an attribute of this shape. */
  attribute(shape: Shape): string | null {
    const fitting = Object.keys(attributes).filter((name) => areEqual(attributes[name] as Shape, shape));
    return fitting.length === 0 ? null : this.random.pick(fitting);
  }

  /** The items around that can be read for a shape. */
  itemsFor(shape: Shape, { items, isGlobal }: Scope): number[] {
    if (isGlobal) return [];
    return items.flatMap((item, level) => (item !== null && fits(item, shape) ? [level] : []));
  }

  /** A value that anything can be compared to, or null. */
  value(shape: Shape): unknown {
    const { random } = this;
    if (random.chance(0.1)) return null;
    if (areEqual(shape, int)) return random.below(5);
    if (areEqual(shape, text)) return random.pick(['', 'x', 'yes', 'A']);
    if (areEqual(shape, flag)) return random.chance(0.5);
    if (areEqual(shape, key)) return `r${random.below(11)}`;
    if (shape.is === 'list') return Array.from({ length: random.below(4) }, () => this.value(shape.of));
    return null;
  }
}

/** A recipe of every shape: an empty list, or null. */
export function nothing(shape: Shape): Recipe {
  return { ...recipe('constant', [], shape.is === 'list' ? [] : null), yields: shape };
}

/** Rows of an object type stand for those of its abstract types. */
export function fits(given: Shape, wanted: Shape): boolean {
  if (given.is === 'row' && wanted.is === 'row') return hasAttributes(given) === hasAttributes(wanted);
  return areEqual(given, wanted);
}

/** Whether a field of this shape gives connections. */
export function isOfPages(shape: Shape): boolean {
  return shape.is === 'pages' || isListOfPages(shape);
}

/** What is made of such a list has connections without parts: only `each` makes one. */
function isListOfPages(shape: Shape): boolean {
  return shape.is === 'list' && shape.of.is === 'pages';
}

/** Kinds that need no part, or only a key. */
const ends = [
  'constant',
  'context',
  'context',
  'item',
  'item',
  'item',
  'get',
  'get',
  'arg',
  'rootValue',
  'loadOne',
  'loadMany',
  'node',
];
const globals = ['constant', 'context', 'rootValue', 'arg', 'lambda', 'condition', 'coalesce'];
/** Kinds that read the data are there more often: most others pass on what they read. */
const readers = [
  'get',
  'item',
  'loadOne',
  'loadMany',
  'each',
  'filter',
  'lambda',
  'condition',
  'first',
  'listLength',
  'nodes',
  'node',
];
const names: readonly string[] = [
  ...Object.keys(kinds),
  ...readers,
  ...readers,
  ...readers,
  'message',
  'trap',
  'nodeId',
];
const storedNames = Object.keys(stored);
