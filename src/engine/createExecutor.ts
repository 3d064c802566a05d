import { Engine } from './Engine.ts';
import type { EngineOptions } from './EngineOptions.ts';

/** An executor's options: an engine's, but for what planning is told. */
export type ExecutorOptions = Omit<EngineOptions, 'disabledPasses'>;

/**
 * An engine without a planner: it runs plans that were imported, or that its plan store holds, and refuses requests for
 * any other operation. What it loads has no planning code in it.
 */
export function createExecutor(options: ExecutorOptions): Engine {
  return new Engine(options, null);
}
