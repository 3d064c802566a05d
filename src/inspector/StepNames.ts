import type { Plan } from '../plan/Plan.ts';

/** Calls of later steps are not noted. */
const MAX_STEPS = 2000;

/** The names of the steps of a plan. Records of one plan share it: it lives as long as one of them, and holds no plan. */
export class StepNames {
  readonly #ops: string[] = [];
  readonly #coordinates: (string | null)[] = [];
  bytes = 200;

  /** A plan grows as types are met. */
  growWith({ steps }: Plan): void {
    const end = Math.min(steps.length, MAX_STEPS);
    for (let step = this.#ops.length; step < end; step++) {
      const { op = '', coordinate = null } = steps[step] ?? {};
      this.#ops.push(op);
      this.#coordinates.push(coordinate);
      this.bytes += 80 + 2 * (op.length + (coordinate?.length ?? 0));
    }
  }

  has(step: number): boolean {
    return step < this.#ops.length;
  }

  op(step: number): string {
    return this.#ops[step] ?? '?';
  }

  coordinate(step: number): string | null {
    return this.#coordinates[step] ?? null;
  }
}

const NONE = new StepNames();
const byPlan = new WeakMap<Plan, StepNames>();

export function stepNamesOf(plan: Plan | null): StepNames {
  if (plan === null) return NONE;
  let names = byPlan.get(plan);
  if (names === undefined) {
    names = new StepNames();
    byPlan.set(plan, names);
  }
  names.growWith(plan);
  return names;
}
