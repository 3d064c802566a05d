import { anything, checkOptions, type OptionTable } from '../../errors/checkOptions.ts';
import { SafeError } from '../../errors/SafeError.ts';
import { ConflictError, KvetchError } from '../../kvetch/errors.ts';
import { parseId } from '../../kvetch/ids/parseId.ts';
import type { NewIdOptions } from '../../kvetch/Kvetch.ts';
import type { KvetchObject } from '../../kvetch/KvetchObject.ts';
import { resolveChanges } from '../../kvetch/writes/AttributeChange.ts';
import { placeOfCreate } from '../../kvetch/writes/prepareCreate.ts';
import * as units from '../../kvetch/writes/unit/members.ts';
import type { UnitResult } from '../../kvetch/writes/unit/UnitResult.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type {
  Change,
  ChangeMember,
  Context,
  EdgePart,
  PentClass,
  PentMember,
  PentObject,
  UnitOfChanges,
} from '../contract.ts';
import { notFound, PentError, safeError } from '../errors.ts';
import { HookContext } from '../InnerContext.ts';
import { definitionOf } from '../ofType.ts';
import { authorizeWrite } from '../privacy/authorizeWrite.ts';
import { storedRecord } from '../privacy/hiddenFields.ts';
import { readObject } from '../reads/readPents.ts';
import { anyType, assertNewId, assertSeen, existing, forClients, observe, prepare } from './checkWrite.ts';
import { ownKey } from './ownKey.ts';

const MAX_MEMBERS = 100;

/** The objects of members: null for those of edges, and for what was deleted or is hidden now. */
export type Written<TMembers extends readonly PentMember[]> = {
  -readonly [K in keyof TMembers]: TMembers[K] extends ChangeMember<infer TPent> ? TPent | null : null;
};

/**
 * Writes all members or none. Privacy, validators and triggers of each run before anything is written: `before` is what
 * earlier members make of the object, `change.unit` shows all of them. Triggers may add members. Observers run after.
 *
 * With an `idempotencyKey`, a repeat by the same viewer answers with the objects of the first unit as they are now, and runs
 * no rules of writes, validators, triggers or observers. Repeats are recognized by the members as they were given.
 *
 * @throws SafeError as `createPent` and `updatePent` do, with `extensions.member`: the place of the member that is refused.
 */
export function writeTogether<const TMembers extends readonly PentMember[]>(
  context: Context,
  members: TMembers,
  options?: TogetherOptions,
): Promise<Written<TMembers>>;
export async function writeTogether(
  context: Context,
  members: readonly PentMember[],
  options: TogetherOptions = {},
): Promise<unknown> {
  checkOptions('writeTogether', options, togetherOptions);
  const { idempotencyKey } = options;
  const key = idempotencyKey === undefined ? undefined : ownKey(context, idempotencyKey);
  return new PentUnit(context, members, null, { idempotencyKey: key, madeFrom: members.map(asGiven) }).write();
}

interface TogetherOptions {
  /** Makes the unit safe to repeat. The viewer's own: equal keys of others are other keys. */
  readonly idempotencyKey?: string | undefined;
}

const togetherOptions: OptionTable<TogetherOptions> = { idempotencyKey: anything };

/**
 * Goes on with a single write whose triggers have added members: `first` was checked, and its data is that of the triggers.
 * Its object; null where it is hidden now, or deleted.
 */
export async function writeAdded<TPent extends PentObject>(
  context: Context,
  first: ChangeMember<TPent>,
  added: readonly PentMember[],
): Promise<TPent | null> {
  const [written = null] = await new PentUnit(context, [first], added, { madeFrom: [asGiven(first)] }).write();
  return written as TPent | null;
}

/** By what a repeat of a unit is known. Without a key, where the unit is at home. */
interface OnceOfUnit {
  readonly idempotencyKey?: string | undefined;
  readonly madeFrom: readonly units.UnitMember[];
}

