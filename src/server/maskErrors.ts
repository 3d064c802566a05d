import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLErrorOptions, Kind } from 'graphql';
import type { ExecuteArgs } from '../engine/defaultEngine.ts';
import { anything, checkOptions, type OptionTable } from '../errors/checkOptions.ts';
import { isForClients } from '../errors/isForClients.ts';
import { PlanqlError } from '../errors/PlanqlError.ts';
import { watchPromise } from '../utils/watchPromise.ts';
import { type ErrorMap, type Mapped, type Maskable, mapResults } from './mapResults.ts';

/** The options of `maskErrors`. */
export interface MaskOptions {
  /** Told of each error that clients do not see, and of the id that they see instead. Default: `console.error`. */
  readonly log?: (error: unknown, id: string) => void;
}

export const maskOptions: OptionTable<MaskOptions> = { log: anything };

const logToConsole = (error: unknown, id: string): void => console.error(`Error ${id}:`, error);

/**
 * `execute`, `subscribe`, `executeIncrementally`, `executeToPayloads`, `executeToBuffer`, `executeToString` and
 * `executeToChunks`, as far as they are given, with results that clients may see. `SafeError`s, `GraphQLError`s and refusals because of planql's bounds come through. Any other error is logged once
 * with an id, and clients get "Unexpected error." with that id as `extensions.id`. Errors of an aborted request are not
 * logged. See docs/errors.md.
 *
 * ```ts
 * useServer({ schema, ...maskErrors(engine) }, server);
 * ```
 */
export function maskErrors<TFunctions extends Partial<Maskable>>(
  functions: TFunctions,
  options: MaskOptions = {},
): Mapped<TFunctions> {
  checkOptions('maskErrors', options, maskOptions);
  const { log = logToConsole } = options;
  return mapResults(functions, (args) => maskOf(args, log));
}

/**
 * For servers that have a mask of their own: errors that clients may read are without `originalError`, which is what
 * servers go by. All others are the server's, as they occurred.
 */
export function leaveErrors<TFunctions extends Partial<Maskable>>(functions: TFunctions): Mapped<TFunctions> {
  return mapResults(functions, () => (error) => {
    if (error.originalError == null) return error; // a server may know this very object
    return isReadable(error, causeOf(error)) ? asWritten(error) : error;
  });
}

/** The mask of one request. An error of several fields is logged once. */
function maskOf(args: ExecuteArgs | undefined, log: NonNullable<MaskOptions['log']>): ErrorMap {
  let ids: WeakMap<object, string> | null = null;
  return (error) => {
    const cause = causeOf(error);
    if (isReadable(error, cause)) return asWritten(error);
    if (isAbort(cause, args?.abortSignal)) {
      return new GraphQLError('The request was aborted.', { ...placeOf(error), extensions: { code: 'ABORTED' } });
    }
    const isKey = typeof cause === 'object' && cause !== null;
    let id = isKey ? ids?.get(cause) : undefined;
    if (id === undefined) {
      id = randomUUID();
      if (isKey) {
        ids ??= new WeakMap();
        ids.set(cause, id);
      }
      logSafely(log, cause, id);
    }
    return new GraphQLError('Unexpected error.', {
      ...placeOf(error),
      extensions: { code: 'INTERNAL_SERVER_ERROR', id },
    });
  };
}

/** A log that fails is no reason to keep the response from the client. */
function logSafely(log: NonNullable<MaskOptions['log']>, error: unknown, id: string): void {
  try {
    watchPromise(log(error, id));
  } catch {}
}

/** Whether clients may read the error's message. A variable that a scalar refuses is the client's mistake. */
function isReadable(error: GraphQLError, cause: unknown): boolean {
  return cause === null || isForClients(cause) || isVariableRefusal(error);
}

function isVariableRefusal({ path, nodes }: GraphQLError): boolean {
  return path === undefined && nodes?.[0]?.kind === Kind.VARIABLE_DEFINITION;
}

/** Without `originalError`: servers with masks of their own pass it on. */
function asWritten(error: GraphQLError): GraphQLError {
  return new GraphQLError(error.message, { ...placeOf(error), extensions: error.extensions });
}

function placeOf({ nodes, source, positions, path }: GraphQLError): GraphQLErrorOptions {
  return { nodes: nodes ?? null, source: source ?? null, positions: positions ?? null, path: path ?? null };
}

/** The error that a GraphQLError wraps. Null: none, so that its message was written as one. */
function causeOf(error: GraphQLError): unknown {
  let cause: unknown = error;
  while (cause instanceof GraphQLError) cause = cause.originalError ?? null;
  return cause;
}

/** Whether an error tells only that its request was aborted. */
function isAbort(cause: unknown, signal: AbortSignal | null | undefined): boolean {
  if (!signal?.aborted) return false;
  if (cause === signal.reason) return true;
  if (cause instanceof PlanqlError) return cause.code === 'ABORTED';
  return cause instanceof Error && (cause.name === 'AbortError' || cause.cause === signal.reason);
}
