import type { GraphQLError } from 'graphql';
import {
  type ExecuteArgs,
  execute,
  executeIncrementally,
  executeToBuffer,
  subscribe,
} from '../engine/defaultEngine.ts';
import type { DocumentParams } from '../engine/TrustedDocuments.ts';
import type { PromiseOrValue } from '../utils/MaybePromise.ts';

/** The functions that a server runs requests with: planql's own, or those of an engine of your own. */
export interface Functions {
  execute(args: ExecuteArgs): unknown;
  subscribe(args: ExecuteArgs): unknown;
  /** For operations with `@defer` or `@stream`. Without it they are answered by `execute`. */
  executeIncrementally?(args: ExecuteArgs): unknown;
  /** For servers that send bytes. It honours `mapError`. */
  executeToBuffer?(args: ExecuteArgs): PromiseOrValue<Uint8Array>;
  /** The text of the document that a request asks for, by its text or an id; see the engine's. */
  sourceOf?(params: DocumentParams): string | GraphQLError;
}

/** The functions that share one engine a schema. */
export const defaultFunctions: Required<Omit<Functions, 'sourceOf'>> = {
  execute,
  subscribe,
  executeIncrementally,
  executeToBuffer,
};
