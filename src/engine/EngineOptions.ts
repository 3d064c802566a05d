import type { GraphQLError, GraphQLSchema } from 'graphql';
import { anything, atLeast, type OptionTable, oneOf } from '../errors/checkOptions.ts';
import type { CodegenMode } from '../execution/link/LinkedPlan.ts';
import type { SpeculationLimits } from '../execution/link/linkAhead.ts';
import type { Request } from '../execution/state/Request.ts';
import type { DocumentStore } from '../plan/DocumentStore.ts';
import type { ResolverMode } from '../plan/Plan.ts';
import type { PlanStore } from '../plan/PlanStore.ts';
import type { PlanLimits } from '../planner/limits.ts';
import type { Nameable } from '../step/Definitions.ts';
import type { PromiseOrValue } from '../utils/MaybePromise.ts';
import type { ResponseObjects } from '../utils/responseObject.ts';
import { type CostWeights, type RequestCost, weightOptions } from './costs/RequestCost.ts';
import type { DocumentCacheOptions } from './DocumentCache.ts';
import type { ExplainFormat } from './explain.ts';
import type { PlanCacheOptions } from './PlanCache.ts';
import type { PreparedPlan } from './PreparedPlan.ts';
import type { RequestArgs } from './RequestArgs.ts';
import type { StoredPlansOptions, StoredPlansStats } from './StoredPlans.ts';

/** The options of `createEngine`. */
export interface EngineOptions {
  /** The schema, of `makeSchema` or any other `GraphQLSchema`. Its fields without plans are resolved as graphql-js does. */
  readonly schema: GraphQLSchema;
  /**
   * The meanings of names in imported plans: loaders, functions of `fn()`, step classes. Needed where this process has
   * defined a name several times, for several tenants, say. No other loader or function is found by name then, but those
   * that the engine plans with. Default: those that the schema's engines plan with, and those defined just once.
   */
  readonly names?: readonly Nameable[];
  /** How many plans are kept in memory, and how many bytes they may take. Default 64 MiB. */
  readonly planCache?: PlanCacheOptions;
  /** How `document` parses, validates and remembers; which documents the engine knows, and whether it runs any others. */
  readonly documents?: DocumentCacheOptions & {
    /** Documents by the ids that clients send in their place: `fileDocumentStore({ file })`, say (docs/trusted-documents.md). */
    readonly store?: DocumentStore;
    /** Refuses all documents but those of the store, before they are parsed. Default: false. */
    readonly onlyKnown?: boolean;
  };
  /** What a request may cost to plan and to run. A request beyond is refused, or its fields fail (docs/deployment.md, docs/cost.md). */
  readonly limits?: Partial<PlanLimits> & {
    /** How long one request may be executed, in milliseconds. Fields that are not ready then become errors; the rest is served. */
    readonly executionMs?: number;
    /**
     * What a request may cost at most: requests whose bound is higher are refused before anything runs (docs/cost.md).
     * `maxRows` also holds while a request runs.
     */
    readonly maxCalls?: number;
    readonly maxRows?: number;
    readonly maxLeaves?: number;
    readonly maxCost?: number;
    /** The treatment of requests without a bound, under these limits: `REFUSE` (the default), or `RUN`. */
    readonly onUnbounded?: 'REFUSE' | 'RUN';
    /** How many bytes of JSON a response may have, all its parts together. A larger one becomes an error. */
    readonly maxBytes?: number;
    /** How many loads may start before their turn, in one request and over many; false: none (spec/10-loads.md). */
    readonly speculation?: Partial<SpeculationLimits> | false;
  };
  /** How the bounds of costs are weighted, told and charged (docs/cost.md). */
  readonly cost?: CostOptions;
  /**
   * Whether JavaScript is generated for the outputs of plans: for hot ones (`auto`, the default), at once, or never.
   * Where a content security policy forbids it, it is not.
   */
  readonly codegen?: CodegenMode;
  /**
   * The prototype of the objects of responses: `ordinary` (the default), or `null-prototype` as in graphql-js, which costs
   * `JSON.stringify` more.
   */
  readonly responseObjects?: ResponseObjects;
  /** Where plans are taken from, and kept for other processes. Requests for operations not met before ask it first. */
  readonly planStore?: PlanStore;
  /** How the plan store is used: timeouts, sizes, the secret by which plans are signed. Spec 3.10. */
  readonly planStoreOptions?: StoredPlansOptions;
  /** Names of optimisation passes that must not run. For tests: plans then do more work, and give equal answers. */
  readonly disabledPasses?: readonly string[];
}

