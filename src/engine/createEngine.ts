import { Engine } from './Engine.ts';
import type { EngineOptions } from './EngineOptions.ts';
import { findPlaces, planOperation } from './planOperation.ts';

/** An engine with its own plan cache, limits and settings. */
export function createEngine(options: EngineOptions): Engine {
  return new Engine(options, { planOperation, findPlaces });
}
