import type { ExecutionResult, GraphQLError } from 'graphql';
import type { ExecuteArgs } from '../engine/defaultEngine.ts';
import { PlanqlError } from '../errors/PlanqlError.ts';
import { isPromiseLike } from '../utils/isPromiseLike.ts';
import type { PromiseOrValue } from '../utils/MaybePromise.ts';
import { defaultFunctions, type Functions } from './Functions.ts';
import { type Maskable, type MaskOptions, maskErrors } from './maskErrors.ts';
import { readResult, writtenResult } from './writtenResult.ts';

export interface PlanqlPluginOptions extends MaskOptions {
  /**
   * `'bytes'`, for GraphQL Yoga: results without errors are written as JSON at once, without objects between. A plugin that
   * reads the `data` of a result gets the result of `JSON.parse`, and loses the gain. Default: `'objects'`.
   */
  readonly responses?: 'objects' | 'bytes';
}

// biome-ignore lint/suspicious/noExplicitAny: Envelop's own types of its functions are `(args: any) => any`
type EnvelopFunction = (args: any) => any;

/** The part of an Envelop plugin that is used. Envelop is not imported, so that it need not be installed. */
export interface PlanqlPlugin {
  onExecute(payload: { setExecuteFn(execute: EnvelopFunction): void }): void;
  onSubscribe(payload: { setSubscribeFn(subscribe: EnvelopFunction): void }): void;
}

/** graphql-js 17 and planql read `abortSignal`; Yoga's `useExecutionCancellation` gives `signal`. */
type EnvelopArgs = ExecuteArgs & { readonly signal?: AbortSignal };

/**
 * A plugin for Envelop and GraphQL Yoga: requests are executed by planql, and errors masked (see `maskErrors`). `functions`
 * may be an engine.
 *
 * ```ts
 * createYoga({ schema, plugins: [usePlanql(engine, { responses: 'bytes' }), useExecutionCancellation()] });
 * ```
 *
 * @throws PlanqlError `BAD_OPTION` when bytes are asked for and `functions` has no `executeToBuffer`.
 */
export function usePlanql(
  functions: Functions = defaultFunctions,
  { responses = 'objects', ...masking }: PlanqlPluginOptions = {},
): PlanqlPlugin {
  const { execute, subscribe, executeToBuffer } = maskErrors<Partial<Maskable> & Functions>(functions, masking);
  if (responses === 'bytes' && executeToBuffer === undefined) {
    const message = 'usePlanql({ responses: "bytes" }) needs functions with "executeToBuffer".';
    throw new PlanqlError('BAD_OPTION', `${message} Give it an engine.`);
  }
  const run = responses === 'bytes' && executeToBuffer !== undefined ? writing(executeToBuffer) : execute;
  return {
    onExecute({ setExecuteFn }) {
      setExecuteFn((args: EnvelopArgs) => run(withSignal(args)));
    },
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn((args: EnvelopArgs) => subscribe(withSignal(args)));
    },
  };
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
