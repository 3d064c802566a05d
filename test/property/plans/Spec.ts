import type { Random } from '../../fuzz/Random.ts';
import type { Knobs } from './Knobs.ts';
import { plainForm } from './kinds/loads.ts';
import type { LoadOneForm } from './loaders.ts';
import { isOfPages, Maker, type Scope } from './Maker.ts';
import { type Recipe, recipe } from './Recipe.ts';
import {
  areEqual,
  flag,
  hasAttributes,
  int,
  key,
  listOf,
  membersOf,
  objectTypes,
  pagesOf,
  type RowType,
  rowOf,
  type Shape,
  text,
} from './Shape.ts';

/** The value in place of hidden objects: `error` is one. */
export type HiddenForm = 'null' | 'leaveOut' | 'error';

export interface FieldSpec {
  readonly name: string;
  readonly shape: Shape;
  /** Where its type has `!`: outer places first. */
  readonly strict: readonly boolean[];
  readonly args: readonly string[];
  readonly recipe: Recipe;
  readonly hidden: HiddenForm | null;
  /** planql calls the resolver that graphql-js is given, and plans nothing. */
  readonly isResolved: boolean;
  /** Of subscription fields: yields the topic; `recipe` is applied to each event. */
  readonly topic: Recipe | null;
}

export interface TypeSpec {
  readonly name: string;
  readonly fields: readonly FieldSpec[];
  readonly authorize: Recipe | null;
  readonly hidden: HiddenForm;
}

/** How the type of a row is found, and its object: the row itself, a row that is loaded anew, or one of a key. */
export type TypeForm = { readonly by: 'kind' } | { readonly by: 'kind, loaded' | 'key'; readonly form: LoadOneForm };

/** A schema, as data. */
export interface Spec {
  readonly types: readonly TypeSpec[];
  /** The fields of the interface `Thing`, as its members have them. */
  readonly shared: readonly FieldSpec[];
  readonly typeForms: Readonly<Record<'Thing' | 'Either', TypeForm>>;
  /** Loads the rows behind global ids. */
  readonly nodeForm: LoadOneForm;
}

/** In SDL, and as recipes read them. */
export const argumentTypes: Readonly<Record<string, readonly [type: string, shape: Shape | null]>> = {
  n: ['Int = 3', int],
  key: ['ID', key],
  yes: ['Boolean', flag],
  ns: ['[Int]', listOf(int)],
  filter: ['Filter', null],
  point: ['Point', null],
  first: ['Int', int],
  last: ['Int', null],
  before: ['String', null],
  after: ['String', null],
  offset: ['Int', null],
};

const pageArguments = ['first', 'last', 'before', 'after', 'offset'];

export function randomSpec(random: Random, knobs: Knobs): Spec {
  return new SpecMaker(random, knobs).make();
}

/** Values that resolvers give as they are: no ids in place of objects, no parts that are steps. */
function isResolvable(shape: Shape): boolean {
  if (shape.is === 'list') return isResolvable(shape.of);
  return shape.is === 'row' ? (objectTypes as readonly string[]).includes(shape.of) : shape.is !== 'pages';
}

class SpecMaker {
  readonly #random: Random;
  readonly #knobs: Knobs;
  readonly #maker: Maker;
  readonly #hidden = new Map<string, HiddenForm>();

  constructor(random: Random, knobs: Knobs) {
    this.#random = random;
    this.#knobs = knobs;
    this.#maker = new Maker(random, knobs);
  }

