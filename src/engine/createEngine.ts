import { OptionError } from '../errors/checkOptions.ts';
import { passNames } from '../planner/standardPasses.ts';
import { didYouMean } from '../utils/didYouMean.ts';
import { Engine } from './Engine.ts';
import type { EngineOptions } from './EngineOptions.ts';
import { findPlaces, planOperation } from './planOperation.ts';

/** An engine with its own plan cache, limits and settings. */
export function createEngine(options: EngineOptions): Engine {
  const engine = new Engine(options, { planOperation, findPlaces });
  for (const name of options.disabledPasses ?? []) {
    if (passNames.has(name)) continue;
    throw new OptionError(`createEngine has no pass "${name}" in "disabledPasses".${didYouMean(name, passNames)}`);
  }
  return engine;
}
