import { type DocumentNode, type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import { hasIncrementalDirectives } from '../engine/hasIncrementalDirectives.ts';
import type { RequestArgs } from '../engine/RequestArgs.ts';
import { anything, checkOptions } from '../errors/checkOptions.ts';
import { errorOf } from '../errors/errorOf.ts';
import { mapAsyncIterable } from '../utils/mapAsyncIterable.ts';
import { defaultFunctions, type Functions } from './Functions.ts';
import { incrementalFormatOf } from './incrementalFormatOf.ts';
import { isParted, mapParts, type PartedResult, type Payload } from './mapResults.ts';
import { type MaskingOptions, masked, maskingOptions } from './masking.ts';

/** The part of Apollo Server's request context that is used. */
export interface GatewayRequest {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName: string | null;
  readonly request: {
    /** The name that the client sent; the context's own is null where the document has no such operation. */
    readonly operationName?: string | undefined;
    readonly variables?: Record<string, unknown>;
    readonly http?: { readonly headers: { get(name: string): string | null } };
  };
  readonly context: unknown;
}

/** Apollo Server's `GatewayInterface`. It is not imported, so that Apollo need not be installed. */
export interface PlanqlGateway {
  /** Called by Apollo Server; the schema never changes. */
  onSchemaLoadOrUpdate(callback: (schema: { apiSchema: GraphQLSchema; coreSupergraphSdl: string }) => void): () => void;
  /** Called by Apollo Server at its start: gives it the executor. */
  // biome-ignore lint/suspicious/noExplicitAny: Apollo's own type of a response's content
  load(): Promise<{ executor(request: GatewayRequest): Promise<ExecutionResult<Record<string, any>>> }>;
  /** Called by Apollo Server at its end. */
  stop(): Promise<void>;
  /**
   * A plugin of Apollo Server by which the parts of `@defer` and `@stream` come later, for clients that ask for them: a
   * gateway alone has only one answer. Give it the server's `formatError`, for the errors of later parts.
   */
  incrementalDelivery(options?: IncrementalDeliveryOptions): IncrementalDeliveryPlugin;
}

export interface IncrementalDeliveryOptions {
  /** Apollo Server's option of this name. */
  readonly formatError?: (formatted: FormattedError, error: unknown) => FormattedError;
}

/** Apollo's `GraphQLFormattedError`. */
// biome-ignore lint/suspicious/noExplicitAny: graphql-js 16 and 17 type the extensions differently
type FormattedError = any;

// No interface: it is not exported from the package, and declarations that users emit spell out aliases only.
/** The part of an Apollo Server plugin that is used. */
export type IncrementalDeliveryPlugin = {
  /** Called by Apollo Server for each request. */
  requestDidStart(): Promise<{
    // biome-ignore lint/suspicious/noExplicitAny: Apollo's request contexts; their types differ by its version
    executionDidStart(request: any): Promise<void>;
    // biome-ignore lint/suspicious/noExplicitAny: the same
    willSendResponse(request: any): Promise<void>;
  }>;
};

/** The options of `planqlGateway`. */
export interface GatewayOptions extends MaskingOptions {
  /** The schema that Apollo Server shows and planql executes. */
  readonly schema: GraphQLSchema;
  /** An engine, or functions that do as it does. */
  readonly functions?: Pick<Functions, 'execute' | 'executeIncrementally'>;
  /** More arguments of a request: its `rootValue`, or an `abortSignal` that its context holds. */
  readonly args?: (request: GatewayRequest) => Partial<RequestArgs>;
}

/**
 * A gateway for Apollo Server: requests are executed by planql. Errors are the server's, whose `formatError` sees them as
 * they occurred; `maskErrors: true` masks them before.
 *
 * ```ts
 * const gateway = planqlGateway({ schema, maskErrors: true });
 * new ApolloServer({ gateway, plugins: [gateway.incrementalDelivery()] });
 * ```
 */
export function planqlGateway(options: GatewayOptions): PlanqlGateway {
  checkOptions('planqlGateway', options, { ...maskingOptions, schema: anything, functions: anything, args: anything });
  const { schema: apiSchema, functions = defaultFunctions, args = () => ({}), maskErrors = false } = options;
  const own =
    maskErrors === false
      ? functions
      : masked<Pick<Functions, 'execute' | 'executeIncrementally'>>(functions, maskErrors);
  const { executeIncrementally } = own;
  /** The contexts of requests that may be answered in parts, and then the parts. */
  const later = new WeakMap<object, PartedResult['subsequentResults'] | null>();

  const executor = async (request: GatewayRequest): Promise<ExecutionResult> => {
    const { schema, document, context: contextValue } = request;
    const operationName = request.request.operationName ?? request.operationName;
    const all: RequestArgs & { schema: GraphQLSchema } = {
      ...{ schema, document, operationName, contextValue },
      variableValues: request.request.variables,
      ...args(request),
    };
    const place = isObject(contextValue) && later.has(contextValue) ? contextValue : null;
    const incrementalFormat = place === null ? null : formatOf(request.request);
    const isWhole = incrementalFormat === null || !hasIncrementalDirectives(document);
    const result =
      isWhole || executeIncrementally === undefined
        ? await told(all, (given) => own.execute(given))
        : await told(all, (given) => executeIncrementally({ ...given, incrementalFormat }));
    if (place === null || !isParted(result)) return result as ExecutionResult;
    later.set(place, result.subsequentResults);
    return result.initialResult;
  };
  return {
    onSchemaLoadOrUpdate(callback) {
      callback({ apiSchema, coreSupergraphSdl: '' });
      return () => {};
    },
    load: async () => ({ executor }),
    stop: async () => {},
    incrementalDelivery(delivery = {}) {
      checkOptions('incrementalDelivery', delivery, { formatError: anything });
      return {
        requestDidStart: async () => ({
          async executionDidStart({ contextValue }) {
            if (isObject(contextValue)) later.set(contextValue, null);
          },
          async willSendResponse({ contextValue, response }) {
            const parts = isObject(contextValue) ? later.get(contextValue) : null;
            if (isObject(contextValue)) later.delete(contextValue);
            if (parts == null || response.body.kind !== 'single') return;
            const format = (error: GraphQLError): GraphQLError => formatted(error, delivery);
            const subsequentResults = mapAsyncIterable<Payload, Payload>(parts, (part) => mapParts(part, format));
            response.body = { kind: 'incremental', initialResult: response.body.singleResult, subsequentResults };
          },
        }),
      };
    },
  };
}

/** A server has to be told of an abort: it tells its plugins. */
async function told<TArgs extends RequestArgs>(args: TArgs, run: (args: TArgs) => unknown): Promise<unknown> {
  const { abortSignal: signal } = args;
  if (signal == null || args.onAbort !== undefined) return run(args);
  try {
    return await run({ ...args, onAbort: 'REJECT' });
  } catch (error) {
    if (!signal.aborted) throw error;
    const originalError = errorOf(signal.reason);
    throw new GraphQLError('The request was aborted.', { originalError, extensions: { code: 'ABORTED' } });
  }
}

/** Apollo Server sends parts only to clients that name their format. */
function formatOf({ http }: GatewayRequest['request']): ReturnType<typeof incrementalFormatOf> {
  return incrementalFormatOf(http?.headers.get('accept'));
}

/** As Apollo Server formats an error. */
function formatted(error: GraphQLError, { formatError }: IncrementalDeliveryOptions): FormattedError {
  const code = error.extensions.code ?? 'INTERNAL_SERVER_ERROR';
  const plain = { ...error.toJSON(), extensions: { ...error.extensions, code } };
  if (formatError === undefined) return plain;
  try {
    return formatError(plain, error);
  } catch {
    return { message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } };
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
