import {
  assertSchema,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  type Source,
  validateSchema,
  versionInfo,
} from 'graphql';
import type { IncrementalResponse } from '../execution/later/executeIncrementally.ts';
import { isPromiseLike } from '../utils/isPromiseLike.ts';
import type { PromiseOrValue } from '../utils/MaybePromise.ts';
import type { ChunkOptions } from './chunks.ts';
import { createEngine } from './createEngine.ts';
import type { DocumentOrErrors } from './DocumentCache.ts';
import type { Engine } from './Engine.ts';
import type { PreparedPlan } from './PreparedPlan.ts';
import type { RequestArgs } from './RequestArgs.ts';
import { asInstalled, type SubscriptionResult } from './subscribeToPlan.ts';

/** The arguments of the functions below: graphql-js' `ExecutionArgs`, and those of planql. */
export type ExecuteArgs = RequestArgs & { readonly schema: GraphQLSchema };

const engines = new WeakMap<GraphQLSchema, Engine>();

/** The engine that `execute` and its siblings share for a schema. */
function defaultEngine(schema: GraphQLSchema): Engine {
  let engine = engines.get(schema);
  if (engine === undefined) {
    engine = createEngine({ schema: assertSchema(schema) });
    engines.set(schema, engine);
  }
  return engine;
}

/** graphql-js' `execute`: the same arguments, the same results. */
export function execute(args: ExecuteArgs): PromiseOrValue<ExecutionResult> {
  return defaultEngine(args.schema).execute(args);
}

/**
 * graphql-js 17's `experimentalExecuteIncrementally`: like `execute`, with the data of `@defer` and `@stream` later.
 * Where nothing is left for later the result is that of `execute`.
 */
export function executeIncrementally(args: ExecuteArgs): PromiseOrValue<ExecutionResult | IncrementalResponse> {
  return defaultEngine(args.schema).executeIncrementally(args);
}

/** An alias of `executeIncrementally`: graphql-js 17's name, for programs that replace the import alone. */
export const experimentalExecuteIncrementally: typeof executeIncrementally = executeIncrementally;

/** graphql-js 17's name for `executeIncrementally` with `incrementalFormat: '2022'`, for programs that replace the import alone. */
export function legacyExecuteIncrementally(args: ExecuteArgs): PromiseOrValue<ExecutionResult | IncrementalResponse> {
  return executeIncrementally({ ...args, incrementalFormat: '2022' });
}

/** The payloads of `executeIncrementally`, or the events of `subscribe`, as UTF-8 JSON, one after another. */
export function executeToPayloads(args: ExecuteArgs): AsyncGenerator<Uint8Array, void, void> {
  return defaultEngine(args.schema).executeToPayloads(args);
}

/** Like `execute`. Throws when something in the operation was asynchronous, or is left for later. */
export function executeSync(args: ExecuteArgs): ExecutionResult {
  // graphql-js 16 knows nothing that is left for later.
  return assertSync(versionInfo.major < 17 ? execute(args) : executeIncrementally(args));
}

function assertSync(result: PromiseOrValue<ExecutionResult | IncrementalResponse>): ExecutionResult {
  if (isPromiseLike(result) || 'initialResult' in result) {
    throw new Error('GraphQL execution failed to complete synchronously.');
  }
  return result;
}

/** The result of `execute` as UTF-8 JSON: the fastest road to a socket. */
export function executeToBuffer(args: ExecuteArgs): PromiseOrValue<Uint8Array> {
  return defaultEngine(args.schema).executeToBuffer(args);
}

/** The result of `execute` as JSON text. */
export function executeToString(args: ExecuteArgs): PromiseOrValue<string> {
  return defaultEngine(args.schema).executeToString(args);
}

/** The engine's `executeToChunks`, by the engine of the schema. */
export function executeToChunks(args: ExecuteArgs, options?: ChunkOptions): AsyncGenerator<Uint8Array, void, void> {
  return defaultEngine(args.schema).executeToChunks(args, options);
}

/** graphql-js' `subscribe`: the same arguments, the same results. */
export function subscribe(args: ExecuteArgs): PromiseOrValue<SubscriptionResult> {
  return asInstalled(() => defaultEngine(args.schema).subscribe(args));
}

/** The arguments of `graphql`: graphql-js' `GraphQLArgs`, and those of planql. */
export type GraphqlArgs = Omit<ExecuteArgs, 'document'> & { readonly source: string | Source };

/** graphql-js' `graphql`, on documents that are parsed and validated once: the same arguments, the same results. */
export function graphql(args: GraphqlArgs): Promise<ExecutionResult> {
  return new Promise((resolve) => resolve(respond(args)));
}

/** Like `graphql`. Throws when something in the operation was asynchronous. */
export function graphqlSync(args: GraphqlArgs): ExecutionResult {
  return assertSync(respond(args));
}

function respond({ source, ...args }: GraphqlArgs): PromiseOrValue<ExecutionResult> {
  const engine = defaultEngine(args.schema);
  const schemaErrors = validateSchema(args.schema);
  if (schemaErrors.length > 0) return { errors: schemaErrors };
  const document = engine.document(source);
  return isErrors(document) ? { errors: document } : engine.execute({ ...args, document });
}

function isErrors(document: DocumentOrErrors): document is readonly GraphQLError[] {
  return Array.isArray(document);
}

/** Makes an exported plan ready to run: `importPlan(schema, json).execute(request)`. */
export function importPlan(schema: GraphQLSchema, json: unknown): PreparedPlan {
  return defaultEngine(schema).importPlan(json);
}
