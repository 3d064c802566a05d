import { GraphQLError } from 'graphql';
import type { Request } from '../../execution/state/Request.ts';
import { DEFAULT_PLAN_MS } from '../../plan/planningErrors.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { PromiseOrValue } from '../../utils/MaybePromise.ts';
import { asGraphQLError } from '../asGraphQLError.ts';
import type { EngineOptions, PreparedRequest, RefusedRequest } from '../EngineOptions.ts';
import type { PreparedPlan } from '../PreparedPlan.ts';
import { CostFormula } from './CostFormula.ts';
import { type CostWeights, defaultWeights, type RequestCost } from './RequestCost.ts';

/** The limits on the cost of a request, each with the figure that it bounds. */
const limitNames = { maxCalls: 'calls', maxRows: 'rows', maxLeaves: 'leaves', maxCost: 'cost' } as const;

type LimitName = keyof typeof limitNames;

/** A request that may run, with its cost where that was asked for; or why it may not. */
export type Admission = { readonly cost: RequestCost | null } | RefusedRequest;

/** Finds the costs of requests before they run, and refuses those above the limits of the engine. */
export class CostControl {
  readonly #limits: NonNullable<EngineOptions['limits']>;
  readonly #options: NonNullable<EngineOptions['cost']>;
  readonly #weights: CostWeights;
  /** Whether any request is looked at before it runs. */
  readonly isAsked: boolean;
  readonly #formulas = new WeakMap<PreparedPlan, CostFormula>();

  constructor({ limits = {}, cost = {} }: EngineOptions) {
    this.#limits = limits;
    this.#options = cost;
    this.#weights = { ...defaultWeights, ...cost.weights };
    const isLimited = LIMITS.some((name) => limits[name] !== undefined);
    this.isAsked = isLimited || cost.charge !== undefined || (cost.inExtensions ?? false) !== false;
  }

  /** Branches that would be planned when their types are met are planned first: the bound holds for all of them. */
  costOf({ prepared, request }: PreparedRequest): RequestCost {
    const formula = getOrCreate(this.#formulas, prepared, () => {
      prepared.planAllBranches(undefined, this.#limits.planMs ?? DEFAULT_PLAN_MS);
      return new CostFormula(prepared.linked, this.#weights);
    });
    return formula.costOf(request);
  }

  /** Decides whether a request may run, and lets `charge` decide. Never rejects. */
  admit(prepared: PreparedRequest): PromiseOrValue<Admission> {
    if (!this.isAsked) return NOT_ASKED;
    try {
      const cost = this.costOf(prepared);
      const refusal = this.#refusal(cost);
      if (refusal !== null) return { errors: [refusal] };
      const { contextValue } = prepared.request;
      const charged = this.#options.charge?.(contextValue, cost);
      const admission = { cost: this.#isTold(contextValue) ? cost : null };
      return isPromiseLike(charged) ? charged.then(() => admission, refused) : admission;
    } catch (error) {
      return refused(error);
    }
  }

  #isTold(context: Request['contextValue']): boolean {
    const { inExtensions = false } = this.#options;
    return typeof inExtensions === 'function' ? inExtensions(context) : inExtensions;
  }

  #refusal(cost: RequestCost): GraphQLError | null {
    for (const name of LIMITS) {
      const most = this.#limits[name];
      const own = cost[limitNames[name]];
      if (most === undefined || own <= most) continue;
      if (own === Number.POSITIVE_INFINITY && this.#limits.onUnbounded === 'RUN') continue;
      return new GraphQLError(messageOf(name, most, cost), {
        extensions: { code: 'COST_LIMIT', limit: name, most, cost },
      });
    }
    return null;
  }
}

const NOT_ASKED: Admission = { cost: null };

const LIMITS: readonly LimitName[] = ['maxCalls', 'maxRows', 'maxLeaves', 'maxCost'];

function messageOf(name: LimitName, most: number, { unbounded, costliest, ...figures }: RequestCost): string {
  const what = limitNames[name];
  const own = figures[what];
  if (own === Number.POSITIVE_INFINITY) {
    const where = unbounded === null ? '' : `: nobody says how many items "${unbounded}" has at most`;
    const remedy = 'Ask for a number of items; or give its loader or its field "maxRows".';
    return `The ${what} of this operation have no bound${where}, and ${most} are allowed (limits.${name}). ${remedy}`;
  }
  const place = costliest === null ? '' : ` "${costliest.coordinate}" costs most: ask for less of it.`;
  return `This operation may take ${own} ${what}, and ${most} are allowed (limits.${name}).${place}`;
}

function refused(error: unknown): RefusedRequest {
  return { errors: [asGraphQLError(error)] };
}
