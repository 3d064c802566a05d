import { PlanqlError } from '../errors/PlanqlError.ts';

/** The next step of a caller: try the same call again, load the shard map first, or give up. */
export type NextStep = 'retry' | 'refresh-shard-map' | 'fail';

/** Whether the failed call can have changed anything. */
export type Effect = 'not-applied' | 'unknown';

interface Verdict {
  readonly next?: NextStep;
  readonly effect?: Effect;
  readonly cause?: unknown;
}

/** The base of every error of the store. No message holds SQL, hosts or stacks; those are in `cause`, for logs. */
export class KvetchError<TCode extends string = string> extends PlanqlError<TCode> {
  /** What a caller can do: `retry` the same call, `refresh-shard-map` first, or `fail`. */
  readonly next: NextStep;
  /** Whether anything was written: `not-applied` or `unknown`. */
  readonly effect: Effect;
  /** The place of the member that failed, in a unit. */
  member?: number;

  constructor(code: TCode, message: string, { next = 'fail', effect = 'not-applied', cause }: Verdict = {}) {
    super(code, message, cause === undefined ? undefined : { cause });
    this.next = next;
    this.effect = effect;
  }
}

/** The schema given to `defineKvetchSchema` is wrong; `problems` lists everything that is. */
export class KvetchSchemaError extends KvetchError<'BAD_SCHEMA'> {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super('BAD_SCHEMA', `The Kvetch schema has ${problems.length} problem(s):\n- ${problems.join('\n- ')}`);
    this.problems = problems;
  }
}

/** An option of `createKvetch`, of a shard helper or of a cleaner is wrong. */
export class KvetchOptionError extends KvetchError<'BAD_OPTION'> {
  constructor(message: string) {
    super('BAD_OPTION', message);
  }
}

/** An object type, edge or index that the schema does not define. */
export class UnknownDefinitionError extends KvetchError<'UNKNOWN_DEFINITION'> {
  constructor(kind: 'object type' | 'edge' | 'index', seen: unknown, hint: string) {
    super('UNKNOWN_DEFINITION', `The Kvetch schema has no ${kind} ${quote(seen)}.${hint}`);
  }
}

/** A value that should be an id and is no UUID. */
export class BadIdError extends KvetchError<'BAD_ID'> {
  constructor(seen: unknown, place = 'Id') {
    super('BAD_ID', `${place} ${quote(seen)} is not a UUID.`);
  }
}

/** An invalid request for a page: a wrong `first` or `after`. */
export class BadPageError extends KvetchError<'BAD_PAGE'> {
  /** Without the remedy, which is for those who define lists. */
  readonly forClients: string;

  constructor(message: string, remedy = '') {
    super('BAD_PAGE', `${message}${remedy}`);
    this.forClients = message;
  }
}

/** A cursor that is none of its list: of another one, of an earlier definition, or edited. */
export class BadCursorError extends KvetchError<'BAD_CURSOR'> {
  constructor(message: string) {
    super('BAD_CURSOR', message);
  }
}

/** An attribute, edge data or index value that cannot be stored. */
export class BadValueError extends KvetchError<'BAD_VALUE'> {
  constructor(message: string) {
    super('BAD_VALUE', message);
  }
}

/** That an object has a property which is not its own: `{ __proto__: … }` would be passed over. */
export function inheritedValue(place: string, name: string): BadValueError {
  return new BadValueError(
    `${place} has ${quote(name)} from its prototype ("__proto__"), which would not be read. Give it properties of its own.`,
  );
}

/** A call that contradicts a definition, such as inserting a derived edge by hand. */
export class BadCallError extends KvetchError<'BAD_CALL'> {
  constructor(message: string, cause?: unknown) {
    super('BAD_CALL', message, { cause });
  }
}

/** The attributes of an object, or the data of an edge, are larger than the store accepts. */
export class BodyTooLargeError extends KvetchError<'BODY_TOO_LARGE'> {
  readonly bytes: number;
  readonly limit: number;

