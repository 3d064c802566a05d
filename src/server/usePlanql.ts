import type { ExecuteArgs } from '../engine/defaultEngine.ts';
import { defaultFunctions, type Functions } from './Functions.ts';
import { type MaskOptions, maskErrors } from './maskErrors.ts';

// biome-ignore lint/suspicious/noExplicitAny: Envelop's own types of what it runs are `(args: any) => any`
type EnvelopFunction = (args: any) => any;

/** The part of an Envelop plugin that is used. Envelop itself is not imported, so that nobody has to have it. */
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
 * createYoga({ schema, plugins: [usePlanql(), useExecutionCancellation()] });
 * ```
 */
export function usePlanql(functions: Functions = defaultFunctions, options: MaskOptions = {}): PlanqlPlugin {
  const { execute, subscribe } = maskErrors(functions, options);
  return {
    onExecute({ setExecuteFn }) {
      setExecuteFn((args: EnvelopArgs) => execute(withSignal(args)));
    },
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn((args: EnvelopArgs) => subscribe(withSignal(args)));
    },
  };
}

function withSignal({ signal, ...args }: EnvelopArgs): ExecuteArgs {
  return signal === undefined ? args : { abortSignal: signal, ...args };
}
