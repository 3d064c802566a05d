import { ClaimLostError, KvetchError, ShardMovedError } from '../errors.ts';
import { NodeFailure } from '../shards/NodeFailure.ts';

/** The part of a driver's error that decides on its treatment. */
interface DriverError {
  readonly errno?: number;
  readonly sqlState?: string;
  readonly fatal?: boolean;
}

const DEADLOCK = 1213;
const LOCK_WAIT_TIMEOUT = 1205;
const DUPLICATE_KEY = 1062;
const NO_SUCH_TABLE = 1146;
const NO_SUCH_DATABASE = 1049;
const NOT_NULL = 1048;
/** Galera: the node has lost the others, or is not yet in step with them. */
const NOT_READY = 1047;
const readOnly: ReadonlySet<number> = new Set([1290, 1792, 1836]);
/** A value that the statement cannot carry: it must not take the others of its batch with it. */
const poison: ReadonlySet<number> = new Set([1153, 1264, 1366, 1406]);

/** The server is not asked any more for a while, because it did not answer before. */
export class BreakerOpenError extends Error {
  override readonly name = 'BreakerOpenError';
}

/** So many calls wait for the server that no more may. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

/** Whether a node of a cluster answers that it is not part of it now: it did nothing, and others may. */
export function isNotReady(error: unknown): boolean {
  return errnoOf(error) === NOT_READY;
}

/** Whether the server understood and refused, over a connection that goes on working. */
export function isRefusal(error: unknown): boolean {
  const { sqlState, fatal } = error as DriverError;
  if (isNotReady(error)) return false;
  return error instanceof Error && typeof sqlState === 'string' && fatal !== true;
}

/** Whether the server takes no writes: its address may belong to another server by now. */
export function isReadOnly(error: unknown): boolean {
  return readOnly.has(errnoOf(error) ?? 0);
}

/** Whether the same transaction may succeed when it is run again: the server has rolled it back. */
export function isLockConflict(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === DEADLOCK || errno === LOCK_WAIT_TIMEOUT;
}

export function isDuplicate(error: unknown): boolean {
  return errnoOf(error) === DUPLICATE_KEY;
}

export function isUnknownDatabase(error: unknown): boolean {
  return errnoOf(error) === NO_SUCH_DATABASE;
}

export function isMissingTable(error: unknown): boolean {
  return errnoOf(error) === NO_SUCH_TABLE;
}

/** Whether a write met a shard that is not open on its server: the only NULL that the store ever writes. */
export function isFenced(error: unknown): boolean {
  return errnoOf(error) === NOT_NULL;
}

/** Whether one entry of a batch can be to blame, so that the others are worth another try without it. */
export function isEntrysFault(error: unknown): boolean {
  if (error instanceof ClaimLostError || error instanceof ShardMovedError) return true;
  const errno = errnoOf(error);
  return errno !== undefined && (errno === DUPLICATE_KEY || poison.has(errno));
}

/** The error that callers of the store see: the refusal is the cause, for logs. */
export function toFailure(error: unknown): Error {
  if (error instanceof KvetchError || error instanceof NodeFailure) return error;
  if (isReadOnly(error)) return new NodeFailure('not-applied', error, 'refresh-shard-map');
  return new NodeFailure('not-applied', error, isLockConflict(error) ? 'retry' : 'fail');
}

function errnoOf(error: unknown): number | undefined {
  return error instanceof Error ? (error as DriverError).errno : undefined;
}
