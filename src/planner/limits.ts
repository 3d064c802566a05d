import { PlanqlError } from '../errors/PlanqlError.ts';
import { RefusedError } from '../errors/RefusedError.ts';
import { DEFAULT_PLAN_MS } from '../plan/planningErrors.ts';

/** The limits on the cost of planning one operation (rule R1). */
export interface PlanLimits {
  /** How deep fields may be nested. */
  readonly maxDepth: number;
  /**
   * What becomes of an operation that is nested deeper: the fields that are too deep are errors and the rest is served
   * (`FIELD_ERROR`, the default), or the request is refused before anything runs (`REFUSE`). The latter looks at the whole
   * operation, whatever its conditions and the types that would be met.
   */
  readonly onTooDeep: 'FIELD_ERROR' | 'REFUSE';
  /** How many fields may be selected, those of fragments once a spread; and how many fragments may be spread. */
  readonly maxFields: number;
  /** How many steps plan resolvers may create. */
  readonly maxSteps: number;
  /** How long planning may take, in milliseconds. */
  readonly planMs: number;
  /** How many branches for object types one plan may grow to, all abstract positions together (rule R7). */
  readonly maxBranches: number;
}

export const defaultLimits: PlanLimits = {
  maxDepth: 200,
  onTooDeep: 'FIELD_ERROR',
  maxFields: 100_000,
  maxSteps: 200_000,
  planMs: DEFAULT_PLAN_MS,
  maxBranches: 20_000,
};

type LimitName = Exclude<keyof PlanLimits, 'onTooDeep'>;

/** An operation that costs more to plan than the limits allow. The request is refused with this message. */
export class LimitError extends RefusedError<'PLAN_LIMIT'> {
  /** The name of the limit in `limits` of the engine. */
  readonly limit: LimitName;

  constructor(limit: LimitName, message: string) {
    super('PLAN_LIMIT', `${message} (limits.${limit}).`);
    this.limit = limit;
  }
}

/** Whether an error ends planning as a whole; any other belongs to the field that threw it (rule R8). */
export function endsPlanning(error: unknown): boolean {
  if (error instanceof LimitError) return error.limit !== 'maxDepth';
  return error instanceof PlanqlError && error.code === 'MAX_STEPS';
}

/** Counts the cost of planning. Checked at every field, not between stages. */
export class Budget {
  readonly limits: PlanLimits;
  readonly #until: number;
  #fields = 0;
  #spreads = 0;
  #ticks = 0;

  constructor(limits: PlanLimits) {
    this.limits = limits;
    this.#until = performance.now() + limits.planMs;
  }

  /** Fields are met in a selection set. */
  select(fields: number): void {
    const { maxFields } = this.limits;
    this.#fields += fields;
    if (this.#fields > maxFields)
      throw new LimitError('maxFields', `This operation selects more than ${maxFields} fields`);
    this.tick(fields);
  }

  /** A fragment is looked into. */
  spread(): void {
    const { maxFields } = this.limits;
    if (++this.#spreads > maxFields)
      throw new LimitError('maxFields', `This operation spreads more than ${maxFields} fragments`);
    this.tick();
  }

  /** Something is about to be done that takes a microsecond or so: the clock is read every 16 times. */
  tick(times: number = 1): void {
    const before = this.#ticks;
    this.#ticks += times;
    if (before >> 4 !== this.#ticks >> 4 && performance.now() > this.#until)
      throw new LimitError('planMs', `Planning this operation took more than ${this.limits.planMs} ms`);
  }
}