  constructor(bytes: number, limit: number) {
    super('BODY_TOO_LARGE', `A body of ${bytes} bytes is above the limit of ${limit} bytes.`);
    this.bytes = bytes;
    this.limit = limit;
  }
}

/** A stored row that cannot be read: its body is damaged or was written by a newer version. */
export class CorruptRowError extends KvetchError<'CORRUPT_ROW'> {
  constructor(id: string, cause: unknown) {
    super('CORRUPT_ROW', `The stored row of "${id}" cannot be decoded.`, { cause });
  }
}

/** The object to be changed does not exist, or not any more. */
export class NotFoundError extends KvetchError<'NOT_FOUND'> {
  /** `attribute`: the stored id that names it, as `"Item.list"`. */
  constructor(id: string, attribute: string | null = null) {
    super('NOT_FOUND', `There is no object "${id}"${attribute === null ? '' : `, which ${attribute} names`}.`);
  }
}

/** The object cannot be deleted: a list of it with `onDelete: 'refuse'` has objects. */
export class HasChildrenError extends KvetchError<'HAS_CHILDREN'> {
  readonly edge: string;

  constructor(id: string, edge: string) {
    super('HAS_CHILDREN', `Object "${id}" cannot be deleted while its list "${edge}" has objects.`);
    this.edge = edge;
  }
}

/**
 * An edge or index is younger than objects that it is derived from, and is not filled in for them yet. With a `cause`, a
 * server has not told whether it is: the same call may succeed later.
 */
export class BuildingError extends KvetchError<'BUILDING'> {
  constructor(label: string, cause?: unknown) {
    super(
      'BUILDING',
      cause === undefined
        ? `The ${label} is not filled in yet for objects that were there before it. Run "kvetch clean", or "planql migrate" in a generated application, once all programs have this schema; "kvetch stats" tells when it is done.`
        : `A server has not told whether the ${label} is filled in: objects could be missing. Try again when all servers answer.`,
      cause === undefined ? {} : { next: 'retry', cause },
    );
  }
}

/** An edge or index entry that was to be inserted leads from or to an object of another type than that of its definition. */
export class WrongTypeError extends KvetchError<'WRONG_TYPE'> {
  /** The id at this end. */
  readonly id: string;
  /** The type of the definition. */
  readonly expected: string;

  constructor(place: string, end: string, id: string, expected: string, seen: string) {
    super(
      'WRONG_TYPE',
      `${place}: ${end} must be the id of an object of type "${expected}", and "${id}" is of type "${seen}".`,
    );
    this.id = id;
    this.expected = expected;
  }
}

/** Another write changed or created the object first. */
export class ConflictError extends KvetchError<'CONFLICT'> {
  /** The object that another write changed. */
  readonly id: string;

  constructor(id: string, message: string, next: NextStep = 'fail') {
    super('CONFLICT', message, { next });
    this.id = id;
  }
}

/** A write whose condition (`if`) does not hold: nothing was written. */
export class ConditionFailedError extends KvetchError<'CONDITION_FAILED'> {
  /** The object whose condition does not hold. */
  readonly id: string;
  /** The first attribute that is not as the write says. */
  readonly attribute: string;

  constructor(id: string, attribute: string) {
    super('CONDITION_FAILED', `Object "${id}" does not meet the condition on ${quote(attribute)}.`);
    this.id = id;
    this.attribute = attribute;
  }
}

/** Another object holds this value of a unique index. */
export class UniqueViolationError extends KvetchError<'UNIQUE_VIOLATION'> {
  /** The name of the index. */
  readonly index: string;
  /** The object that has the value. Not for clients: it tells that the object exists. */
  readonly ownerId: string;

  /** `cause` where the write could not be undone: the effect is unknown. */
  constructor(index: string, ownerId: string, cause?: unknown) {
    const verdict: Verdict = cause === undefined ? {} : { effect: 'unknown', cause };
    super('UNIQUE_VIOLATION', `Another object already has this value in the unique index "${index}".`, verdict);
    this.index = index;
    this.ownerId = ownerId;
  }
}

/** A write took so long that its claim to a unique value was given to another, or given up: nothing was written. */
export class ClaimLostError extends KvetchError<'CLAIM_LOST'> {
  readonly index: string;

