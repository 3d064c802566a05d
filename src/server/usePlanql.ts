import type { ExecutionResult, GraphQLError } from 'graphql';
import type { ExecuteArgs } from '../engine/defaultEngine.ts';
import { hasIncrementalDirectives } from '../engine/hasIncrementalDirectives.ts';
import type { DocumentParams } from '../engine/TrustedDocuments.ts';
import { checkOptions, oneOf } from '../errors/checkOptions.ts';
import { PlanqlError } from '../errors/PlanqlError.ts';
import { isPromiseLike } from '../utils/isPromiseLike.ts';
import type { PromiseOrValue } from '../utils/MaybePromise.ts';
import { mapAsyncIterable } from '../utils/mapAsyncIterable.ts';
import { defaultFunctions, type Functions } from './Functions.ts';
import { incrementalFormatOf } from './incrementalFormatOf.ts';
import { type ErrorMap, isParted, type Maskable, mapParts, type Payload } from './mapResults.ts';
import { type MaskingOptions, masked, maskingOptions } from './masking.ts';
import { readResult, writtenResult } from './writtenResult.ts';

/** The options of `usePlanql`. */
export interface PlanqlPluginOptions extends MaskingOptions {
  /**
   * `'bytes'`, for GraphQL Yoga: results without errors are written as JSON at once, without objects between. A plugin that
   * reads the `data` of a result gets the result of `JSON.parse`, and loses the gain. Default: `'objects'`.
   */
  readonly responses?: 'objects' | 'bytes';
}

// biome-ignore lint/suspicious/noExplicitAny: Envelop's own types of its functions are `(args: any) => any`
type EnvelopFunction = (args: any) => any;

/** The part of Yoga's `onParams` that is used. */
interface ParamsPayload {
  readonly params: DocumentParams;
  readonly request: { readonly method: string; readonly url: string };
  // biome-ignore lint/suspicious/noExplicitAny: Yoga's own type of parameters
  setParams(params: any): void;
}

/** The part of a plugin of Envelop and Yoga that is used. They are not imported, so that they need not be installed. */
export interface PlanqlPlugin {
  /** Called by Yoga at its start. */
  onYogaInit(payload: { yoga: object }): void;
  /** Called by Yoga for each request. */
  onParams(payload: ParamsPayload): void;
  /** Called before an operation is executed: puts planql in the place of `execute`. */
  onExecute(payload: { setExecuteFn(execute: EnvelopFunction): void }): void;
  /** Called before a subscription: puts planql in the place of `subscribe`. */
  onSubscribe(payload: { setSubscribeFn(subscribe: EnvelopFunction): void }): void;
}

/** Of the URL of a GET, Yoga reads no ids. */
function withIdOfUrl(params: DocumentParams, { method, url }: ParamsPayload['request']): DocumentParams {
  if (method !== 'GET' || typeof params.query === 'string') return params;
  return { ...Object.fromEntries(new URL(url).searchParams), ...params };
}

/** graphql-js 17 and planql read `abortSignal`; Yoga's `useExecutionCancellation` gives `signal`. */
type EnvelopArgs = ExecuteArgs & { readonly signal?: AbortSignal };

/**
 * A plugin for Envelop and GraphQL Yoga: requests are executed by planql. `functions` may be an engine. Responses with
 * `@defer` and `@stream` come in parts, in the format that the request's `Accept` header names, or else that of 2022, as
 * from Yoga itself. Errors are the server's to mask, where it is Yoga; see `maskErrors` of the options.
 *
 * ```ts
 * createYoga({ schema, plugins: [usePlanql(engine, { responses: 'bytes' }), useExecutionCancellation()] });
 * ```
 *
 * @throws PlanqlError `BAD_OPTION` when bytes are asked for and `functions` has no `executeToBuffer`.
 */
export function usePlanql(functions: Functions = defaultFunctions, options: PlanqlPluginOptions = {}): PlanqlPlugin {
  checkOptions('usePlanql', options, { ...maskingOptions, responses: oneOf('objects', 'bytes') });
  const { responses = 'objects', maskErrors } = options;
  if (responses === 'bytes' && functions.executeToBuffer === undefined) {
    const message = 'usePlanql({ responses: "bytes" }) needs functions with "executeToBuffer".';
    throw new PlanqlError('BAD_OPTION', `${message} Give it an engine.`);
  }
  let own = functionsFor(functions, { responses, maskErrors: maskErrors ?? true }, null);
  let yogaMask: YogaMask | null = null;
  return {
    onYogaInit({ yoga }) {
      const found = maskOfYoga(yoga);
      // A Yoga that hides its mask might have none for later parts.
      const option = maskErrors ?? found === undefined;
      yogaMask ??= option === false ? (found ?? null) : null; // of several that share this plugin: one that masks
      own = functionsFor(functions, { responses, maskErrors: option }, { mask: yogaMask });
    },
    onParams({ params, request, setParams }) {
      const source = functions.sourceOf?.(withIdOfUrl(params, request));
      if (source === undefined || source === params.query) return;
      if (typeof source === 'string') setParams({ ...params, query: source });
      else if (isRefusal(source)) throw source;
    },
    onExecute({ setExecuteFn }) {
      setExecuteFn((args: EnvelopArgs) => own.execute(withSignal(args)));
    },
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn((args: EnvelopArgs) => own.subscribe(withSignal(args)));
    },
  };
}

