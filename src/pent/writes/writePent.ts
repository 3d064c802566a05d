import { errorOf } from '../../errors/errorOf.ts';
import {
  BadIdError,
  BadValueError,
  BodyTooLargeError,
  ConflictError,
  NotFoundError,
  UniqueViolationError,
} from '../../kvetch/errors.ts';
import { parseId } from '../../kvetch/ids/parseId.ts';
import type { CreateOptions } from '../../kvetch/Kvetch.ts';
import type { UpdateOptions } from '../../kvetch/writes/changeInTurn.ts';
import { appendAll } from '../../utils/appendAll.ts';
import type { Change, Context, InputProblem, PentClass, PentDefinition, PentObject } from '../contract.ts';
import { notFound, safeError } from '../errors.ts';
import { HookContext } from '../InnerContext.ts';
import { definitionOf } from '../ofType.ts';
import { authorizeWrite, inUnrestricted } from '../privacy/authorizeWrite.ts';
import { isFieldHidden } from '../privacy/hiddenFields.ts';
import { admit } from '../reads/admit.ts';
import { readObject } from '../reads/readPents.ts';
import { readRecords } from '../reads/readRecords.ts';

type Data = Readonly<Record<string, unknown>>;

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
  const { idempotencyKey: key } = options;
  if (key !== undefined) return createOnce(context, pentClass, change, { ...options, idempotencyKey: key });
  const written = await prepare(context, pentClass, change);
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
  const written = await prepare(context, pentClass, change);
  const { id, isNew } = await store(context, change, () => context.beginWrite().createOnce(type, written.data, once));
  return isNew ? finish(context, pentClass, written, id) : repeated(context, pentClass, id);
}

function repeated<TPent extends PentObject>(
  context: Context,
  pentClass: PentClass<TPent>,
  id: string,
): Promise<TPent | null> {
  context.forget();
  return readObject(context, pentClass, id);
}

/** The key of a viewer in the space that all viewers share. */
function ownKey({ viewerId }: Context, key: unknown): string {
  if (typeof key !== 'string' || key === '') throw safeError('INVALID_INPUT', 'An idempotency key must not be empty.');
  return `${JSON.stringify(viewerId)}:${key}`;
}

/**
 * Changes attributes of an object: an absent one is kept, null clears it. Returns the object as it is now; null where
 * the change took it out of the viewer's sight.
 *
 * @throws SafeError as `createPent`, and `CONFLICT` when it is not at `ifVersion`.
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
  const written = await prepare(context, pentClass, change);
  await store(context, change, () => context.beginWrite().updateObject(before.id, written.data, options));
  return finish(context, pentClass, written, before.id);
}

/**
 * Deletes an object and returns its id; null where there was none.
 *
 * @throws SafeError `FORBIDDEN`, `CONFLICT`.
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
  const written = await prepare(context, pentClass, change);
  const wasThere = await store(context, change, () => context.beginWrite().deleteObject(before.id, options));
  context.forget();
  if (!wasThere) return null;
  await observe(context, pentClass, written, null);
  return before.id;
}

/** The object to be written, if the viewer may know of it. */
async function existing<TPent extends PentObject>(
  context: Context,
  pentClass: PentClass<TPent>,
  id: string,
): Promise<TPent> {
  const pent = await readObject(context, anyType(pentClass), id);
  // An id of another type is, for a client, an id of nothing.
  if (isInstance(pent, pentClass)) return pent;
  throw notFound(definitionOf(pentClass).name, id);
}

function isInstance<TPent extends PentObject>(pent: PentObject | null, pentClass: PentClass<TPent>): pent is TPent {
  return pent !== null && pent.constructor === pentClass;
}

function anyType(pentClass: PentClass): { readonly prototype: PentObject; readonly definition: null } {
  return { prototype: pentClass.prototype, definition: null };
}

