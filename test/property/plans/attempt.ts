import { Random } from '../../fuzz/Random.ts';
import type { RandomOperation } from '../../fuzz/randomOperation.ts';
import { type Knobs, knobsOf } from './Knobs.ts';
import { operationOn } from './operations.ts';
import { planSchemaOf } from './planSchema.ts';
import { randomSpec, type Spec } from './Spec.ts';
import { randomTables, type Tables } from './World.ts';

/** One thing to try, as data: all that is needed to repeat it. */
export interface Attempt {
  readonly seed: number;
  readonly knobs: Knobs;
  readonly tables: Tables;
  readonly spec: Spec;
  readonly operation: RandomOperation;
}

export function attemptOf(seed: number): Attempt {
  const random = new Random(seed * 2654435761 + 17);
  const knobs = knobsOf(random);
  const spec = randomSpec(random, knobs);
  const tables = randomTables(random, knobs);
  return { seed, knobs, tables, spec, operation: operationOn(random, planSchemaOf(spec), knobs) };
}
