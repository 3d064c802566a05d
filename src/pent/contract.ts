/**
 * The types of the object model that know each other: objects, their classes, the model, contexts, policies, hooks.
 */

import type { Kvetch } from '../kvetch/Kvetch.ts';
import type { KvetchObject } from '../kvetch/KvetchObject.ts';
import type { ShownEntry, ShownPage } from '../kvetch/reads/shownPage.ts';
import type { KvetchSchema } from '../kvetch/schema/KvetchSchema.ts';
import type { UpdateOptions } from '../kvetch/writes/changeInTurn.ts';
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
  /** The number of the type in stored ids and rows. */
  readonly typeId: number;
  /** Attributes that hold the id of another object, with the types that the object may have. */
  readonly storedIds?: Readonly<Record<string, readonly string[]>>;
  /** The rule of `@privacy`: the class must have rules for reading its objects. */
  readonly policy?: string;
  /** `@public`: everybody may read its objects. */
  readonly public?: true;
  /** `@sameAs`: its objects are readable as those are whose ids they store in this attribute. */
  readonly sameAs?: string;
  /** `@visible`: attributes by which a policy must say who sees them, and the names of their rules. */
  readonly visible?: Readonly<Record<string, string>>;
  /** Names under which older objects store such an attribute. */
  readonly formerNames?: Readonly<Record<string, readonly string[]>>;
}

/** A class of objects that can be read by type. `Pent` itself has no definition and stands for any type. */
export interface PentType<TPent extends PentObject = PentObject> {
  /** The prototype of its objects. */
  readonly prototype: TPent;
  /** Its definition; null for `Pent` itself. */
  readonly definition: PentDefinition | null;
}

/** A class of objects that can be instantiated. */
export interface PentClass<TPent extends PentObject = PentObject> {
  new (record: KvetchObject, context: Context): TPent;
  /** The prototype of its objects. */
  readonly prototype: TPent;
  /** Its definition. */
  readonly definition: PentDefinition | null;
  /** Its rules. Default: none. */
  readonly privacy: Policy;
  /** Its validators, triggers and observers. Default: none. */
  readonly hooks: WriteHooks;
}

/** All classes of an application, by type id and name. Made once, by `definePents`. */
export interface PentModel {
  /** The schema of the store. */
  readonly schema: KvetchSchema;
  /** The result where no rule of a list decides, and where there is no list. */
  readonly byDefault: 'allow' | 'deny';
  /** All classes, in the order in which they were given. */
  readonly classes: readonly PentClass[];
  /** The classes whose policy may hide objects, with the rules that decide. Others begin by allowing everything. */
  readonly objectRules: ReadonlyMap<unknown, RuleSet>;
  /** The classes whose policy may hide fields, with the rules that decide on each. */
  readonly fieldRules: ReadonlyMap<unknown, readonly RuleSet[]>;
  /** Null for a type id that no class has. */
  find(typeId: number): PentClass | null;
  /** Throws for an unknown name. */
  named(name: string): PentClass;
}

/** The rules that decide on objects of a class, or on one of their fields. */
export interface RuleSet {
  readonly pentClass: PentClass;
  /** The attribute. Null: whether an object is readable. */
  readonly field: string | null;
  readonly rules: readonly Rule[];
  /** The verdict where no rule decides. */
  readonly fallback: boolean;
}

/** Null: a viewer who is not signed in. */
export type ViewerId = string | number | null;

/** What a viewer may read of some records. */
export interface Verdicts {
  /** One for each record. Null: all may be read. */
  readonly answers: readonly boolean[] | null;
  /** The viewer's objects, and null for others: rules have had them, and asked for nothing. Null: they are still to be made. */
  readonly made: ReadonlyArray<PentObject | null> | null;
}