  make(): Spec {
    const random = this.#random;
    for (const name of objectTypes) {
      if (this.#knobs.authorize && random.chance(0.6))
        this.#hidden.set(name, random.pick(['null', 'leaveOut', 'leaveOut', 'error'] as const));
    }
    const shared = ['i0', 'i1'].map((name) => this.#field(name, rowOf('A')));
    const objects = objectTypes.map((name): TypeSpec => {
      const own = [0, 1, 2, 3, 4].map((at) => this.#field(`${name.toLowerCase()}${at}`, rowOf(name)));
      const members: readonly string[] = membersOf.Thing;
      const inherited = members.includes(name) ? shared.map((field) => this.#again(field)) : [];
      return {
        name,
        fields: [...own, ...inherited],
        authorize: this.#hidden.has(name) ? this.#maker.make(flag, this.#scope([], rowOf(name), 2)) : null,
        hidden: this.#hidden.get(name) ?? 'null',
      };
    });
    const root = (name: string, fields: readonly FieldSpec[]): TypeSpec => ({
      name,
      fields,
      authorize: null,
      hidden: 'null',
    });
    return {
      types: [
        ...objects,
        root(
          'Query',
          [0, 1, 2, 3, 4].map((at) => this.#field(`q${at}`, null)),
        ),
        root(
          'Mutation',
          [0, 1, 2].map((at) => this.#mutation(`m${at}`)),
        ),
        root(
          'Subscription',
          [0, 1].map((at) => this.#subscription(`s${at}`)),
        ),
      ],
      shared,
      typeForms: { Thing: this.#typeForm('Thing', shared), Either: this.#typeForm('Either', shared) },
      nodeForm: { ...plainForm(this.#maker), answers: 'sync' },
    };
  }

  /** A field of an interface makes its objects whole, though only their keys are read: no field of it has a type found by key. */
  #typeForm(type: 'Thing' | 'Either', shared: readonly FieldSpec[]): TypeForm {
    const by = this.#random.pick(['kind', 'kind', 'kind, loaded', 'key'] as const);
    if (by === 'kind') return { by };
    const form = plainForm(this.#maker);
    const isShared = shared.some(({ shape }) => areEqual(shape, rowOf(type)));
    return by === 'key' && isShared && this.#knobs.errors ? { by: 'kind' } : { by, form };
  }

  #scope(argNames: readonly string[], parent: Shape | null, depth: number): Scope {
    const args = Object.fromEntries(
      argNames.flatMap((name) => {
        const shape = argumentTypes[name]?.[1] ?? null;
        return shape === null ? [] : [[name, shape]];
      }),
    );
    return {
      items: [parent],
      args,
      argNames,
      depth,
      isGlobal: false,
      mayBeEmpty: !this.#knobs.incremental,
      isOfPages: false,
    };
  }

  #shape(): Shape {
    const random = this.#random;
    const types: readonly RowType[] = ['A', 'A', 'B', 'C', 'Thing', 'Either', 'Node'];
    const of = random.pick(types);
    const shape = random.pick([
      ...[int, text, flag, key, listOf(int), listOf(key)],
      ...[rowOf(of), rowOf(of), rowOf(of), listOf(rowOf(of)), listOf(rowOf(of)), listOf(rowOf(of))],
      ...[pagesOf(of === 'Node' ? 'A' : of), listOf(listOf(random.chance(0.5) ? int : rowOf(of)))],
      // Lists of connections are not streamed.
      ...(!this.#knobs.incremental && random.chance(0.3) ? [listOf(pagesOf(of === 'Node' ? 'A' : of))] : []),
    ]);
    return shape;
  }

  #field(name: string, parent: Shape | null): FieldSpec {
    const shape = this.#shape();
    const args = this.#args(shape);
    const depth = 1 + this.#random.below(this.#random.chance(0.1) ? 5 : 3);
    return {
      name,
      shape,
      strict: this.#strictness(shape),
      args,
      recipe: this.#maker.make(shape, { ...this.#scope(args, parent, depth), isOfPages: isOfPages(shape) }),
      hidden: null,
      isResolved: this.#knobs.resolvers && isResolvable(shape) && this.#random.chance(0.3),
      topic: null,
    };
  }

  /** The same field of another type: its recipe is another one. */
  #again(field: FieldSpec): FieldSpec {
    const recipe = this.#maker.make(field.shape, {
      ...this.#scope(field.args, rowOf('A'), 3),
      isOfPages: isOfPages(field.shape),
    });
    return { ...field, recipe };
  }

  #mutation(name: string): FieldSpec {
    const random = this.#random;
    const field = { ...this.#field(name, null), isResolved: false };
    const { shape } = field;
    if (this.#knobs.store && random.chance(0.6)) {
      const write = random.pick(['creating', 'updating', 'deleting']);
      const written = this.#maker.make(int, this.#scope(field.args, null, 2));
      return { ...field, shape: int, strict: [], recipe: recipe(write, [written]) };
    }
    if (isOfPages(shape)) return field;
    const scope = { ...this.#scope(field.args, null, 2), mayBeEmpty: false };
    if (shape.is === 'list' && random.chance(0.5)) {
      const list = this.#maker.make(listOf(key), scope);
      if (hasAttributes(shape.of) && random.chance(0.3)) return { ...field, recipe: this.#loadsAfterEffects(list) };
      const inner = this.#maker.make(shape.of, { ...scope, items: [null, key] });
      return { ...field, recipe: recipe('each', [list, recipe('sideEffect', [inner])], 1) };
    }
    return { ...field, recipe: recipe('sideEffect', [this.#maker.make(shape, scope)]) };
  }

  /** Rows of keys that effects in a list gave: their loader's global is no pure read of the request. */
  #loadsAfterEffects(keys: Recipe): Recipe {
    const form: LoadOneForm = { ...plainForm(this.#maker), globals: 'one' };
    const item = recipe('item', [], 1);
    const global = recipe('lambda', [recipe('context', [], 'n')], ['double', 'one']);
    const effects = recipe('each', [keys, recipe('sideEffect', [item])], 1);
    return recipe('each', [effects, recipe('loadOne', [item, global], form)], 1);
  }

  #subscription(name: string): FieldSpec {
    const field = { ...this.#field(name, rowOf('A')), isResolved: false };
    // Without a topic there is nothing to listen to.
    const topic = this.#maker.make(text, this.#scope(field.args, null, 2));
    return { ...field, topic: recipe('coalesce', [topic, recipe('constant', [], 'none')]) };
  }

  #args(shape: Shape): string[] {
    const random = this.#random;
    const own = random.chance(0.5) ? random.some(['n', 'key', 'yes', 'ns'], 0.4) : [];
    if (shape.is === 'text' && random.chance(0.3)) own.push('filter');
    if (shape.is === 'int' && random.chance(0.3)) own.push('point');
    return isOfPages(shape) && random.chance(0.7) ? [...own, ...pageArguments] : own;
  }

  /** Where a type has `!`. Where objects may be hidden that are not left out, items may be null. */
  #strictness(shape: Shape): boolean[] {
    const random = this.#random;
    const places = [random.chance(0.15)];
    for (let inner = shape; inner.is === 'list'; inner = inner.of) {
      const { of } = inner;
      const forms = of.is === 'row' ? membersOf[of.of].flatMap((type) => this.#hidden.get(type) ?? []) : [];
      // Only lists of non-null items leave out hidden ones.
      const probability = forms.length > 0 ? 0.5 : 0.15;
      places.push(forms.every((form) => form === 'leaveOut') && random.chance(probability));
    }
    return places;
  }
}
