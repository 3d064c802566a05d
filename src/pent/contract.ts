/**
 * The types of the object model that know each other: objects, their classes, the model, contexts, policies, hooks.
 */

import type { Kvetch } from '../kvetch/Kvetch.ts';
import type { KvetchObject } from '../kvetch/KvetchObject.ts';
import type { ShownEntry, ShownPage } from '../kvetch/reads/shownPage.ts';
import type { KvetchSchema } from '../kvetch/schema/KvetchSchema.ts';
import type { MaybePromise } from '../utils/MaybePromise.ts';

/** An object of the model as one viewer sees it; `Pent` is the class. */
export interface PentObject {
  readonly id: string;
  readonly typeId: number;
  readonly version: number;
  /** The stored record. */
  readonly $record: KvetchObject;
  /** The context it was read in. */
  readonly $context: Context;
}

/** The result of a read of the store for one object. */
export type Loaded = KvetchObject | Error | null | undefined;

/** The model's facts of a type, beside its Kvetch definition. */
export interface PentDefinition {
  /** The name of the GraphQL type and of the Kvetch type. */
  readonly name: string;
  readonly typeId: number;
  /** Attributes that hold the id of another object, with the types that the object may have. */
  readonly storedIds?: Readonly<Record<string, readonly string[]>>;
  /** The rule of `@privacy`: the class must have rules for reading its objects. */
  readonly policy?: string;
}

/** A class of objects that can be read by type. `Pent` itself has no definition and stands for any type. */
export interface PentType<TPent extends PentObject = PentObject> {
  readonly prototype: TPent;
  readonly definition: PentDefinition | null;
}

/** A class of objects that can be instantiated. */
export interface PentClass<TPent extends PentObject = PentObject> {
  new (record: KvetchObject, context: Context): TPent;
  readonly prototype: TPent;
  readonly definition: PentDefinition | null;
  readonly privacy: Policy;
  readonly hooks: WriteHooks;
}

/** All classes of an application, by type id and name. Made once, by `definePents`. */
export interface PentModel {
  readonly schema: KvetchSchema;
  readonly byDefault: 'allow' | 'deny';
  readonly classes: readonly PentClass[];
  /** The classes whose policy may hide objects: those that do not begin by allowing everything. */
  readonly restricted: ReadonlySet<unknown>;
  /** Null for a type id that no class has. */
  find(typeId: number): PentClass | null;
  /** Throws for an unknown name. */
  named(name: string): PentClass;
}

/** Null: a viewer who is not signed in. */
export type ViewerId = string | number | null;

/** The state that the parts of one request share; `PentContext` is the class. */
// biome-ignore lint/suspicious/noExplicitAny: without a type, the viewer may be anything
export interface Context<TViewer = any> {
  readonly model: PentModel;
  readonly viewer: TViewer;
  /** The viewer in the store: its idempotency keys are under it. Null for viewers who are not signed in. */
  readonly viewerId: ViewerId;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly kvetch: Kvetch;
  /** Whether privacy rules apply. */
  readonly isRestricted: boolean;
  /** How many privacy rules ask each other; 0 outside of rules. */
  readonly depth: number;
  /** The context in which privacy applies: this one, or that for which rules are running. */
  readonly viewers: Context<TViewer>;
  /** The same viewer without privacy. */
  readonly unrestricted: Context<TViewer>;
  /** Whether only `sameAs` has led to the rules that this context is for: no code of the application keeps their reads. */
  readonly isOfStep: boolean;
  /** The decisions of privacy rules. */
  readonly decisions: WeakMap<PentObject, boolean>;
  /** The ids that `sameAs` read for decisions, where somebody hears of reads: steps that use a decision depend on them. */
  readonly decidedBy: WeakMap<PentObject, readonly unknown[]>;
  report(error: Error, place: string): void;
  forRules(depth: number, isOfStep?: boolean): Context<TViewer>;
  wrap(record: KvetchObject): PentObject | null;
  /** Whether nothing was wrapped yet. */
  readonly isNew: boolean;
  /** The Pents for lists of records that are the first of their type, or null where they must be looked at one by one. */
  wrapFirst(
    lists: ReadonlyArray<readonly Loaded[]>,
    ids?: readonly string[],
  ): ReadonlyArray<ReadonlyArray<PentObject | null>> | null;
  beginWrite(): Kvetch;
  forget(): void;
}