/** A member, and what it does. */
interface Part {
  readonly member: PentMember;
  /** The given member that it comes from; null where one object alone was to be written. */
  readonly at: number | null;
  /** That of the viewer, or the server's own for what triggers add. */
  readonly context: Context;
  /** The id of its object; of the source of an edge. */
  readonly id: string;
  /** The object as it was read; null for a create. */
  found: PentObject | null;
  change: Change | null;
}

class PentUnit {
  readonly #context: Context;
  readonly #parts: Part[] = [];
  /** Objects as the unit leaves them. Null: deleted. */
  #planned = new Map<string, KvetchObject | null>();
  readonly #created = new Map<string, string>();
  #isOpen = true;

  readonly #given: readonly PentMember[];
  /** What triggers of the only member have added: it was checked before. Null: all are still to be checked. */
  readonly #added: readonly PentMember[] | null;
  readonly #once: OnceOfUnit;
  /** An id beside which objects without a place of their own are created. */
  #home = '';

  constructor(context: Context, members: readonly PentMember[], added: readonly PentMember[] | null, once: OnceOfUnit) {
    this.#context = context;
    this.#given = members;
    this.#added = added;
    this.#once = once;
  }

  async write(): Promise<ReadonlyArray<PentObject | null>> {
    for (const [at, member] of this.#given.entries())
      if (member.kind === 'create' && 'pentClass' in member && member.id !== null)
        assertNewId(this.#context, member.id, this.#added === null ? at : undefined);
    const { madeFrom, idempotencyKey } = this.#once;
    const kvetch = idempotencyKey === undefined ? this.#context.kvetch : this.#context.beginWrite();
    const { home, written } = await this.#stored(() => kvetch.findUnit(madeFrom, this.#once));
    if (written !== null) return this.#repeated(written);
    this.#home = home;
    await this.#prepareAll();
    this.#isOpen = false;
    const result = await this.#stored(() => this.#context.beginWrite().write(this.#parts.map(toKvetch), this.#once));
    // a repeat at the same time may have been faster
    if (!result.isNew) return this.#repeated(result);
    this.#context.forget();
    for (const part of this.#parts) await this.#observe(part);
    return Promise.all(this.#given.map((member, at) => this.#result(member, itemAt(this.#parts, at).id)));
  }

  async #prepareAll(): Promise<void> {
    for (const [at, member] of this.#given.entries())
      this.#add(member, this.#added === null ? at : null, this.#context);
    for (const member of this.#added ?? []) this.#add(member, null, this.#context.unrestricted);
    await this.#readFrom(0);
    // triggers add parts while this goes on
    for (let at = this.#added === null ? 0 : this.#given.length; at < this.#parts.length; at++) {
      const part = itemAt(this.#parts, at);
      const before = this.#parts.length;
      await this.#named(part, () => this.#prepare(part));
      await this.#readFrom(before);
    }
  }

  /** The objects of the unit that was written before, as the viewer sees them now. */
  #repeated({ objects }: UnitResult): Promise<ReadonlyArray<PentObject | null>> {
    this.#context.forget();
    return Promise.all(this.#given.map((member, at) => this.#result(member, objects[at]?.id ?? null)));
  }

  #add(member: PentMember, at: number | null, context: Context): void {
    if (this.#parts.length >= MAX_MEMBERS)
      throw new PentError('TOO_MANY_MEMBERS', `A unit has at most ${MAX_MEMBERS} members, with those of triggers.`);
    const id = this.#idOf(member);
    if (member.kind === 'create') this.#created.set(id, typeOf(member));
    this.#parts.push({ member, at, context, id, found: null, change: null });
  }

  #idOf(member: PentMember): string {
    if ('edge' in member) return parseId(member.fromId) ?? member.fromId;
    const { kind, pentClass, id, data, options } = member;
    if (id !== null || kind !== 'create') return idGiven(member);
    if (options.once === undefined) {
      const isFree = placeOfCreate(this.#context.kvetch.schema.type(typeOf(member)), { ...options, data }) === null;
      return this.#context.newId(pentClass, data, isFree ? { near: this.#home } : placeOf(options));
    }
    return this.#context.kvetch.newId(definitionOf(pentClass).name, data, placeOf(options));
  }

  async #named<T>({ at }: Part, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw named(error, at);
    }
  }

  /** Reads the objects of the last parts, as far as their viewer may. */
  async #readFrom(first: number): Promise<void> {
    for (const part of this.#parts.slice(first)) {
      const { member, context, id } = part;
      if ('edge' in member) continue;
      const { kind, pentClass, data } = member;
      const type = typeOf(member);
      if (kind !== 'create' && this.#created.get(id) !== type)
        part.found = await this.#named(part, () => existing(context, pentClass, id));
      if (kind !== 'check') part.change = { kind, type, before: null, after: null, data };
    }
    this.#plan();
  }

  /** What each part makes of what those before it have made. */
  #plan(): void {
    this.#planned = new Map();
    for (const part of this.#parts) {
      const { change, id, found } = part;
      if (change === null) continue;
      const earlier = this.#planned.get(id);
      const before = earlier === undefined ? found : this.#wrap(earlier);
      if (change.kind !== 'create' && before === null) throw named(notFound(change.type, id), part.at);
      part.change = { ...change, before };
      this.#planned.set(id, this.#after(id, part.change));
    }
  }

  #after(id: string, { kind, before, type, data }: Change): KvetchObject | null {
    if (kind === 'delete') return null;
    const { name, typeId } = definitionOf(this.#context.model.named(type));
    const now = this.#context.clock();
    const record =
      before === null
        ? { id, typeId, version: 1, createdAt: now, updatedAt: now }
        : { ...storedRecord(before.$record), updatedAt: now, version: before.version + 1 };
    const changed: Record<string, unknown> = { ...record };
    for (const [attribute, value] of Object.entries(resolveChanges(name, record, data))) {
      if (value === null) delete changed[attribute];
      else if (value !== undefined) changed[attribute] = value;
    }
    const { id: _, ...attributes } = changed;
    const { version, createdAt, updatedAt } = record;
    return Object.freeze({ ...attributes, id, typeId, version, createdAt, updatedAt });
  }

  /** A planned object, in a world of its own: it may never be. */
  #wrap(record: KvetchObject | null): PentObject | null {
    return record === null ? null : new HookContext(this.#context).wrap(record);
  }

  async #prepare(part: Part): Promise<void> {
    const { member, context, found, change } = part;
    if ('edge' in member) return this.#checkEdge(context, member);
    const conditions = member.options.if;
    // of an object that earlier members change, the viewer sees no more than before
    if (found !== null) assertSeen({ before: found, type: typeOf(member) }, { ...conditions, ...member.data });
    if (change === null) return;
    const around = { conditions, created: this.#created };
    const written = await prepare(context, member.pentClass, { ...change, unit: this.#unitFor(part) }, around);
    if (written.data === change.data) return;
    part.change = { ...change, data: written.data };
    this.#plan();
  }

  #unitFor({ at }: Part): UnitOfChanges {
    const changes = this.#parts.flatMap(({ change, id }): Change[] =>
      change === null ? [] : [{ ...change, after: this.#wrap(this.#planned.get(id) ?? null) }],
    );
    const add = (member: PentMember): void => {
      if (!this.#isOpen)
        throw new PentError('UNIT_CLOSED', 'Members are added by triggers, before the unit is written.');
      this.#add(member, at, this.#context.unrestricted);
    };
    return { changes, add };
  }

  /** As `writePentEdge` does: both ends must be readable, and the first may be updated. */
  async #checkEdge(context: Context, { edge, fromId, toId }: EdgePart): Promise<void> {
    const { fromTypeId, toTypeId } = context.model.schema.edge(edge);
    const { pent: source, pentClass } = await this.#end(context, fromTypeId, fromId);
    await this.#end(context, toTypeId, toId);
    const { name } = definitionOf(pentClass);
    const change: Change = { kind: 'update', type: name, before: source, after: null, data: {} };
    // what the unit itself creates has passed its rules
    if (!this.#created.has(source.id)) await authorizeWrite(context, pentClass, change);
  }

  async #end(context: Context, typeId: number, givenId: string): Promise<{ pent: PentObject; pentClass: PentClass }> {
    const id = parseId(givenId) ?? givenId;
    const pentClass = context.model.find(typeId);
    if (pentClass === null) throw new PentError('UNKNOWN_TYPE', `The model has no class for the type ${typeId}.`);
    const isNew = this.#created.has(id);
    const pent = isNew ? this.#wrap(this.#planned.get(id) ?? null) : await readObject(context, anyType(pentClass), id);
    if (pent === null || pent.constructor !== pentClass) throw notFound(definitionOf(pentClass).name, givenId);
    return { pent, pentClass };
  }

  /** Runs a call of the store. Its errors are those of members, where they name one. */
  async #stored<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof KvetchError)) throw error;
      if (error.member === undefined) throw error instanceof ConflictError ? conflictOfUnit(error) : error;
      const part = this.#parts[error.member];
      const member = part?.member ?? this.#given[error.member];
      if (member === undefined) throw error;
      const type = 'edge' in member ? 'object' : typeOf(member);
      const change = part?.change ?? { kind: 'update', type, before: null, after: null, data: {} };
      throw named(
        forClients(this.#context, change, error),
        part === undefined && this.#added === null ? error.member : (part?.at ?? null),
      );
    }
  }

  async #observe({ member, context, change, id }: Part): Promise<void> {
    if (change === null || 'edge' in member) return;
    await observe(context, member.pentClass, change, change.kind === 'delete' ? null : id);
  }

  async #result(member: PentMember, id: string | null): Promise<PentObject | null> {
    if (id === null || 'edge' in member || member.kind === 'delete') return null;
    return readObject(this.#context, anyType(member.pentClass), id);
  }
}

function typeOf(member: PentMember): string {
  return 'edge' in member ? '' : definitionOf(member.pentClass).name;
}

/** A member as its caller has given it, for the store: ids that are free yet are left out. */
function asGiven(member: PentMember): units.UnitMember {
  if ('edge' in member || member.kind !== 'create') return toKvetch({ member, change: null, id: idGiven(member) });
  const { id, data, options } = member;
  return { kind: 'create', type: typeOf(member), data, options: { ...placeOf(options), ...(id !== null && { id }) } };
}

function idGiven(member: PentMember): string {
  return 'edge' in member ? '' : (parseId(member.id) ?? String(member.id));
}

/** The member as the store writes it. */
function toKvetch({ member, change, id }: Pick<Part, 'member' | 'change' | 'id'>): units.UnitMember {
  if ('edge' in member) {
    const { kind, edge, fromId, toId, data } = member;
    if (kind === 'deleteEdge') return units.deleteEdge(edge, { fromId, toId });
    return units.insertEdge(edge, data === undefined ? { fromId, toId } : { fromId, toId, data });
  }
  const { near: _, once: __, ...options } = member.options;
  const data = change?.data ?? member.data;
  switch (member.kind) {
    case 'create':
      if (member.options.once === undefined) return units.create(typeOf(member), data, { id });
      return { kind: 'create', type: typeOf(member), data, options: placeOf(member.options) };
    case 'update':
      return units.update(id, data, options);
    case 'delete':
      return units.deleteObject(id, options);
    case 'check':
      return units.check(id, options);
  }
}

function placeOf({ near, once }: ChangeMember['options']): NewIdOptions {
  return { ...(near !== undefined && { near }), ...once };
}

function conflictOfUnit(error: ConflictError): SafeError {
  const message =
    error.next === 'retry'
      ? 'These objects are changed by many at a time. Try again.'
      : 'This key was used to write something else. Use a new one.';
  return safeError('CONFLICT', message, {}, error);
}

/** The same error for clients, with the place of its member. */
function named(error: unknown, member: number | null): unknown {
  if (member === null || !(error instanceof SafeError)) return error;
  const { code, ...extra } = error.extensions;
  return 'member' in extra ? error : safeError(String(code), error.message, { ...extra, member }, error.cause);
}
