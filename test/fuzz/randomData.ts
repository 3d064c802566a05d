import type * as graphql from 'graphql';
import type {
  GraphQLAbstractType,
  GraphQLFieldResolver,
  GraphQLObjectType,
  GraphQLOutputType,
  GraphQLResolveInfo,
  GraphQLScalarType,
  GraphQLSchema,
} from 'graphql';
import { access } from '../../src/step/builtin/AccessStep.ts';
import type { Step } from '../../src/step/Step.ts';
import { fail } from '../../src/step/signals.ts';
import { fn } from '../../steps/fn.ts';
import { type Loader, loader } from '../../steps/load/loader.ts';
import { loadOne } from '../../steps/load/loadOne.ts';
import { lambda } from '../../steps/values/lambda.ts';
import { hash, Random } from './Random.ts';
import type { Knobs, RandomField, RandomSchema } from './randomSchema.ts';

/** The hidden number and type of a random object: all its fields follow from them. */
const own: unique symbol = Symbol('own');

interface Own {
  readonly [own]: { readonly number: number; readonly type: string; readonly typeName: () => unknown };
}

/** What resolvers are given as their context. */
export interface FuzzContext {
  readonly log: string[];
  /** What resolvers answer depends on who asks. */
  readonly viewer: number;
}

/** Writes to everything in a value that can be written to. Calls of one request share the values of its variables. */
export function spoil(value: unknown, variables: unknown = null): void {
  const spared = new Set<unknown>();
  collectObjects(variables, spared);
  spoilAll(value, spared);
}

function collectObjects(value: unknown, found: Set<unknown>): void {
  if (typeof value !== 'object' || value === null || found.has(value)) return;
  found.add(value);
  for (const inner of Object.values(value)) collectObjects(inner, found);
}

function spoilAll(value: unknown, spared: ReadonlySet<unknown>): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || spared.has(value)) return;
  for (const inner of Object.values(value)) spoilAll(inner, spared);
  if (Array.isArray(value)) value.push('spoiled');
  else for (const key of [...Object.keys(value), 'spoiled']) Reflect.set(value, key, 'spoiled');
}

/** The graphql-js that a schema belongs to. */
export type GraphqlLibrary = Pick<
  typeof graphql,
  'buildSchema' | 'isAbstractType' | 'isListType' | 'isNonNullType' | 'isObjectType'
>;

/** Random data over a random schema. Deterministic: two engines that ask the same get the same. */
export class RandomData {
  readonly schema: GraphQLSchema;
  readonly #library: GraphqlLibrary;
  readonly #knobs: Knobs;
  readonly #shape: RandomSchema;
  readonly #seed: number;
  /** Whether resolvers write to all that they are given. graphql-js hands the same values to several calls. */
  spoils = false;

  constructor(shape: RandomSchema, knobs: Knobs, seed: number, library: GraphqlLibrary) {
    this.#library = library;
    this.#knobs = knobs;
    this.#shape = shape;
    this.#seed = seed;
    this.schema = library.buildSchema(shape.sdl);
    this.#attach();
  }

  root(type: string): unknown {
    return this.#object(this.schema.getType(type) as GraphQLObjectType, hash(this.#seed, type));
  }

