import { SafeError } from '../../errors/SafeError.ts';
import type { CreateOptions } from '../../kvetch/Kvetch.ts';
import type { UpdateOptions } from '../../kvetch/writes/changeInTurn.ts';
import type { Change, ChangeMember, Context, PentClass, PentMember, PentObject } from '../contract.ts';
import { definitionOf } from '../ofType.ts';
import { readObject } from '../reads/readPents.ts';
import { anyType, assertNewId, existing, forClients, isInstance, observe, prepare } from './checkWrite.ts';
import { ownKey } from './ownKey.ts';
import { writeAdded } from './writeTogether.ts';

/**
 * Creates an object: checks privacy and stored ids, validates, runs triggers, writes, then observers. Returns the new
 * object; null where the viewer may create it but not read it.
 *
 * With an `idempotencyKey`, a repeat by the same viewer returns the object of the first create, and runs no validators,
 * triggers or observers. Repeats are recognized by `data` as it was given, before triggers.
 *
 * @throws SafeError `FORBIDDEN`, `INVALID_INPUT`, `NOT_FOUND` (a stored id of nothing readable), `ALREADY_TAKEN`,
 * `CONFLICT` (the viewer has used the key for other data).
 */
export async function createPent<TPent extends PentObject>(
  context: Context,
  pentClass: PentClass<TPent>,
  data: object,
  options: PentCreateOptions = {},
): Promise<TPent | null> {
  const { name } = definitionOf(pentClass);
  const change: Change<TPent> = { kind: 'create', type: name, before: null, after: null, data: { ...data } };
  const { idempotencyKey: key, id: given } = options;
  if (given !== undefined) assertNewId(context, given);
  if (key !== undefined) return createOnce(context, pentClass, change, { ...options, idempotencyKey: key });
  const added: PentMember[] = [];
  const written = await prepare(context, pentClass, change, { added });
  if (added.length > 0) {
    const { id = null, near } = options;
    return writeAdded(context, { kind: 'create', pentClass, id, data: written.data, options: { near } }, added);
  }
  const id = await store(context, change, () => context.beginWrite().createObject(name, written.data, options));
  return finish(context, pentClass, written, id);
}

/** The options of `createObject`. An idempotency key is the viewer's own: equal keys of others are other keys. */
export type PentCreateOptions = Omit<CreateOptions, 'madeFrom'>;

/** A create that was done before is not done again, and nothing around it is. */
async function createOnce<TPent extends PentObject>(
  context: Context,
  pentClass: PentClass<TPent>,
  change: Change<TPent>,
  { idempotencyKey, ...options }: PentCreateOptions & { readonly idempotencyKey: string },
): Promise<TPent | null> {
  const { type, data } = change;
  const once = { ...options, idempotencyKey: ownKey(context, idempotencyKey), madeFrom: data };
  const made = await store(context, change, () => context.beginWrite().findRepeated(type, once));
  if (made !== null) return repeated(context, pentClass, made);
  const added: PentMember[] = [];
  const written = await prepare(context, pentClass, change, { added });
  if (added.length > 0) {
    const { near, idempotencyKey: ownedKey, madeFrom } = once;
    const first = { near, once: { idempotencyKey: ownedKey, madeFrom } };
    const member: ChangeMember<TPent> = { kind: 'create', pentClass, id: null, data: written.data, options: first };
    return writeAdded(context, member, added).catch(async (error: unknown) => {
      // a repeat at the same time may have been faster
      const other = isConflict(error) ? await context.beginWrite().findRepeated(type, once) : null;
      if (other === null) throw error;
      return repeated(context, pentClass, other);
    });
  }
  const { id, isNew } = await store(context, change, () => context.beginWrite().createOnce(type, written.data, once));
  return isNew ? finish(context, pentClass, written, id) : repeated(context, pentClass, id);
}

function isConflict(error: unknown): boolean {
  return error instanceof SafeError && error.extensions.code === 'CONFLICT';
}

function repeated<TPent extends PentObject>(
  context: Context,
  pentClass: PentClass<TPent>,
  id: string,
): Promise<TPent | null> {
  context.forget();
  return readObject(context, pentClass, id);
}

/**
 * Changes attributes of an object: an absent one is kept, null clears it. Returns the object as it is now; null where
 * the change took it out of the viewer's sight.
 *
 * @throws SafeError as `createPent`, `CONFLICT` when it is not at `ifVersion`, `CONDITION_FAILED` when it is not as `if` says.
 */
export async function updatePent<TPent extends PentObject>(
  context: Context,
  pentClass: PentClass<TPent>,
  id: string,
  data: object,
  options: UpdateOptions = {},
): Promise<TPent | null> {
  const before = await existing(context, pentClass, id);
  const { name } = definitionOf(pentClass);
  const change: Change<TPent> = { kind: 'update', type: name, before, after: null, data: { ...data } };
  const added: PentMember[] = [];
  const written = await prepare(context, pentClass, change, { conditions: options.if, added });
  if (added.length > 0)
    return writeAdded(context, { kind: 'update', pentClass, id: before.id, data: written.data, options }, added);
  await store(context, change, () => context.beginWrite().updateObject(before.id, written.data, options));
  return finish(context, pentClass, written, before.id);
}

/**
 * Deletes an object and returns its id; null where there was none.
 *
 * @throws SafeError `FORBIDDEN`, `CONFLICT`, `CONDITION_FAILED`, `HAS_CHILDREN` (a list with `onDelete: 'refuse'` has objects).
 */
export async function deletePent<TPent extends PentObject>(
  context: Context,
  pentClass: PentClass<TPent>,
  id: string,
  options: UpdateOptions = {},
): Promise<string | null> {
  const before = await readObject(context, anyType(pentClass), id);
  if (!isInstance(before, pentClass)) return null;
  const { name } = definitionOf(pentClass);
  const change: Change<TPent> = { kind: 'delete', type: name, before, after: null, data: {} };
  const added: PentMember[] = [];
  const written = await prepare(context, pentClass, change, { conditions: options.if, added });
  if (added.length > 0) {
    await writeAdded(context, { kind: 'delete', pentClass, id: before.id, data: {}, options }, added);
    return before.id;
  }
  const wasThere = await store(context, change, () => context.beginWrite().deleteObject(before.id, options));
  context.forget();
  if (!wasThere) return null;
  await observe(context, pentClass, written, null);
  return before.id;
}

/** Runs a write of the store. Mistakes of clients are errors that they may read. */
export async function store<T>(context: Context, change: Change, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw forClients(context, change, error);
  }
}

async function finish<TPent extends PentObject>(
  context: Context,
  pentClass: PentClass<TPent>,
  written: Change<TPent>,
  id: string,
): Promise<TPent | null> {
  context.forget();
  await observe(context, pentClass, written, id);
  return readObject(context, pentClass, id);
}