/** The state that the parts of one request share; `PentContext` is the class. */
// biome-ignore lint/suspicious/noExplicitAny: without a type, the viewer may be anything
export interface Context<TViewer = any> {
  /** The classes of the application. */
  readonly model: PentModel;
  /** The application's own viewer: what was given to `PentContext`. */
  readonly viewer: TViewer;
  /** The viewer in the store: its idempotency keys are under it. Null for viewers who are not signed in. */
  readonly viewerId: ViewerId;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** The store, without privacy: for work on the server's own behalf. */
  readonly kvetch: Kvetch;
  /** Whether privacy applies: to what is read, and in hooks to the write that they run for. */
  readonly isRestricted: boolean;
  /** Whether what is read through it is past privacy. */
  readonly seesAll: boolean;
  /** The context in which privacy applies. In rules, reads through it are questions of the rule, as `canRead` is. */
  readonly viewers: Context<TViewer>;
  /** The context that a read belongs to: this one, or that of the rule that is being called and reads in the viewer's world. */
  readonly current: Context<TViewer>;
  /** The same viewer without privacy. */
  readonly unrestricted: Context<TViewer>;
  /** One object for all rules of a request until it writes: the key of a `WeakMap` for what they want to find out once. */
  readonly scope: object;
  /** Tells `onError` of an error that does not reach the client. */
  report(error: Error, place: string): void;
  /** The result of rules or hooks about a write, unless the request is aborted, or out of time, before it is there. */
  whileOpen<T>(work: Promise<T>): Promise<T>;
  /**
   * Whether the viewer may read each of these; null where all are readable, or it sees past privacy.
   *
   * @param field - whether it may see this attribute of each.
   */
  decide(records: readonly Loaded[], field?: string | null): MaybePromise<Verdicts | null>;
  /** Itself, noted as used: it is not the context of other objects then. */
  readonly $used: Context<TViewer>;
  /**
   * The object of a record; null where the model has no class for it.
   * @param made - an object for the record, where there is one already.
   */
  wrap(record: KvetchObject, made?: PentObject | null): PentObject | null;
  /** Whether nothing was wrapped yet. */
  readonly isNew: boolean;
  /** The Pents for lists of records that are the first of their type, or null where they must be looked at one by one. */
  wrapFirst(
    lists: ReadonlyArray<readonly Loaded[]>,
    ids?: readonly string[],
    made?: ReadonlyArray<PentObject | null> | null,
  ): ReadonlyArray<ReadonlyArray<PentObject | null>> | null;
  /**
   * An id for an object that `writeTogether` creates: other members can refer to it.
   *
   * @param data - what the object will have, where that decides on its server.
   * @param options.near - it is to lie on the server of this id.
   */
  newId(pentClass: PentClass, data?: object, options?: { readonly near?: string | undefined }): string;
  /** Whether a unit may create an object with this id. In the viewer's world `newId` has made it: an id that is taken would tell of its object. */
  mayCreateAs(id: string): boolean;
  /** The store for a write. What the request has read and decided is forgotten. */
  beginWrite(): Kvetch;
  /** Forgets everything that the request has read and decided. */
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
/** Decides for one subject. The tests of a batch start together, so that their loads share calls. */
export type Test<TSubject = any, TViewer = any> = (
  subject: TSubject,
  context: Context<TViewer>,
) => MaybePromise<boolean>;

/** Decides for many subjects at once: one answer each, in their order. An `Error` as an answer forbids. */
export type BatchTest<TSubject = any, TViewer = any> = (
  subjects: readonly TSubject[],
  context: Context<TViewer>,
) => MaybePromise<ReadonlyArray<boolean | Error>>;

/** What a client is told of a write that a rule denies. Nobody hears it who may not read the object. */
export interface Reason {
  readonly message: string;
  /** Becomes `extensions.code`. Default: `FORBIDDEN`. */
  readonly code?: string;
}

/** A value of an attribute that a rule knows beforehand; null for none. */
export type RuleValue = string | number | boolean | null;

/**
 * One rule of a policy. Rules run in order, each over the subjects that no rule before it has decided:
 * `allow` allows where the test holds; `deny` denies where it holds; `require` denies where it does not hold.
 */
export interface Rule<TSubject = any, TViewer = any> {
  /** `allow` and `deny` act where the test holds, `require` denies where it does not. */
  readonly effect: 'allow' | 'deny' | 'require';
  /** Its name in messages and logs. */
  readonly name: string;
  /** Of `sameAs`: the attribute that names the object whose readability decides. */
  readonly test:
    | Test<TSubject, TViewer>
    | { readonly many: BatchTest<TSubject, TViewer> }
    | { readonly sameAs: string };
  /** Of `allowWhere`: the test holds where each attribute has one of its values. */
  readonly where?: ReadonlyMap<string, readonly RuleValue[]> | undefined;
  /** The message and code for clients, of rules about writes. */
  readonly reason?: Reason | undefined;
}

/**
 * The rules for objects of a type. Where a list is missing, or no rule of it decides, the default of the model does;
 * for reads the definition may have said it (`public`, `sameAs`).
 */
export interface Policy<TPent extends PentObject = any, TViewer = any> {
  /** The rules for reading an object. */
  readonly read?: ReadonlyArray<Rule<TPent, TViewer>>;
  /** For writes that have no list of their own. */
  readonly write?: ReadonlyArray<Rule<Change<TPent>, TViewer>>;
  /** For creates, in place of `write`. */
  readonly create?: ReadonlyArray<Rule<Change<TPent>, TViewer>>;
  /** For updates, in place of `write`. */
  readonly update?: ReadonlyArray<Rule<Change<TPent>, TViewer>>;
  /** For deletes, in place of `write`. */
  readonly delete?: ReadonlyArray<Rule<Change<TPent>, TViewer>>;
  /**
   * By stored attribute: who may see it, of those who may read the object. For others it is as if it were not there. What
   * no rule allows is denied, whatever the model's default is.
   */
  readonly fields?: Readonly<Record<string, ReadonlyArray<Rule<TPent, TViewer>>>>;
}
// biome-ignore-end lint/suspicious/noExplicitAny: as above

// biome-ignore-start lint/suspicious/noExplicitAny: without types, objects and viewers may be anything
/** A write, before or after it happens. */
export interface Change<TPent extends PentObject = any> {
  /** The kind of the write. */
  readonly kind: 'create' | 'update' | 'delete';
  /** The class's name. */
  readonly type: string;
  /** The object before the write; null for a create. */
  readonly before: TPent | null;
  /** The object after the write; null before it, and for a delete. */
  readonly after: TPent | null;
  /** The data that the caller wants to write: an absent attribute is kept, null clears it. Empty for a delete. */
  readonly data: Readonly<Record<string, unknown>>;
  /** In a unit: what it does beside this. Triggers of a single write have it, too: what they add makes it a unit. */
  readonly unit?: UnitOfChanges;
}

/** The changes that are written together, for the rules and hooks of each. */
export interface UnitOfChanges {
  /** As they will be written, in order: `after` is the object as the unit leaves it, with what is known of it so far. */
  readonly changes: readonly Change[];
  /**
   * Adds a member, for triggers: `member.update(Talk, id, { unread: increment() })`. It is the server's own: no privacy
   * applies, its validators and triggers run.
   */
  add(member: PentMember): void;
}

/** A part of `writeTogether`; `member` makes them. */
export type PentMember<TPent extends PentObject = PentObject> = ChangeMember<TPent> | EdgePart;

/** A member that changes an object, or looks at it. */
export interface ChangeMember<TPent extends PentObject = PentObject> {
  /** The kind of the change; `check` changes nothing. */
  readonly kind: 'create' | 'update' | 'delete' | 'check';
  /** The class of the object. */
  readonly pentClass: PentClass<TPent>;
  /** Null for an object that gets its id now. */
  readonly id: string | null;
  /** The attributes to write. Empty for `delete` and `check`. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Conditions (`if`, `ifVersion`), and for a create its place (`near`). */
  readonly options: {
    readonly near?: string | undefined;
    /** The key of a single create that has become a unit. */
    readonly once?: { readonly idempotencyKey: string; readonly madeFrom: Readonly<Record<string, unknown>> };
  } & UpdateOptions;
}

/** A member that puts an entry into a plain edge, or takes it out. */
export interface EdgePart {
  readonly kind: 'insertEdge' | 'deleteEdge';
  readonly edge: string;
  readonly fromId: string;
  readonly toId: string;
  readonly data: unknown;
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

/**
 * The hooks around the writes of a type, each list in its order. All of them see past privacy, as rules do: their
 * objects, and what these lead to. `context.isRestricted` tells whether the write is a client's, to which rules apply,
 * or the server's own, by an unrestricted context.
 */
export interface WriteHooks<TPent extends PentObject = any, TViewer = any> {
  /** Return the problems of a write, for the client. */
  readonly validators?: ReadonlyArray<Validator<TPent, TViewer>>;
  /** Triggers: may return other data. */
  readonly before?: ReadonlyArray<Trigger<TPent, TViewer>>;
  /** Observers: run when the write is done. */
  readonly after?: ReadonlyArray<Observer<TPent, TViewer>>;
}
// biome-ignore-end lint/suspicious/noExplicitAny: as above