  #attach(): void {
    const scalar = this.schema.getType('S') as GraphQLScalarType;
    const serialize = (value: unknown): unknown => {
      if (typeof value === 'number' && value % 7 === 3) throw new Error(`bad scalar ${value}`);
      if (typeof value === 'number' && value % 7 === 4) return undefined;
      return { wrapped: String(value) };
    };
    Object.assign(scalar, { serialize, ...('coerceOutputValue' in scalar ? { coerceOutputValue: serialize } : null) });
    for (const { kind, name, fields } of this.#shape.types) {
      if (kind !== 'object') continue;
      const type = this.schema.getType(name) as GraphQLObjectType;
      for (const field of fields) {
        if (field.mode === 'resolver')
          (type.getFields()[field.name] as { resolve?: unknown }).resolve = this.#resolver(type, field);
        else if (field.mode !== 'default') attachPlan(type, field);
      }
      if (this.#shape.resolution === 'isTypeOf' && name !== 'Query' && name !== 'Mutation') this.#attachIsTypeOf(type);
    }
    const { resolution } = this.#shape;
    if (resolution !== 'resolveType' && resolution !== 'planType') return;
    for (const type of Object.values(this.schema.getTypeMap())) {
      if (!this.#library.isAbstractType(type) || type.name.startsWith('__')) continue;
      type.resolveType = typeNameOf as GraphQLAbstractType['resolveType'];
      if (resolution === 'planType') type.extensions = { planql: { planType } };
    }
  }

  #attachIsTypeOf(type: GraphQLObjectType): void {
    type.isTypeOf = (value: unknown) => {
      const { number, type: name } = (value as Own)[own] ?? { number: 0, type: '' };
      const random = new Random(hash(number, 'isTypeOf', type.name));
      if (this.#knobs.wrong && random.chance(0.03)) throw new Error(`isTypeOf ${type.name} ${number}`);
      const is = name === type.name && !(this.#knobs.wrong && random.chance(0.04));
      return this.#knobs.async && random.chance(0.3) ? Promise.resolve(is) : is;
    };
  }

  #typeName(number: number, type: string): unknown {
    const random = new Random(hash(number, 'typename'));
    let name: unknown = type;
    if (this.#knobs.wrong && random.chance(0.08)) name = random.pick([undefined, 'Nope', 'I', 'Query', 'String', 7]);
    else if (this.#knobs.errors && random.chance(0.04)) throw new Error(`type ${number}`);
    return this.#knobs.async && random.chance(0.3) ? Promise.resolve(name) : name;
  }

  #resolver(type: GraphQLObjectType, field: RandomField): GraphQLFieldResolver<unknown, unknown> {
    const returned = (type.getFields()[field.name] as { type: GraphQLOutputType }).type;
    return (source, args, context, info) => {
      const number = (source as Partial<Own> | null)?.[own]?.number ?? 0;
      const given = JSON.stringify(args);
      const { log, viewer } = context as FuzzContext;
      log.push(`${describePath(info)} ${given}`);
      if (this.spoils) {
        spoil(args, info.variableValues);
        Object.assign(context as object, { [Symbol('spoiled')]: log.length });
        if (typeof source === 'object' && source !== null) Object.assign(source, { [Symbol('spoiled')]: true });
      }
      const value = this.#value(returned, hash(number, field.name, given, viewer));
      if (String(returned) !== 'String' || typeof value !== 'string') return value;
      // What else `info` has is not the same in all versions of graphql-js.
      return this.#knobs.incremental ? describePath(info) : describeInfo(info);
    };
  }

  #object(type: GraphQLObjectType, number: number): unknown {
    const fields = this.#shape.types.find(({ name }) => name === type.name)?.fields ?? [];
    const object: Record<PropertyKey, unknown> = new Random(hash(number, 'proto')).chance(0.3)
      ? Object.create(null)
      : {};
    const typeName = (): unknown => this.#typeName(number, type.name);
    Object.defineProperty(object, own, { value: { number, type: type.name, typeName } });
    if (this.#shape.resolution === 'typename') {
      Object.defineProperty(object, '__typename', { get: typeName, enumerable: true });
    }
    for (const field of fields) {
      if (field.mode === 'resolver') continue;
      const returned = (type.getFields()[field.name] as { type: GraphQLOutputType }).type;
      const random = new Random(hash(number, field.name, 'kind'));
      const place = hash(number, field.name);
      if (field.args.length > 0 && random.chance(0.7)) {
        object[field.name] = (args: unknown, { viewer }: FuzzContext, info: GraphQLResolveInfo) => {
          const given = JSON.stringify(args);
          if (this.spoils) spoil(args, info.variableValues);
          return this.#value(returned, hash(place, given, viewer));
        };
      } else if (this.#knobs.functions && field.mode === 'default' && random.chance(0.2)) {
        object[field.name] = (_args: unknown, _context: unknown, info: GraphQLResolveInfo) => {
          const value = this.#value(returned, place);
          return typeof value === 'string' && String(returned) === 'String' ? describePath(info) : value;
        };
      } else {
        const get = (): unknown => {
          const value = this.#value(returned, place);
          return this.#knobs.async && isForMessage() ? handled(value) : value;
        };
        Object.defineProperty(object, field.name, { get, enumerable: true });
      }
    }
    return object;
  }

  #value(type: GraphQLOutputType, number: number): unknown {
    const random = new Random(hash(number, 'value'));
    const { async, errors, nulls, wrong } = this.#knobs;
    const { isAbstractType, isListType, isNonNullType, isObjectType } = this.#library;
    if (nulls && random.chance(isNonNullType(type) ? 0.03 : 0.12)) return random.pick([null, undefined]);
    if (errors && random.chance(0.06)) return this.#failure(random, number);
    if (async && random.chance(0.15)) return delayed(random, () => this.#value(type, hash(number, 'later')));
    if (isNonNullType(type)) return this.#value(type.ofType, hash(number, 'inner'));
    if (wrong && random.chance(0.05))
      return random.pick<unknown>([{}, 'text', Number.NaN, Symbol.for('s'), 10n, [], 1.5, dateOf(0)]);
    if (isListType(type)) return this.#list(type.ofType as GraphQLOutputType, random, number);
    if (isAbstractType(type))
      return this.#object(
        random.pick(
          this.schema.getPossibleTypes(type).length > 0
            ? this.schema.getPossibleTypes(type)
            : [this.schema.getType('A') as GraphQLObjectType],
        ),
        hash(number, 'object'),
      );
    if (isObjectType(type)) return this.#object(type, hash(number, 'object'));
    return this.#leaf(String(type), random);
  }

