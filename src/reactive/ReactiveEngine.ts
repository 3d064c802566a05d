import type { DocumentNode, ExecutionResult } from 'graphql';
import type { RecordStepDependencies } from '../execution/state/Request.ts';
import type { PromiseOrValue } from '../utils/MaybePromise.ts';

/** A request to be run, as planql's `execute` takes it; further properties are handed on. */
export interface EngineArgs {
  readonly document: DocumentNode;
  readonly variableValues?: { readonly [name: string]: unknown } | null | undefined;
  readonly operationName?: string | null | undefined;
  readonly contextValue?: unknown;
  readonly rootValue?: unknown;
  readonly abortSignal?: AbortSignal | null | undefined;
  readonly recordDependencies?: RecordStepDependencies | undefined;
  readonly around?: (<T>(step: number, call: () => T) => T) | undefined;
}

/** What is needed of an engine: `createEngine` makes one. */
export interface ReactiveEngine<TArgs extends EngineArgs = EngineArgs> {
  execute(args: TArgs): PromiseOrValue<ExecutionResult>;
  executePositions(args: TArgs, positions: readonly (readonly string[])[]): PromiseOrValue<ExecutionResult>;
}