/** Checks a change and runs its triggers. Returns the data to write. */
async function prepare<TPent extends PentObject>(
  context: Context,
  pentClass: PentClass<TPent>,
  change: Change<TPent>,
): Promise<Change<TPent>> {
  const definition = definitionOf(pentClass);
  // Before the rules, which see past privacy: their answer about a hidden target tells that it is there.
  await assertTargets(context, definition, change.data);
  assertSeen(change);
  await authorizeWrite(context, pentClass, change);
  const { validators = [], before = [] } = pentClass.hooks;
  if (validators.length === 0 && before.length === 0) return change;
  const inner = new HookContext(context);
  const shown = inUnrestricted(change, inner);
  const problems: InputProblem[] = [];
  for (const validate of validators) appendAll(problems, (await validate(shown, inner)) ?? []);
  if (problems.length > 0) throw invalid(problems);
  let { data } = change;
  for (const trigger of before) {
    const replaced = await trigger({ ...shown, data }, inner);
    if (replaced !== undefined) data = replaced;
  }
  if (data !== change.data) await assertTargets(context, definition, data);
  return { ...change, data };
}

/**
 * Only those who may see a field may change it: a write of the value that is stored already makes no new version, so that
 * a value could be guessed.
 */
function assertSeen({ before, type, data }: Change): void {
  if (before === null) return;
  const field = Object.keys(data).find((name) => data[name] !== undefined && isFieldHidden(before.$record, name));
  if (field === undefined) return;
  throw safeError('FORBIDDEN', `You may not change "${field}" of this ${type}.`, { field });
}

/** The target of a reference must be there, of the right type, and readable: else an id could be probed. */
async function assertTargets(context: Context, definition: PentDefinition, data: Data): Promise<void> {
  const wanted = Object.entries(definition.storedIds ?? {}).filter(([attribute]) => data[attribute] != null);
  if (wanted.length === 0) return;
  const ids = wanted.map(([attribute]) => parseId(data[attribute]));
  const targets = await admit(context, await readRecords(context, ids));
  for (const [at, [attribute, types]] of wanted.entries()) {
    const target = targets[at] ?? null;
    if (target instanceof Error) throw target;
    const name = (target?.constructor as { readonly definition?: PentDefinition } | undefined)?.definition?.name;
    if (name === undefined || !types.includes(name)) throw badTarget(attribute, types, data[attribute]);
  }
}

function badTarget(field: string, types: readonly string[], id: unknown): Error {
  const { message } = notFound(types.join(' or '), id);
  return safeError('NOT_FOUND', message, { field });
}

/** Runs a write of the store. Mistakes of clients are errors that they may read. */
async function store<T>(context: Context, change: Change, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw forClients(context, change, error);
  }
}

function forClients({ model }: Context, { kind, type }: Change, error: unknown): unknown {
  if (error instanceof UniqueViolationError) {
    const field = model.schema.findIndex(error.index)?.attr ?? null;
    const message = `Another ${type} already has this ${field ?? 'value'}.`;
    return safeError('ALREADY_TAKEN', message, { field }, error);
  }
  if (error instanceof NotFoundError) return safeError('NOT_FOUND', `There is no such ${type} any more.`, {}, error);
  if (error instanceof ConflictError) {
    const message =
      kind === 'create'
        ? `This key was used to create another ${type}. Use a new one.`
        : `The ${type} was changed by somebody else. Read it again.`;
    return safeError('CONFLICT', message, {}, error);
  }
  if (error instanceof BadValueError || error instanceof BodyTooLargeError || error instanceof BadIdError) {
    return safeError('INVALID_INPUT', error.message, {}, error);
  }
  return error;
}

function invalid(problems: readonly InputProblem[]): Error {
  const message = problems.map((problem) => `${problem.field}: ${problem.message}`).join(' ');
  return safeError('INVALID_INPUT', message, { problems });
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

/** An observer's failure never fails the write. */
async function observe<TPent extends PentObject>(
  context: Context,
  pentClass: PentClass<TPent>,
  written: Change<TPent>,
  id: string | null,
): Promise<void> {
  const { after: observers = [] } = pentClass.hooks;
  if (observers.length === 0) return;
  const inner = new HookContext(context);
  const after = id === null ? null : await readObject(inner, pentClass, id);
  const change = { ...inUnrestricted(written, inner), after };
  for (const observer of observers) {
    try {
      await observer(change, inner);
    } catch (thrown) {
      context.report(errorOf(thrown), `observer of ${change.kind} ${change.type}`);
    }
  }
}