  #failure(random: Random, number: number): unknown {
    const error = new Error(`error ${number}`);
    const kind = random.below(this.#knobs.async ? 5 : 3);
    if (kind === 0) throw error;
    if (kind === 1) return error;
    if (kind === 2) throw random.pick<unknown>(['thrown text', undefined, { message: 'like an error' }, 7]);
    if (kind === 3) return Promise.reject(error);
    return delayed(random, () => {
      throw error;
    });
  }

  #list(item: GraphQLOutputType, random: Random, number: number): unknown {
    const length = random.below(4);
    const items: unknown[] = [];
    for (let index = 0; index < length; index++) {
      try {
        items.push(this.#value(item, hash(number, index)));
      } catch (error) {
        items.push(error instanceof Error ? error : null);
      }
    }
    if (!this.#knobs.iterables || !random.chance(0.2)) return items;
    if (this.#knobs.incremental && this.#knobs.async && random.chance(0.6)) {
      return this.#generator(items.map(handled), hash(number, 'generator'));
    }
    const kind = random.below(4);
    if (kind === 0) return new Set(items);
    // What comes after the item that decides is never handed over.
    items.forEach(handled);
    if (kind === 1) return items.values();
    return kind === 2 ? { [Symbol.iterator]: () => items.values() } : iterate(items);
  }

  async *#generator(items: readonly unknown[], number: number): AsyncGenerator<unknown> {
    const random = new Random(number);
    for (const item of items) {
      if (random.chance(0.4)) await delayed(random, () => {});
      yield item;
    }
    if (this.#knobs.errors && random.chance(0.2)) throw new Error(`end of ${number}`);
  }

  #leaf(type: string, random: Random): unknown {
    switch (type) {
      case 'Int':
        return random.pick<unknown>([0, 1, -5, 2 ** 31 - 1, '12', true, -0]);
      case 'Float':
        return random.pick<unknown>([0, 1.5, -2.25, 1e300, '7.5', 1]);
      case 'String':
        return random.pick<unknown>(['', 'text', 'ünï\u{1f600}', '"quoted"\n', 5, true, '\ud800']);
      case 'Boolean':
        return random.pick<unknown>([true, false, 1, 0]);
      case 'ID':
        return random.pick<unknown>(['id', 4, '']);
      case 'E':
        return random.pick<unknown>(['P', 'Q', 'R']);
      default:
        return random.below(14);
    }
  }
}

