import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql';
import type { RecordStepDependencies } from '../execution/state/Request.ts';
import type { Plan } from '../plan/Plan.ts';
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

/** A part of a response, in any format: it may have more properties than these. */
export interface ResponsePart {
  readonly data?: ExecutionResult['data'];
  readonly hasNext: boolean;
  readonly extensions?: ExecutionResult['extensions'];
}

/** A response of several parts, as graphql-js 17 has it. */
export interface IncrementalResult {
  readonly initialResult: ResponsePart;
  readonly subsequentResults: AsyncGenerator<ResponsePart, void, void>;
}

/** The part of an engine that is needed: `createEngine` makes one. */
export interface ReactiveEngine<TArgs extends EngineArgs = EngineArgs> {
  readonly schema: GraphQLSchema;
  /** Whether it refuses documents that it does not know. */
  readonly onlyKnownDocuments?: boolean;
  /** Lets it run a document that was derived from a known one. */
  trustDocument?(document: DocumentNode): void;
  /** The plan of an operation, with `branches: 'all'` for all types that may occur. */
  prepare(
    document: DocumentNode,
    operationName?: string | null,
    options?: { readonly branches?: 'all' },
  ): { readonly plan: Plan };
  execute(args: TArgs): PromiseOrValue<ExecutionResult>;
  executeIncrementally(args: TArgs): PromiseOrValue<ExecutionResult | IncrementalResult>;
  subscribe(args: TArgs): PromiseOrValue<AsyncGenerator<ExecutionResult, void, void> | ExecutionResult>;
  executePositions(args: TArgs, positions: readonly (readonly string[])[]): PromiseOrValue<ExecutionResult>;
}
