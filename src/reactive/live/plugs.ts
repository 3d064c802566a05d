import { type DocumentNode, type GraphQLSchema, parse, validate } from 'graphql';
import { anything, checkOptions } from '../../errors/checkOptions.ts';
import { isAsyncIterable } from '../../utils/asyncIterables.ts';
import type { PromiseOrValue } from '../../utils/MaybePromise.ts';
import { propertiesOf } from '../../utils/propertiesOf.ts';
import type { LiveRequest } from './createLiveQueries.ts';
import { errorResult, refusal } from './errorResult.ts';
import { liveOf } from './liveDirective.ts';
import { isTaken, paced } from './paced.ts';

// biome-ignore lint/suspicious/noExplicitAny: servers are not imported, so that nobody has to have them
type Any = any;

/** Runs operations: live queries, or `{ schema, ...maskErrors(liveQueries) }`. */
export interface LiveFunctions {
  readonly schema: GraphQLSchema;
  execute(args: Any): Any;
  subscribe(args: Any): Any;
}

/** A request as graphql-ws and graphql-sse have it. */
export interface LivePayload {
  readonly query?: string | undefined;
  readonly operationName?: string | null | undefined;
  readonly variables?: { readonly [name: string]: unknown } | null | undefined;
  readonly extensions?: unknown;
}

/**
 * The options of `forGraphqlWs`, `forGraphqlSse` and `useLiveQueries`. `TPlace` is what the server knows of a request.
 * @inline
 */
export interface LiveServerOptions<TPlace extends readonly unknown[]> {
  /** Makes the context of a request. A live query gets a new one for each run. */
  readonly context?: (...place: TPlace) => unknown;
  /**
   * The subject of a request. Equal live queries of one subject share their runs, and limits count by it. Null, or
   * without this function: nothing is shared. The keys of `extensions.reactive` are good for this subject only.
   */
  readonly subject?: (...place: TPlace) => PromiseOrValue<string | null>;
  /** For documents that the server knows by an id. Default: graphql's `parse` of `payload.query`. */
  readonly parse?: (payload: LivePayload) => DocumentNode;
}

const serverOptions = { context: anything, subject: anything, parse: anything };

/** The options of graphql-ws that `forGraphqlWs` makes. */
export interface GraphqlWsFunctions {
  onSubscribe(ctx: Any, id: string, payload: Any): Promise<Any>;
  execute(args: Any): Any;
  subscribe(args: Any): Any;
}

/**
 * For graphql-ws: queries with `@live` run again when their data changes; other operations run as ever, with
 * `extensions.reactive` where their requests ask for it.
 *
 * ```ts
 * useServer(forGraphqlWs(liveQueries, { context: (ctx) => contextOf(ctx.extra.request) }), webSocketServer);
 * ```
 */
export function forGraphqlWs(
  { schema, execute, subscribe }: LiveFunctions,
  options: LiveServerOptions<[ctx: Any, id: string, payload: Any]> = {},
): GraphqlWsFunctions {
  checkOptions('forGraphqlWs', options, serverOptions);
  return {
    execute,
    subscribe,
    async onSubscribe(ctx, id, payload) {
      try {
        const args = await argsOf(schema, payload, options, [ctx, id, payload]);
        const errors = validate(schema, args.document);
        return errors.length > 0 ? errors : { ...args, connection: ctx };
      } catch (error) {
        return errorResult(error).errors;
      }
    },
  };
}

/**
 * The same for graphql-sse:
 * `createHandler(forGraphqlSse(liveQueries, { context: (request) => contextOf(request.raw) }))`.
 *
 * The library keeps results that a client does not take. So a live query waits until the client has taken the last
 * result, where the request's context has the response of Node (`graphql-sse/lib/use/http` and `express`). In the
 * library's single connection mode nothing is known of that: live queries are refused there (`LIVE_CONNECTION`).
 */