/** A plan that means what graphql-js' default resolver does, which answers on the other side. */
function attachPlan(type: GraphQLObjectType, { name, mode }: RandomField): void {
  const field = type.getFields()[name] as { extensions: unknown };
  const plan = ($parent: Step): Step => {
    if (mode === 'access') return access($parent, name);
    return mode === 'lambda' ? lambda($parent, readerOf(name)) : loadOne(lambda($parent, keyOf), loaderOf(name));
  };
  field.extensions = { planql: { plan } };
}

type Read = (value: unknown) => unknown;

/** Named, so that plans with it can be exported. */
const readers = new Map<string, Read>();
function readerOf(name: string): Read {
  return remembered(readers, name, () =>
    fn(`fuzz.${name}`, (value: unknown) => (value as Record<string, unknown>)[name]),
  );
}

/** Objects of no class are keys by what is in them, and these have no end. */
class Key {
  readonly of: unknown;
  constructor(of: unknown) {
    this.of = of;
  }
}
const keyOf = fn('fuzz.key', (of: unknown) => new Key(of));

const loaders = new Map<string, Loader<unknown, Key>>();
function loaderOf(name: string): Loader<unknown, Key> {
  const read = readerOf(name);
  const load = (keys: readonly Key[]): unknown[] =>
    keys.map(({ of }) => {
      try {
        return read(of) ?? null;
      } catch (error) {
        return fail(error);
      }
    });
  return remembered(loaders, name, () => loader({ name: `fuzz.load.${name}`, load }));
}

function remembered<T>(known: Map<string, T>, name: string, make: () => T): T {
  const found = known.get(name) ?? make();
  known.set(name, found);
  return found;
}

const typeNameOf = fn('fuzz.typeName', (value: unknown): unknown => {
  const { typeName } = (value as Own)[own] ?? {};
  return typeName === undefined ? 'None' : typeName();
});

const planType = ($value: Step): { $__typename: Step } => ({ $__typename: lambda($value, typeNameOf) });

function* iterate(items: readonly unknown[]): Generator<unknown> {
  yield* items;
}

/** Rejections of what was not handed over yet are the data's own, not the engine's. */
function handled<T>(value: T): T {
  if (value instanceof Promise) value.then(handled, () => {});
  else if (Array.isArray(value) || value instanceof Set) value.forEach(handled);
  return value;
}

/** graphql-js' scalars call the getters of a value to write their messages. What these give, nobody else is given. */
function isForMessage(): boolean {
  return new Error().stack?.includes('jsutils/inspect') === true;
}

function delayed<T>(random: Random, make: () => T): Promise<T> {
  // Turns of the microtask queue; less than none: of the event loop, so that some have failed while others are to come.
  const turns = random.pick([0, 0, 1, 3, -1, -3]);
  let promise: Promise<unknown> = Promise.resolve();
  for (let left = turns; left > 0; left--) promise = promise.then(() => {});
  for (let left = -turns; left > 0; left--)
    promise = promise.then(() => new Promise((resolve) => setImmediate(resolve)));
  return promise.then(make);
}

function describePath({ path }: GraphQLResolveInfo): string {
  const keys: string[] = [];
  for (let at: GraphQLResolveInfo['path'] | undefined = path; at !== undefined; at = at.prev) {
    keys.unshift(`${at.key}${at.typename === undefined ? '' : `(${at.typename})`}`);
  }
  return keys.join('.');
}

function describeInfo(info: GraphQLResolveInfo): string {
  const nodes = info.fieldNodes.map(({ loc }) => loc?.start).join(',');
  const variables = JSON.stringify(info.variableValues);
  return `${describePath(info)} ${info.fieldName} ${nodes} ${info.parentType} ${info.returnType} ${variables} ${info.operation.name?.value} ${Object.keys(info.fragments)} ${Object.keys(info)}`;
}

/** A field named `constructor` calls that of its source, and `Date()` gives the time at which an answer is made. */
function dateOf(time: number): Date {
  return Object.assign(new Date(time), { constructor: 'Date' });
}
