import type { ExecutionResult, GraphQLError } from 'graphql';
import type { ChunkOptions } from '../engine/chunks.ts';
import type { ExecuteArgs } from '../engine/defaultEngine.ts';
import { payloadsOf } from '../engine/payloadsOf.ts';
import { PlanqlError } from '../errors/PlanqlError.ts';
import { isAsyncIterable } from '../utils/asyncIterables.ts';
import { isPromiseLike } from '../utils/isPromiseLike.ts';
import type { PromiseOrValue } from '../utils/MaybePromise.ts';
import { mapAsyncIterable } from '../utils/mapAsyncIterable.ts';
import type { Functions } from './Functions.ts';

/** Functions whose results' errors can be mapped: an engine has all of them. */
export interface Maskable extends Functions {
  executeIncrementally(args: ExecuteArgs): unknown;
  executeToPayloads(args: ExecuteArgs): AsyncGenerator<Uint8Array, void, void>;
  executeToBuffer(args: ExecuteArgs): PromiseOrValue<Uint8Array>;
  executeToString(args: ExecuteArgs): PromiseOrValue<string>;
  executeToChunks(args: ExecuteArgs, options?: ChunkOptions): AsyncGenerator<Uint8Array, void, void>;
}

/** Makes the error that a server or a client gets out of one that occurred. */
export type ErrorMap = (error: GraphQLError) => GraphQLError;

/** Those of `TFunctions` whose results can be mapped. */
export type Mapped<TFunctions> = Pick<TFunctions, keyof TFunctions & keyof Maskable>;

/** Their results hold errors. */
const ANSWERING = ['execute', 'subscribe', 'executeIncrementally'] as const;
/** Their results are text: errors are mapped before they are written. */
const WRITING = ['executeToBuffer', 'executeToString', 'executeToChunks'] as const;

/** The functions, as far as they are given, with the errors of their results mapped. `mapOf` is called once a request. */
export function mapResults<TFunctions extends Partial<Maskable>>(
  functions: TFunctions,
  mapOf: (args: ExecuteArgs) => ErrorMap,
): Mapped<TFunctions> {
  const mapped: Record<string, unknown> = {};
  for (const name of ANSWERING) {
    const run = functions[name]?.bind(functions);
    if (run === undefined) continue;
    mapped[name] = (args: ExecuteArgs): unknown => {
      const map = mapOf(args);
      const result = run(args);
      return isPromiseLike(result) ? result.then((found) => mapResult(found, map)) : mapResult(result, map);
    };
  }
  for (const name of WRITING) {
    const run: ((args: ExecuteArgs, options?: ChunkOptions) => unknown) | undefined = functions[name]?.bind(functions);
    if (run === undefined) continue;
    mapped[name] = (args: ExecuteArgs, options?: ChunkOptions): unknown => {
      const map = mapOf(args);
      const { mapError = (error) => error } = args;
      return run({ ...args, mapError: (error) => mapError(map(error)) }, options);
    };
  }
  if (functions.executeToPayloads !== undefined) {
    const { executeIncrementally, subscribe } = mapped;
    if (executeIncrementally === undefined || subscribe === undefined) {
      const message = 'maskErrors() masks "executeToPayloads" only beside "executeIncrementally" and "subscribe".';
      throw new PlanqlError('BAD_OPTION', `${message} Give it an engine.`);
    }
    mapped.executeToPayloads = (args: ExecuteArgs) => payloadsOf(args, mapped as unknown as Maskable);
  }
  return mapped as Mapped<TFunctions>;
}

/** A response, a part of one, or an event. */
export interface Payload {
  readonly errors?: readonly GraphQLError[];
  readonly incremental?: readonly Payload[];
  readonly completed?: readonly Payload[];
}

/** A response of several parts, as graphql-js has it. */
export interface PartedResult {
  readonly initialResult: ExecutionResult;
  readonly subsequentResults: AsyncIterable<Payload>;
}

export function isParted(result: unknown): result is PartedResult {
  return typeof result === 'object' && result !== null && 'initialResult' in result;
}

/** A result, the events of a subscription, or a response of several parts. */
function mapResult(result: unknown, map: ErrorMap): unknown {
  if (isAsyncIterable(result)) return mapAsyncIterable(result, (event) => mapPayload(event as Payload, map));
  if (!isParted(result)) return mapPayload(result as Payload, map);
  const { initialResult, subsequentResults } = result;
  return {
    initialResult: mapPayload(initialResult, map),
    subsequentResults: mapAsyncIterable(subsequentResults, (payload) => mapPayload(payload, map)),
  };
}

/** The payload itself where it has no errors. */
function mapPayload(payload: Payload, map: ErrorMap): Payload {
  const { errors } = payload;
  const parts = mapParts(payload, map);
  return errors === undefined ? parts : { ...parts, errors: errors.map(map) };
}

/** A payload whose parts' errors are mapped, and its own are not. */
export function mapParts(payload: Payload, map: ErrorMap): Payload {
  const { incremental, completed } = payload;
  if (incremental === undefined && completed === undefined) return payload;
  return {
    ...payload,
    ...(incremental === undefined ? null : { incremental: incremental.map((part) => mapPayload(part, map)) }),
    ...(completed === undefined ? null : { completed: completed.map((part) => mapPayload(part, map)) }),
  };
}
