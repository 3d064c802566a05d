import { PlanqlError } from '../errors/PlanqlError.ts';

/** The limits on the cost of planning one operation (rule R1). */
export interface PlanLimits {
  /** How deep fields may be nested. */
  readonly maxDepth: number;
  /** How many field nodes may be visited. */
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
  maxFields: 100_000,
  maxSteps: 200_000,
  planMs: 5_000,
  maxBranches: 20_000,
};

/** An operation that costs more to plan than the limits allow. The request is refused with this message. */
export class LimitError extends PlanqlError<'PLAN_LIMIT'> {
  readonly limit: keyof PlanLimits;

  constructor(limit: keyof PlanLimits, message: string) {
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

  constructor(limits: PlanLimits) {
    this.limits = limits;
    this.#until = performance.now() + limits.planMs;
  }

  readonly spend: (fields?: number) => void = (fields = 1) => {
    const before = this.#fields;
    this.#fields += fields;
    if (this.#fields > this.limits.maxFields) {
      throw new LimitError('maxFields', `This operation selects more than ${this.limits.maxFields} fields`);
    }
    // The clock is read every 16 fields or so: that is some microseconds of planning.
    if (before >> 4 !== this.#fields >> 4 && performance.now() > this.#until) {
      throw new LimitError('planMs', `Planning this operation took more than ${this.limits.planMs} ms`);
    }
  };
}