/**
 * A page of readable objects. An object that could not be loaded (its shard is down) is an `Error` in its place.
 * Nothing in it names an object that the viewer may not read, or tells that there is one.
 */
export type PentPage<TPent extends PentObject = PentObject> = ShownPage<TPent>;

/** The cursor behind an object of a page, and for lists of an edge with data that data. */
export type PentEntry = ShownEntry;

// biome-ignore-start lint/suspicious/noExplicitAny: without types, subjects and viewers may be anything
/** Decides for many subjects at once: one answer each, in their order. An `Error` as an answer forbids. */
export type BatchTest<TSubject = any, TViewer = any> = (
  subjects: readonly TSubject[],
  context: Context<TViewer>,
) => MaybePromise<ReadonlyArray<boolean | Error>>;

/**
 * One rule of a policy. Rules run in order, each over the subjects that no rule before it has decided:
 * `allow` allows where the test holds; `deny` denies where it holds; `require` denies where it does not hold.
 */
export interface Rule<TSubject = any, TViewer = any> {
  readonly effect: 'allow' | 'deny' | 'require';
  readonly name: string;
  readonly test: BatchTest<TSubject, TViewer>;
  /** For `sameAs`: the attribute that names the object whose readability decides. */
  readonly parent?: string;
}

/** The rules for objects of a type. Missing lists mean the defaults of the model. */
export interface Policy<TPent extends PentObject = any, TViewer = any> {
  readonly read?: ReadonlyArray<Rule<TPent, TViewer>>;
  /** For writes that have no list of their own. */
  readonly write?: ReadonlyArray<Rule<Change<TPent>, TViewer>>;
  readonly create?: ReadonlyArray<Rule<Change<TPent>, TViewer>>;
  readonly update?: ReadonlyArray<Rule<Change<TPent>, TViewer>>;
  readonly delete?: ReadonlyArray<Rule<Change<TPent>, TViewer>>;
}
// biome-ignore-end lint/suspicious/noExplicitAny: as above

// biome-ignore-start lint/suspicious/noExplicitAny: without types, objects and viewers may be anything
/** A write, before or after it happens. */
export interface Change<TPent extends PentObject = any> {
  readonly kind: 'create' | 'update' | 'delete';
  /** The class's name. */
  readonly type: string;
  /** The object before the write; null for a create. */
  readonly before: TPent | null;
  /** The object after the write; null before it, and for a delete. */
  readonly after: TPent | null;
  /** The data that the caller wants to write: an absent attribute is kept, null clears it. Empty for a delete. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** A problem of one field of the data of a write. */
export interface InputProblem {
  readonly field: string;
  readonly message: string;
}

/** Looks at a write before it is done: returns its problems, for the client to read. */
export type Validator<TPent extends PentObject = any, TViewer = any> = (
  change: Change<TPent>,
  context: Context<TViewer>,
) => MaybePromise<readonly InputProblem[] | undefined>;

/** Runs before a write: may return other data to write. An error that it throws ends the write. */
export type Trigger<TPent extends PentObject = any, TViewer = any> = (
  change: Change<TPent>,
  context: Context<TViewer>,
) => MaybePromise<Readonly<Record<string, unknown>> | undefined>;

/** Runs after a write. An error that it throws is reported and changes nothing. */
export type Observer<TPent extends PentObject = any, TViewer = any> = (
  change: Change<TPent>,
  context: Context<TViewer>,
) => MaybePromise<unknown>;

/** The hooks around the writes of a type, each list in its order. Triggers and observers see past privacy. */
export interface WriteHooks<TPent extends PentObject = any, TViewer = any> {
  readonly validators?: ReadonlyArray<Validator<TPent, TViewer>>;
  readonly before?: ReadonlyArray<Trigger<TPent, TViewer>>;
  readonly after?: ReadonlyArray<Observer<TPent, TViewer>>;
}
// biome-ignore-end lint/suspicious/noExplicitAny: as above
