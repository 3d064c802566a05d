import { Engine } from './Engine.ts';
import type { EngineOptions } from './EngineOptions.ts';

/** The options of an executor: those of an engine without those of planning. */
export type ExecutorOptions = Omit<EngineOptions, 'disabledPasses'>;

/**
 * An engine without a planner: it runs plans that were imported, or that its plan store holds, and refuses requests for
 * any other operation. It loads no planning code.
 */
export function createExecutor(options: ExecutorOptions): Engine {
  return new Engine(options, null);
}
