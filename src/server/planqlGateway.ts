import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql';
import type { RequestArgs } from '../engine/RequestArgs.ts';
import { defaultFunctions, type Functions } from './Functions.ts';
import { type MaskOptions, maskErrors } from './maskErrors.ts';

/** The part of Apollo Server's request context that is used. */
export interface GatewayRequest {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName: string | null;
  readonly request: { readonly variables?: Record<string, unknown> };
  readonly context: unknown;
}

/** Apollo Server's `GatewayInterface`. It is not imported, so that Apollo need not be installed. */
export interface PlanqlGateway {
  onSchemaLoadOrUpdate(callback: (schema: { apiSchema: GraphQLSchema; coreSupergraphSdl: string }) => void): () => void;
  // biome-ignore lint/suspicious/noExplicitAny: Apollo's own type of a response's content
  load(): Promise<{ executor(request: GatewayRequest): Promise<ExecutionResult<Record<string, any>>> }>;
  stop(): Promise<void>;
}

export interface GatewayOptions extends MaskOptions {
  readonly schema: GraphQLSchema;
  /** An engine, or functions that do as it does. */
  readonly functions?: Pick<Functions, 'execute'>;
  /** More arguments of a request: its `rootValue`, or an `abortSignal` that its context holds. */
  readonly args?: (request: GatewayRequest) => Partial<RequestArgs>;
}

/**
 * A gateway for Apollo Server: requests are executed by planql, and errors masked (see `maskErrors`).
 *
 * ```ts
 * new ApolloServer({ gateway: planqlGateway({ schema }) });
 * ```
 */
export function planqlGateway({
  schema: apiSchema,
  functions = defaultFunctions,
  args = () => ({}),
  ...masking
}: GatewayOptions): PlanqlGateway {
  const { execute } = maskErrors({ execute: functions.execute.bind(functions) }, masking);
  const executor = async (request: GatewayRequest): Promise<ExecutionResult> => {
    const { schema, document, operationName, context: contextValue } = request;
    const variableValues = request.request.variables;
    return (await execute({
      ...{ schema, document, operationName, contextValue, variableValues },
      ...args(request),
    })) as ExecutionResult;
  };
  return {
    onSchemaLoadOrUpdate(callback) {
      callback({ apiSchema, coreSupergraphSdl: '' });
      return () => {};
    },
    load: async () => ({ executor }),
    stop: async () => {},
  };
}
