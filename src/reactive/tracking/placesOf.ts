import type { RunState } from '../../execution/state/RunState.ts';
import type { Plan, StepNode } from '../../plan/Plan.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { Shown } from './ColumnsByPosition.ts';
import type { FieldRules } from './FieldRules.ts';
import { countsOnly, objectPositions } from './objectsOf.ts';
import type { Position } from './Place.ts';
import { positionsOf } from './positionsOf.ts';

/** A topmost position that needs a step. */
interface StepPlace {
  readonly at: Position;
  /** Changes of its data are told at most once in so many milliseconds; 0: at once. */
  readonly everyMs: number;
  /** The positions that show the step's objects. */
  readonly shown: Shown;
}

/** The places of the reads in one of a plan's runs. */
export interface PlanPlaces {
  /** By step, of those that have recorded keys. Null: there are too many positions. */
  readonly places: ReadonlyMap<number, readonly StepPlace[]> | null;
  /** The steps that may read something. */
  readonly sources: readonly number[];
}

/** Steps and conditions under which a plan runs come in few combinations; where they do not, nothing is remembered for long. */
const REMEMBERED = 50;

const known = new WeakMap<FieldRules, WeakMap<Plan, Map<string, PlanPlaces>>>();

/** Where the reads of some steps belong. Worked out once for each plan, its steps that record, and its guards. */
export function placesOf(run: RunState, steps: readonly number[], rules: FieldRules): PlanPlaces {
  const { plan } = run;
  const byPlan = getOrCreate(known, rules, () => new WeakMap<Plan, Map<string, PlanPlaces>>());
  const all = getOrCreate(byPlan, plan, () => new Map<string, PlanPlaces>());
  // A plan grows as types are met.
  let name = `${plan.steps.length} ${plan.layers.length} ${plan.outputs.length} ${steps.join()} `;
  for (let guard = 1; guard < plan.guards.length; guard++) name += run.holds(guard) ? 1 : 0;
  const remembered = all.get(name);
  if (remembered !== undefined) return remembered;
  if (all.size >= REMEMBERED) all.clear();
  const found = findPlaces(run, steps, rules);
  all.set(name, found);
  return found;
}

function findPlaces(run: RunState, steps: readonly number[], rules: FieldRules): PlanPlaces {
  const { plan } = run;
  const sources = plan.steps.flatMap((step, id) =>
    isSource(step) && !rules.off.has(step.coordinate ?? '') ? [id] : [],
  );
  const holds = (guard: number): boolean => run.holds(guard);
  const positions = positionsOf(plan, new Set(steps), holds, rules);
  if (positions === null) return { places: null, sources };
  const places = new Map<number, readonly StepPlace[]>();
  for (const [step, found] of positions) {
    const objects = found.map((place) => objectPositions(plan, step, place, holds));
    const ofStep = found.map((place, n): StepPlace => {
      const shown = countsOnly(plan, place) ? { elsewhere: objects.flat() } : { here: itemAt(objects, n) };
      return { at: place.at, everyMs: place.everyMs, shown };
    });
    places.set(step, ofStep);
  }
  return { places, sources };
}

/** The steps of planql that read nothing themselves, though they may wait. Reads of other steps are recorded here. */
const NO_SOURCES =
  /^(entry|pent(\..+)?|authorize|visible|present|ofType|leaveOut|resolveType|isTypeOf|checkType|connection(\..+)?|node|arguments|applyInput|lambda|sideEffect|listen)$/;

/** Whether a step may read something. */
function isSource({ op, isSync, hasSideEffects }: StepNode): boolean {
  return !isSync && !hasSideEffects && !NO_SOURCES.test(op);
}
