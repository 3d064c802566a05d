/** The engine, its limits, and who hears of changes. Written once: change it as you like. */
import { createHash } from 'node:crypto';
import { NoSchemaIntrospectionCustomRule, validate } from 'graphql';
import { createEngine, type Engine } from 'planql';
import type { PentContext } from 'planql/pent';
import {
  type AttachedLive,
  createInvalidator,
  createReactive,
  type Invalidator,
  type InvalidatorOptions,
  memoryVersions,
  type Reactive,
} from 'planql/reactive';
import type { usePlanql } from 'planql/server';
import { schema } from './generated/plans.ts';
import type { Settings } from './settings.ts';
import type { Viewer } from './viewer.ts';

/** What operations are executed with. */
export interface AppContext {
  readonly pent: PentContext<Viewer>;
  /** Charges the client for an operation. Throws `TOO_MANY_REQUESTS`. */
  charge(cost: number): Promise<void>;
}

export interface OpenReactive {
  readonly engine: Engine;
  /** Runs operations, and says what their answers depend on. Its `changes` tell of writes: give them to the store. */
  readonly reactive: Reactive;
  close(): Promise<void>;
}

export async function openReactive(settings: Settings): Promise<OpenReactive> {
  const engine = createEngine({
    schema,
    limits: {
      ...{ maxDepth: 20, maxFields: 5_000, planMs: 1_000, executionMs: 10_000 },
      // What an operation may take at most. Lists count as long as their "first" lets them be.
      ...{ maxCalls: 200, maxRows: 50_000, maxCost: 100_000, maxBytes: 5 * 1024 * 1024 },
    },
    cost: { charge: (context: AppContext, { cost }) => context.charge(cost) },
  });
  const parts = await invalidatorParts(settings);
  const reactive = createReactive({ engine, ...parts });
  return {
    ...{ engine, reactive },
    async close() {
      await reactive.close();
      await parts.versions.close();
    },
  };
}

/** What Yoga executes with. Answers say what they depend on, where the page asks for it: for viewers, who alone are told news. */
export function reactiveFunctions(engine: Engine, reactive: Reactive): Functions {
  const execute = (args: EngineArgs) => {
    const { params, pent } = args.contextValue as YogaContext;
    return reactive.execute({ ...args, extensions: params.extensions, subject: pent.viewer.id });
  };
  return { execute, subscribe: engine.subscribe };
}

type Functions = NonNullable<Parameters<typeof usePlanql>[0]>;
type YogaContext = AppContext & { readonly params: { readonly extensions?: unknown } };

/** Live queries that tell nothing of the schema: over HTTP a rule of Yoga refuses such documents. */
export function withoutIntrospection<T extends Pick<LiveFunctions, 'execute' | 'subscribe'>>(live: T): T {
  const refusing = (run: LiveFunctions['execute']) => (args: EngineArgs) => {
    const errors = validate(schema, args.document, [NoSchemaIntrospectionCustomRule]);
    return errors.length > 0 ? { errors } : run(args);
  };
  return { ...live, execute: refusing(live.execute), subscribe: refusing(live.subscribe) };
}

type LiveFunctions = AttachedLive['queries'];
type EngineArgs = Parameters<Engine['execute']>[0];

/** For programs that write and answer nobody, such as the cleaner. Null: without Redis the server hears of no other process. */
export async function openInvalidator(settings: Settings): Promise<Invalidator | null> {
  return redisOf(settings) === null ? null : createInvalidator(await invalidatorParts(settings));
}

async function invalidatorParts(settings: Settings): Promise<InvalidatorOptions> {
  const secrets = settings.secrets.map((secret) => ({ id: idOf(secret), secret }));
  const redis = redisOf(settings);
  // Without Redis this process hears of its own changes alone.
  if (redis === null) return { secrets, versions: memoryVersions() };
  const { redisVersions } = await import('planql/reactive/redis');
  return { secrets, versions: redisVersions({ url: redis, prefix: 'todo:' }) };
}

function redisOf({ store }: Settings): string | null {
  return store.kind === 'mysql' ? store.redis : null;
}

/** Clients see it. It stays the same wherever the secret stands in its list. */
function idOf(secret: string): string {
  return createHash('sha256').update(`id of ${secret}`).digest('hex').slice(0, 8);
}
