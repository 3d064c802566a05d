import type { RunState } from '../../execution/state/RunState.ts';
import { liesIn } from '../../plan/layerRelations.ts';
import type { Plan, StepNode } from '../../plan/Plan.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { Secrecy, Shown } from './ColumnsByPosition.ts';
import type { FieldRules } from './FieldRules.ts';
import { countsOnly, loaderOf, mayHide, objectPositions, readsEdge } from './objectsOf.ts';
import type { Owner, Position } from './Place.ts';
import { positionsOf } from './positionsOf.ts';

/** A topmost position that needs a step. */
interface StepPlace {
  readonly at: Position;
  /** Changes of its data are told at most once in so many milliseconds; 0: at once. */
  readonly everyMs: number;
  /** The positions that show the step's objects. */
  readonly shown: Shown;
  /** The objects above, where each row of the step has one. */
  readonly owner: Owner | null;
  readonly secrecy: Secrecy;
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
    isSource(step) && !readsEdge(plan, step) && !rules.off.has(step.coordinate ?? '') ? [id] : [],
  );
  const holds = (guard: number): boolean => run.holds(guard);
  const positions = positionsOf(plan, new Set(steps), holds, rules);
  if (positions === null) return { places: null, sources };
  const places = new Map<number, readonly StepPlace[]>();
  for (const [step, found] of positions) {
    const objects = found.map((place) => objectPositions(plan, step, place, holds));
    const ofStep = found.map((place, n): StepPlace => {
      const shown = countsOnly(plan, place) ? { elsewhere: objects.flat() } : { here: itemAt(objects, n) };
      const { at, everyMs, owner } = place;
      const isOfLists = (shown.here ?? shown.elsewhere).length > 0 || readsListsOnly(itemAt(plan.steps, step));
      const secrecy = !isOfLists ? 'counts' : mayHide(plan, place) ? 'hidden' : 'none';
      return { at, everyMs, shown, owner: ownerOf(plan, step, owner), secrecy };
    });
    places.set(step, ofStep);
  }
  return { places, sources };
}

/** The steps of planql that read nothing themselves, though they may wait. Reads of other steps are recorded here. */
const NO_SOURCES =
  /^(entry|pent(\.(?!method|rootMethod).+)?|authorize|visible|present|ofType|leaveOut|resolveType|isTypeOf|checkType|connection(\..+)?|node|arguments|applyInput|lambda|sideEffect|listen)$/;

/** Whether a step may read something. */
function isSource({ op, isSync, hasSideEffects }: StepNode): boolean {
  return !isSync && !hasSideEffects && !NO_SOURCES.test(op);
}

/** The objects above a step's position, if each of its rows belongs to one of them. */
function ownerOf(plan: Plan, step: number, owner: Owner | null): Owner | null {
  if (owner === null || !liesIn(plan, itemAt(plan.steps, step).layer, owner.layer)) return null;
  return liesIn(plan, owner.layer, itemAt(plan.steps, owner.id.step).layer) ? owner : null;
}

/** The loaders of Kvetch that look at lists and at no object. */
const LISTS = /^kvetch\.(edges|edgeCounts)$/;

function readsListsOnly({ params }: StepNode): boolean {
  return LISTS.test(loaderOf(params));
}