/**
 * How requests are priced, and what they may cost.
 * @inline
 */
export interface CostOptions {
  /** Default: 10 a call, 1 a key, 1 a row, 0.1 a leaf. */
  readonly weights?: Partial<CostWeights>;
  /** Whether responses tell their cost in `extensions.cost`: all of them, or those whose context asks for it. */
  // biome-ignore lint/suspicious/noExplicitAny: an application's context has the application's type
  readonly inExtensions?: boolean | ((context: any) => boolean);
  /**
   * Called with the cost of each request before it runs. What it throws, or rejects with, refuses the request: a
   * `SafeError` tells the client why.
   */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly charge?: (context: any, cost: RequestCost) => PromiseOrValue<void>;
}

/** The options of an engine, and the values that they can have. */
export const engineOptions: OptionTable<EngineOptions> = {
  schema: anything,
  names: anything,
  planCache: { max: atLeast(0), maxSize: atLeast(0) },
  documents: {
    max: atLeast(0),
    maxBytes: atLeast(0),
    rules: anything,
    parse: anything,
    store: anything,
    onlyKnown: anything,
  },
  limits: {
    maxDepth: atLeast(0),
    onTooDeep: oneOf('FIELD_ERROR', 'REFUSE'),
    maxFields: atLeast(0),
    maxSteps: atLeast(0),
    planMs: atLeast(0),
    maxBranches: atLeast(0),
    executionMs: atLeast(0),
    maxCalls: atLeast(0),
    maxRows: atLeast(0),
    maxLeaves: atLeast(0),
    maxCost: atLeast(0),
    onUnbounded: oneOf('REFUSE', 'RUN'),
    maxBytes: atLeast(0),
    speculation: { maxKeys: atLeast(0), maxWaste: atLeast(0) },
  },
  cost: { weights: weightOptions, inExtensions: anything, charge: anything },
  codegen: oneOf('auto', 'always', 'never'),
  responseObjects: oneOf('ordinary', 'null-prototype'),
  planStore: anything,
  planStoreOptions: {
    maxPlanBytes: atLeast(0),
    savesPerMinute: atLeast(0),
    settleMs: atLeast(0),
    timeoutMs: atLeast(0),
    onError: anything,
    secret: anything,
  },
  disabledPasses: anything,
};

/** The response of a request that cannot be begun. */
export interface RefusedRequest {
  readonly errors: readonly GraphQLError[];
  readonly data?: null;
}

export interface EngineStats {
  readonly planCache: {
    readonly plans: number;
    readonly bytes: number;
    readonly hits: number;
    readonly misses: number;
  };
  /** Null without a plan store. */
  readonly planStore: StoredPlansStats | null;
  /** `failures`: how often no code could be generated for a plan, which then runs more slowly. A defect of planql; the first is a warning of the process. */
  readonly codegen: { readonly failures: number };
}

/** The choice of an operation's plan. */
export interface PrepareOptions extends Partial<ResolverMode> {
  /** `all`: the branches of all object types are planned now, not when they are met. */
  readonly branches?: 'all' | 'met';
}

export const prepareOptions: OptionTable<PrepareOptions> = {
  branches: oneOf('all', 'met'),
  field: anything,
  type: anything,
};

export interface ExplainArgs extends RequestArgs {
  readonly format?: ExplainFormat;
  readonly analyze?: boolean;
  /** With the formats `text` and `json`: says what the request costs at most. Plans all branches. */
  readonly cost?: boolean;
  /** With `analyze`: called with the errors of the run's response, if any. */
  readonly onErrors?: (errors: readonly GraphQLError[]) => void;
}

/** A request whose operation was found and whose variables were coerced. */
export interface PreparedRequest {
  readonly prepared: PreparedPlan;
  readonly request: Request;
}
