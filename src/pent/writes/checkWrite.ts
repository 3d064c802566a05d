import { errorOf } from '../../errors/errorOf.ts';
import {
  BadIdError,
  BadValueError,
  BodyTooLargeError,
  ConditionFailedError,
  ConflictError,
  HasChildrenError,
  NotFoundError,
  UniqueViolationError,
} from '../../kvetch/errors.ts';
import { parseId } from '../../kvetch/ids/parseId.ts';
import type { Conditions } from '../../kvetch/writes/conditions.ts';
import { appendAll } from '../../utils/appendAll.ts';
import type {
  Change,
  Context,
  InputProblem,
  PentClass,
  PentDefinition,
  PentMember,
  PentObject,
  UnitOfChanges,
} from '../contract.ts';
import { notFound, safeError } from '../errors.ts';
import { HookContext } from '../InnerContext.ts';
import { definitionOf } from '../ofType.ts';
import { authorizeWrite, inUnrestricted } from '../privacy/authorizeWrite.ts';
import { isFieldHidden } from '../privacy/hiddenFields.ts';

import { admit } from '../reads/admit.ts';
import { readObject } from '../reads/readPents.ts';
import { readRecords } from '../reads/readRecords.ts';

type Data = Readonly<Record<string, unknown>>;

/** The object to be written, if the viewer may know of it. */
export async function existing<TPent extends PentObject>(
  context: Context,
  pentClass: PentClass<TPent>,
  id: string,
): Promise<TPent> {
  const pent = await readObject(context, anyType(pentClass), id);
  // An id of another type is, for a client, an id of nothing.
  if (isInstance(pent, pentClass)) return pent;
  throw notFound(definitionOf(pentClass).name, id);
}

export function isInstance<TPent extends PentObject>(
  pent: PentObject | null,
  pentClass: PentClass<TPent>,
): pent is TPent {
  return pent !== null && pent.constructor === pentClass;
}

export function anyType(pentClass: PentClass): { readonly prototype: PentObject; readonly definition: null } {
  return { prototype: pentClass.prototype, definition: null };
}

/** What is known of a write beside its change. */
export interface Around {
  /** Its `if`. */
  readonly conditions?: Conditions | undefined;
  /** The types of objects that the same unit creates. */
  readonly created?: ReadonlyMap<string, string>;
  /** Of a write that is alone so far: takes the members that its triggers add. */
  readonly added?: PentMember[];
}

/** Checks a change and runs its triggers. Returns the data to write. */
export async function prepare<TPent extends PentObject>(
  context: Context,
  pentClass: PentClass<TPent>,
  change: Change<TPent>,
  { conditions = {}, created = new Map(), added }: Around = {},
): Promise<Change<TPent>> {
  const definition = definitionOf(pentClass);
  // Before the rules, which see past privacy: their answer about a hidden target tells that it is there.
  await assertTargets(context, definition, change.data, created);
  assertSeen(change, { ...conditions, ...change.data });
  await authorizeWrite(context, pentClass, change);
  const { validators = [], before = [] } = pentClass.hooks;
  if (validators.length === 0 && before.length === 0) return change;
  const data = await context.whileOpen(runHooks(context, pentClass, change, added));
  if (data !== change.data) await assertTargets(context, definition, data, created);
  return { ...change, data };
}

/** Returns the data to write. */
async function runHooks(
  context: Context,
  { hooks: { validators = [], before = [] } }: PentClass,
  change: Change,
  added: PentMember[] | undefined,
): Promise<Data> {
  const inner = new HookContext(context);
  const shown = inUnrestricted(change, inner);
  const problems: InputProblem[] = [];
  for (const validate of validators) appendAll(problems, (await validate(shown, inner)) ?? []);
  if (problems.length > 0) throw invalid(problems);
  let { data } = change;
  const alone = added === undefined ? {} : { unit: unitOfOne(shown, added) };
  for (const trigger of before) {
    const replaced = await trigger({ ...shown, ...alone, data }, inner);
    if (replaced !== undefined) data = replaced;
  }
  return data;
}

/** The id of a new object. Whether one that a client has chosen is taken, would tell of its object. */
export function assertNewId(context: Context, id: string, member?: number): void {
  if (context.mayCreateAs(id)) return;
  const message = 'The id of a new object must be one that "context.newId" has made in this request.';
  throw safeError('INVALID_INPUT', message, { field: 'id', ...(member === undefined ? null : { member }) });
}

/** A write that is alone, until a trigger adds members. */
function unitOfOne(change: Change, added: PentMember[]): UnitOfChanges {
  return { changes: [change], add: (member) => void added.push(member) };
}

/**
 * Only those who may see a field may change it, or name it in a condition: a write of the value that is stored already
 * makes no new version, so that a value could be guessed.
 */
export function assertSeen({ before, type }: Pick<Change, 'before' | 'type'>, named: Data): void {
  if (before === null) return;
  const field = Object.keys(named).find((name) => named[name] !== undefined && isFieldHidden(before.$record, name));
  if (field === undefined) return;
  throw safeError('FORBIDDEN', `You may not change "${field}" of this ${type}.`, { field });
}

/** The target of a reference must be there, of the right type, and readable: else an id could be probed. */
async function assertTargets(
  context: Context,
  definition: PentDefinition,
  data: Data,
  created: ReadonlyMap<string, string>,
): Promise<void> {
  const wanted = Object.entries(definition.storedIds ?? {}).filter(
    ([attribute, types]) => data[attribute] != null && !types.includes(created.get(String(data[attribute])) ?? ''),
  );
  if (wanted.length === 0) return;
  const ids = wanted.map(([attribute]) => parseId(data[attribute]));
  const targets = await admit(context, await readRecords(context, ids));
  for (const [at, [attribute, types]] of wanted.entries()) {
    const target = targets[at] ?? null;
    if (target instanceof Error) throw target;
    const name = target === null ? undefined : context.model.find(target.typeId)?.definition?.name;
    if (name === undefined || !types.includes(name)) throw badTarget(attribute, types, data[attribute]);
  }
}

function badTarget(field: string, types: readonly string[], id: unknown): Error {
  const { message } = notFound(types.join(' or '), id);
  return safeError('NOT_FOUND', message, { field });
}

/** The error of a write as clients may read it. */
export function forClients({ model }: Context, { kind, type }: Change, error: unknown): unknown {
  if (error instanceof UniqueViolationError) {
    const field = model.schema.findIndex(error.index)?.attr ?? null;
    const message = `Another ${type} already has this ${field ?? 'value'}.`;
    return safeError('ALREADY_TAKEN', message, { field }, error);
  }
  if (error instanceof NotFoundError) return safeError('NOT_FOUND', `There is no such ${type} any more.`, {}, error);
  if (error instanceof ConditionFailedError) {
    const { attribute: field } = error;
    return safeError('CONDITION_FAILED', `The "${field}" of this ${type} is not as it must be.`, { field }, error);
  }
  if (error instanceof HasChildrenError) {
    const message = `This ${type} cannot be deleted while there are objects in its list "${error.edge}". Delete or move them first.`;
    return safeError('HAS_CHILDREN', message, {}, error);
  }
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

/** An observer's failure never fails the write. */
export async function observe<TPent extends PentObject>(
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