  constructor(index: string) {
    super(
      'CLAIM_LOST',
      `The claim to a value of the unique index "${index}" was lost before its object was written. Try again.`,
      { next: 'retry' },
    );
    this.index = index;
  }
}

/** The shard of a row could not be reached. Rows of other shards in the same call are answered. */
export class ShardUnavailableError extends KvetchError<'SHARD_UNAVAILABLE'> {
  /** The name of the store, for logs: it may name a host or a file. */
  readonly node: string;
  /** The number of the logical shard. */
  readonly shard: number;

  constructor(node: string, shard: number, effect: Effect, cause?: unknown, next: NextStep = 'retry') {
    super('SHARD_UNAVAILABLE', `Shard ${shard} is unavailable.`, { next, effect, cause });
    this.node = node;
    this.shard = shard;
  }
}

/** Redis does not answer, and too many reads wait for the store already: this one was not sent. Spec 9.3. */
export class StoreBusyError extends KvetchError<'STORE_BUSY'> {
  constructor(waiting: number) {
    super('STORE_BUSY', `The cache is away, and ${waiting} reads wait for this store already. Try again later.`, {
      next: 'retry',
    });
  }
}

/** The shard lives elsewhere now: nothing was done, and the shard map is out of date. */
export class ShardMovedError extends KvetchError<'SHARD_MOVED'> {
  readonly shard: number;

  constructor(shard: number) {
    super(
      'SHARD_MOVED',
      `Shard ${shard} has moved to another node. mysqlCluster follows moves; mysqlShards does not.`,
      { next: 'refresh-shard-map' },
    );
    this.shard = shard;
  }
}

/** A change feed cannot go on from a position: changes behind it are not kept any more, or it is of other stores. */
export class ChangesGoneError extends KvetchError<'CHANGES_GONE'> {
  constructor(reason: string) {
    super(
      'CHANGES_GONE',
      `${reason}. Begin again: take changePosition(), read all objects with browsePages, and follow the changes from that position.`,
    );
  }
}

/** A server failed that an operator's call needs. */
export class ServerUnavailableError extends KvetchError<'SERVER_UNAVAILABLE'> {
  constructor(server: string, cause: unknown) {
    super('SERVER_UNAVAILABLE', `Server ${quote(server)} cannot be used.`, { next: 'retry', effect: 'unknown', cause });
  }
}

/** A move of shards that could not go on. Nothing is lost: it can be resumed or aborted. */
export class MoveError extends KvetchError<'MOVE_FAILED'> {
  constructor(message: string, { next = 'fail', cause }: Omit<Verdict, 'effect'> = {}) {
    super('MOVE_FAILED', message, { next, effect: 'unknown', cause });
  }
}

/** The receiver of an export failed: a full disk, say. The store is well. */
export class ExportWriteError extends KvetchError<'EXPORT_WRITE'> {
  constructor(cause: unknown) {
    super('EXPORT_WRITE', 'The rows of an export could not be written.', { cause });
  }
}

/** With `strictDerived`: the object is written, but an edge or index entry of it is not yet. Cleaners will add it. */
export class DerivedWriteError extends KvetchError<'DERIVED_WRITE'> {
  readonly id: string;

  constructor(id: string, cause: unknown) {
    super('DERIVED_WRITE', `Object "${id}" was written, but its edges or index entries were not all written.`, {
      effect: 'unknown',
      cause,
    });
    this.id = id;
  }
}

/** How a given value appears in a message: JSON, cut short. */
export function quote(seen: unknown): string {
  if (typeof seen === 'bigint') return `${seen}n`;
  if (typeof seen === 'number' || seen === undefined || typeof seen === 'symbol') return String(seen);
  if (typeof seen === 'function') return 'a function';
  const text =
    typeof seen === 'string'
      ? JSON.stringify(seen)
      : typeof seen === 'object' && seen !== null
        ? 'an object'
        : String(seen);
  return text.length <= 60 ? text : `${text.slice(0, 57)}..."`;
}
