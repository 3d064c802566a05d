import {
  type ExecuteArgs,
  execute,
  executeIncrementally,
  executeToBuffer,
  subscribe,
} from '../engine/defaultEngine.ts';
import type { PromiseOrValue } from '../utils/MaybePromise.ts';

/** The functions that a server runs requests with: planql's own, or those of an engine of your own. */
export interface Functions {
  execute(args: ExecuteArgs): unknown;
  subscribe(args: ExecuteArgs): unknown;
  /** For operations with `@defer` or `@stream`. Without it they are answered by `execute`. */
  executeIncrementally?(args: ExecuteArgs): unknown;
  /** For servers that send bytes. It honours `mapError`. */
  executeToBuffer?(args: ExecuteArgs): PromiseOrValue<Uint8Array>;
}

/** The functions that share one engine a schema. */
export const defaultFunctions: Required<Functions> = { execute, subscribe, executeIncrementally, executeToBuffer };
