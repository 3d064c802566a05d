import { type ExecuteArgs, execute, subscribe } from '../engine/defaultEngine.ts';

/** The functions that a server runs requests with: planql's `execute` and `subscribe`, or those of an engine of your own. */
export interface Functions {
  execute(args: ExecuteArgs): unknown;
  subscribe(args: ExecuteArgs): unknown;
}

/** The functions that share one engine a schema. */
export const defaultFunctions: Functions = { execute, subscribe };
