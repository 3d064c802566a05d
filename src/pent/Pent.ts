import type { KvetchObject } from '../kvetch/KvetchObject.ts';
import type { ListArgs, PageWays } from '../kvetch/reads/KvetchReads.ts';
import type { Context, PentDefinition, PentObject, PentType, Policy, WriteHooks } from './contract.ts';
import { missing, missingIn } from './errors.ts';
import { objectsOf } from './ofType.ts';
import { readBrowse, readIndexed, readObject, readObjects } from './reads/readPents.ts';
import { unassignable } from './unassignable.ts';

let move: (pent: PentObject, context: Context) => boolean;

/**
 * An object as one viewer sees it in one request: read-only, and only there if the privacy policy lets the viewer read it.
 * Subclasses add a getter for each attribute and a method for each edge and stored id.
 */
export abstract class Pent implements PentObject {
  /** Set by each class: its name, its type id, its stored ids. */
  static readonly definition: PentDefinition | null = null;
  /** The rules for reading and writing objects of this type. By default the model decides. */
  static readonly privacy: Policy = {};
  /** Functions that run before and after writes. */
  static readonly hooks: WriteHooks = {};

  static {
    Object.setPrototypeOf(this.prototype, unassignable);
    move = (pent, context) => {
      if (!(#context in pent)) return false;
      if (pent.#context !== context) pent.#context = context;
      return true;
    };
    // In logs: its class and its stored data, but not its request.
    Object.defineProperty(this.prototype, Symbol.for('nodejs.util.inspect.custom'), {
      value(this: Pent, _depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
        return `${this.constructor.name} ${inspect(this.$record, options)}`;
      },
    });
  }

  // Not frozen: private fields cannot be replaced either, and nothing can be added.
  readonly #record: KvetchObject;
  #context: Context;

  constructor(record: KvetchObject, context: Context) {
    this.#record = record;
    this.#context = context;
  }

  // No GraphQL field can have names with "$".
  /** The stored record, for generated getters. */
  get $record(): KvetchObject {
    return this.#record;
  }

  /** The context it was read in: one viewer, one request. */
  get $context(): Context {
    return this.#context.$used;
  }

  /** 36 characters, lower case, with hyphens. */
  get id(): string {
    return this.#record.id;
  }

  /** The number of its type. */
  get typeId(): number {
    return this.#record.typeId;
  }

  /** 1 when created, and one more with each change. */
  get version(): number {
    return this.#record.version;
  }

  /** The time of its creation. A new `Date` for each read. */
  get createdAt(): Date {
    return new Date(this.#record.createdAt);
  }

  /** The time of its last change. A new `Date` for each read. */
  get updatedAt(): Date {
    return new Date(this.#record.updatedAt);
  }

  /** The object with this id, or null where there is none or the viewer may not read it. */
  static async get<TPent extends Pent>(this: PentType<TPent>, context: Context, id: string): Promise<TPent | null> {
    return readObject(context, this, id);
  }

  /** Like `get`, but throws a `SafeError` where that gives null. */
  static async getX<TPent extends Pent>(this: PentType<TPent>, context: Context, id: string): Promise<TPent> {
    const pent = await readObject(context, this, id);
    if (pent === null) throw missing(this, id);
    return pent;
  }

  /** One entry for each id, in their order: the object or null. */
  static async getMany<TPent extends Pent>(
    this: PentType<TPent>,
    context: Context,
    ids: readonly string[],
  ): Promise<ReadonlyArray<TPent | null>> {
    return readObjects(context, this, ids);
  }

  /** The readable objects by id. Ids without one are not in it. */
  static async getDict<TPent extends Pent>(
    this: PentType<TPent>,
    context: Context,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, TPent>> {
    const pents = await readObjects(context, this, ids);
    return new Map(pents.flatMap((pent) => (pent === null ? [] : [[pent.id, pent] as const])));
  }

  /** A page of all readable objects of the type, in order of id. */
  static async browse<TPent extends Pent>(
    this: PentType<TPent>,
    context: Context,
    page: PageWays = {},
  ): Promise<readonly TPent[]> {
    return objectsOf(await readBrowse(context, this, page));
  }

  /** The first readable object that an index holds for `value`, or null. */
  static async fromIndex<TPent extends Pent>(
    this: PentType<TPent>,
    context: Context,
    index: string,
    value: unknown,
  ): Promise<TPent | null> {
    return objectsOf(await readIndexed(context, this, index, value, { first: 1 }))[0] ?? null;
  }

  /**
   * As `fromIndex`.
   *
   * @throws SafeError `NOT_FOUND` where there is no such object for the viewer.
   */
  static async fromIndexX<TPent extends Pent>(
    this: PentType<TPent>,
    context: Context,
    index: string,
    value: unknown,
  ): Promise<TPent> {
    const [pent] = objectsOf(await readIndexed(context, this, index, value, { first: 1 }));
    if (pent === undefined) throw missingIn(this, index);
    return pent;
  }

  /** A page of the readable objects that an index holds for `value`, in its order; of several attributes, an object of them. */
  static async allFromIndex<TPent extends Pent>(
    this: PentType<TPent>,
    context: Context,
    index: string,
    value: unknown,
    page: ListArgs = {},
  ): Promise<readonly TPent[]> {
    return objectsOf(await readIndexed(context, this, index, value, page));
  }
}

/** Gives an object another context, as long as nobody has asked for the one that it has. False for objects of other classes. */
export function moveTo(pent: PentObject, context: Context): boolean {
  return move(pent, context);
}
