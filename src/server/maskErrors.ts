import { randomUUID } from 'node:crypto';
import { type ExecutionResult, GraphQLError } from 'graphql';
import type { ChunkOptions } from '../engine/chunks.ts';
import type { ExecuteArgs } from '../engine/defaultEngine.ts';
import { payloadsOf } from '../engine/payloadsOf.ts';
import { isForClients } from '../errors/isForClients.ts';
import { PlanqlError } from '../errors/PlanqlError.ts';
import { isAsyncIterable } from '../utils/asyncIterables.ts';
import { isPromiseLike } from '../utils/isPromiseLike.ts';
import type { PromiseOrValue } from '../utils/MaybePromise.ts';
import { mapAsyncIterable } from '../utils/mapAsyncIterable.ts';
import { watchPromise } from '../utils/watchPromise.ts';
import type { Functions } from './Functions.ts';

export interface MaskOptions {
  /** Told of each error that clients do not see, and of the id that they see instead. Default: `console.error`. */
  readonly log?: (error: unknown, id: string) => void;
}

const logToConsole = (error: unknown, id: string): void => console.error(`Error ${id}:`, error);

/** Functions that can be masked: an engine has all of them. */
export interface Maskable extends Functions {
  executeIncrementally(args: ExecuteArgs): unknown;
  executeToPayloads(args: ExecuteArgs): AsyncGenerator<Uint8Array, void, void>;
  executeToBuffer(args: ExecuteArgs): PromiseOrValue<Uint8Array>;
  executeToString(args: ExecuteArgs): PromiseOrValue<string>;
  executeToChunks(args: ExecuteArgs, options?: ChunkOptions): AsyncGenerator<Uint8Array, void, void>;
}

/** Their results hold errors. */
const ANSWERING = ['execute', 'subscribe', 'executeIncrementally'] as const;
/** Their results are text: errors are masked before they are written. */
const WRITING = ['executeToBuffer', 'executeToString', 'executeToChunks'] as const;

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
  { log = logToConsole }: MaskOptions = {},
): Pick<TFunctions, keyof TFunctions & keyof Maskable> {
  const masked: Record<string, unknown> = {};
  for (const name of ANSWERING) {
    const run = functions[name]?.bind(functions);
    if (run === undefined) continue;
    masked[name] = (args: ExecuteArgs): unknown => {
      const mask = maskOf(args, log);
      const result = run(args);
      return isPromiseLike(result) ? result.then((found) => maskResult(found, mask)) : maskResult(result, mask);
    };
  }
  for (const name of WRITING) {
    const run: ((args: ExecuteArgs, options?: ChunkOptions) => unknown) | undefined = functions[name]?.bind(functions);
    if (run === undefined) continue;
    masked[name] = (args: ExecuteArgs, options?: ChunkOptions): unknown => {
      const mask = maskOf(args, log);
      const { mapError = (error) => error } = args;
      return run({ ...args, mapError: (error) => mapError(mask(error)) }, options);
    };
  }
  if (functions.executeToPayloads !== undefined) {
    const { executeIncrementally, subscribe } = masked;
    if (executeIncrementally === undefined || subscribe === undefined) {
      const message = 'maskErrors() masks "executeToPayloads" only beside "executeIncrementally" and "subscribe".';
      throw new PlanqlError('BAD_OPTION', `${message} Give it an engine.`);
    }
    masked.executeToPayloads = (args: ExecuteArgs) => payloadsOf(args, masked as unknown as Maskable);
  }
  return masked as Pick<TFunctions, keyof TFunctions & keyof Maskable>;
}

/** A log that fails is no reason to keep the response from the client. */
function logSafely(log: NonNullable<MaskOptions['log']>, error: unknown, id: string): void {
  try {
    watchPromise(log(error, id));
  } catch {}
}

type Mask = (error: GraphQLError) => GraphQLError;

interface Payload {
  readonly errors?: readonly GraphQLError[];
  readonly incremental?: readonly Payload[];
  readonly completed?: readonly Payload[];
}

/** A result, the events of a subscription, or a response of several parts. */
function maskResult(result: unknown, mask: Mask): unknown {
  if (isAsyncIterable(result)) return mapAsyncIterable(result, (event) => maskPayload(event as Payload, mask));
  if (typeof result !== 'object' || result === null || !('initialResult' in result)) {
    return maskPayload(result as Payload, mask);
  }
  const { initialResult, subsequentResults } = result as {
    initialResult: ExecutionResult;
    subsequentResults: AsyncIterable<Payload>;
  };
  return {
    initialResult: maskPayload(initialResult, mask),
    subsequentResults: mapAsyncIterable(subsequentResults, (payload) => maskPayload(payload, mask)),
  };
}

/** The payload itself where it has no errors. */
function maskPayload(payload: Payload, mask: Mask): Payload {
  const { errors, incremental, completed } = payload;
  if (errors === undefined && incremental === undefined && completed === undefined) return payload;
  return {
    ...payload,
    ...(errors === undefined ? null : { errors: errors.map(mask) }),
    ...(incremental === undefined ? null : { incremental: incremental.map((part) => maskPayload(part, mask)) }),
    ...(completed === undefined ? null : { completed: completed.map((part) => maskPayload(part, mask)) }),
  };
}

/** The mask of one request. An error of several fields is logged once. */
function maskOf(args: ExecuteArgs | undefined, log: NonNullable<MaskOptions['log']>): Mask {
  let ids: WeakMap<object, string> | null = null;
  return (error) => {
    const { nodes, source, positions, path } = error;
    const place = { nodes: nodes ?? null, source: source ?? null, positions: positions ?? null, path: path ?? null };
    const cause = causeOf(error);
    // Without `originalError`: servers with masks of their own pass it on.
    if (cause === null || isForClients(cause)) {
      return new GraphQLError(error.message, { ...place, extensions: error.extensions });
    }
    if (isAbort(cause, args?.abortSignal)) {
      return new GraphQLError('The request was aborted.', { ...place, extensions: { code: 'ABORTED' } });
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
    return new GraphQLError('Unexpected error.', { ...place, extensions: { code: 'INTERNAL_SERVER_ERROR', id } });
  };
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