export function forGraphqlSse(
  { schema, execute, subscribe }: LiveFunctions,
  options: LiveServerOptions<[request: Any, params: Any]> = {},
): GraphqlSseFunctions {
  checkOptions('forGraphqlSse', options, serverOptions);
  return {
    subscribe,
    async execute({ response, ...args }) {
      const result = await execute(args);
      return isAsyncIterable(result) ? paced(result, () => isTaken(response)) : result;
    },
    async onSubscribe(request, params) {
      try {
        const args = await argsOf(schema, params, options, [request, params]);
        if (!hasStreamOfItsOwn(request) && liveOf(schema, args) !== null) {
          throw refusal('LIVE_CONNECTION', 'A live query needs a connection of its own: not `singleConnection: true`.');
        }
        return { ...args, response: propertiesOf(request.context).res };
      } catch (error) {
        return { data: null, ...errorResult(error) }; // without data the library takes it for arguments
      }
    },
  };
}

/** Whether the answer to a request of graphql-sse is the stream. In its single connection mode that is another one. */
function hasStreamOfItsOwn({ headers }: { readonly headers: Pick<Headers, 'get'> }): boolean {
  return headers.get('accept') === 'text/event-stream';
}

/** The options of graphql-sse that `forGraphqlSse` makes. */
export interface GraphqlSseFunctions {
  onSubscribe(request: Any, params: Any): Promise<Any>;
  execute(args: Any): Any;
  subscribe(args: Any): Any;
}

// No interface: it is not exported from the package, and declarations that users emit spell out aliases only.
/** The part of an Envelop plugin that is used. */
export type LivePlugin = {
  /** Called by Envelop before an operation is executed. */
  onExecute(payload: { setExecuteFn(execute: (args: Any) => Any): void }): void;
};

export interface LivePluginOptions {
  /** Makes the context of each run of a live query from the one that Yoga has made of its request. */
  readonly context: (yoga: Any) => unknown;
  /** The subject, as above. */
  readonly subject?: (yoga: Any) => PromiseOrValue<string | null>;
}

/**
 * A plugin for GraphQL Yoga: requests that accept `text/event-stream` may be live queries, others run once. Errors are for
 * Yoga to mask.
 *
 * ```ts
 * createYoga({ schema, plugins: [useLiveQueries(liveQueries, { context: ({ request }) => contextOf(request) })] });
 * ```
 */
export function useLiveQueries({ execute }: Pick<LiveFunctions, 'execute'>, options: LivePluginOptions): LivePlugin {
  checkOptions('useLiveQueries', options, { context: anything, subject: anything });
  const { context, subject } = options;
  return {
    onExecute({ setExecuteFn }) {
      setExecuteFn(async ({ signal, ...args }) => {
        const yoga = args.contextValue;
        const accepted: unknown = yoga.request?.headers.get('accept');
        const isStream = typeof accepted === 'string' && accepted.includes('text/event-stream');
        const who = (await subject?.(yoga)) ?? undefined;
        return execute({
          ...args,
          ...(isStream && { context: () => context(yoga) }),
          ...(signal !== undefined && { abortSignal: signal }),
          once: !isStream,
          subject: who,
          extensions: yoga.params?.extensions,
        });
      });
    },
  };
}

/** @throws the error of `subject`, and GraphQLError for texts that are no documents */
async function argsOf<TPlace extends readonly unknown[]>(
  schema: GraphQLSchema,
  payload: LivePayload,
  { context, subject, parse: parsed = parsePayload }: LiveServerOptions<TPlace>,
  place: TPlace,
): Promise<LiveRequest & { readonly schema: GraphQLSchema }> {
  const who = await subject?.(...place);
  return {
    schema,
    document: parsed(payload),
    operationName: payload.operationName,
    variableValues: payload.variables,
    extensions: payload.extensions,
    ...(who != null && { subject: who }),
    ...(context !== undefined && { context: () => context(...place) }),
  };
}

function parsePayload({ query }: LivePayload): DocumentNode {
  return parse(query ?? '');
}