/** Whether planql refuses a document. A request that lacks one is the server's to refuse. */
function isRefusal({ extensions }: GraphQLError): boolean {
  return extensions.code !== undefined;
}

/** The facts about the Yoga server that a plugin serves. */
interface YogaFacts {
  readonly mask: YogaMask | null;
}

type YogaMask = ErrorMap;

/** Yoga's mask, which logs. Null: it does not mask. Undefined: it cannot be found. */
function maskOfYoga(yoga: object): YogaMask | null | undefined {
  const found = memberOf(yoga, 'maskedErrorsOpts');
  if (found === null) return null;
  const maskError = memberOf(found, 'maskError');
  if (typeof maskError !== 'function') return undefined;
  return (error) => maskError(error, memberOf(found, 'errorMessage'));
}

function functionsFor(
  given: Functions,
  { responses, maskErrors }: Required<PlanqlPluginOptions>,
  yoga: YogaFacts | null,
): { execute(args: ExecuteArgs): unknown; subscribe(args: ExecuteArgs): unknown } {
  const functions = masked<Partial<Maskable> & Functions>(given, maskErrors);
  const { execute, subscribe, executeIncrementally = execute, executeToBuffer } = functions;
  const runWhole = responses === 'bytes' && executeToBuffer !== undefined ? writing(executeToBuffer) : execute;
  const run = (args: ExecuteArgs): unknown => {
    if (!hasIncrementalDirectives(args.document)) return runWhole(args);
    const incrementalFormat = args.incrementalFormat ?? incrementalFormatOf(acceptOf(args.contextValue)) ?? '2022';
    const result = executeIncrementally({ ...args, incrementalFormat });
    const mask = yoga?.mask ?? null;
    return isPromiseLike(result) ? result.then((found) => inPayloads(found, mask)) : inPayloads(result, mask);
  };
  if (yoga === null) return { execute: run, subscribe };
  return { execute: (args) => tellingAbort(args, run), subscribe: (args) => tellingAbort(args, subscribe) };
}

/** One iterable of all payloads, as Envelop and Yoga have it. Yoga masks the errors of payloads, not those of later parts. */
function inPayloads(result: unknown, mask: YogaMask | null): unknown {
  if (!isParted(result)) return result;
  const { initialResult: first, subsequentResults } = result;
  const map = (payload: Payload): Payload => (mask === null ? payload : mapParts(payload, mask));
  return mapAsyncIterable<Payload, Payload>(subsequentResults, map, { first });
}

/** Yoga expects the reason of the abort to be thrown: it then knows that the client has left. */
function tellingAbort(args: ExecuteArgs, run: (args: ExecuteArgs) => unknown): unknown {
  const { abortSignal: signal } = args;
  if (signal == null || args.onAbort !== undefined) return run(args);
  const result = run({ ...args, onAbort: 'REJECT' });
  if (!isPromiseLike(result)) return result;
  return result.then(undefined, (error: unknown) => {
    throw signal.aborted ? signal.reason : error;
  });
}

/** The `Accept` header of the request that a context has, if it has one. */
function acceptOf(contextValue: unknown): string | null {
  const headers = memberOf(memberOf(contextValue, 'request'), 'headers');
  const get = memberOf(headers, 'get');
  const found: unknown = typeof get === 'function' ? get.call(headers, 'accept') : memberOf(headers, 'accept');
  return typeof found === 'string' ? found : null;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** Results that are written already; those with errors are read again, since servers look at them. */
function writing(executeToBuffer: Maskable['executeToBuffer']) {
  return (args: ExecuteArgs): PromiseOrValue<ExecutionResult> => {
    const errors: GraphQLError[] = [];
    const mapError = (error: GraphQLError): GraphQLError => {
      errors.push(error);
      return error;
    };
    const resultOf = ({ buffer, byteOffset, byteLength }: Uint8Array): ExecutionResult => {
      const json = Buffer.from(buffer, byteOffset, byteLength);
      return errors.length === 0 ? writtenResult(json) : { ...readResult(json), errors };
    };
    const bytes = executeToBuffer({ ...args, mapError });
    return isPromiseLike(bytes) ? bytes.then(resultOf) : resultOf(bytes);
  };
}

function withSignal({ signal, ...args }: EnvelopArgs): ExecuteArgs {
  return signal === undefined ? args : { abortSignal: signal, ...args };
}
