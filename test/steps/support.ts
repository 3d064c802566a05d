import { type ExecutionResult, parse } from 'graphql';
import { createEngine } from '../../src/engine/createEngine.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import type { PlanResolver } from '../../src/schema/planResolvers.ts';
import type { SchemaConfig } from '../../src/schema/SchemaConfig.ts';

export interface Case {
  readonly typeDefs: string;
  readonly plans: Readonly<Record<string, Readonly<Record<string, PlanResolver | object>>>>;
  readonly config?: Partial<SchemaConfig>;
}

export interface RunOptions {
  readonly variables?: Record<string, unknown>;
  readonly context?: unknown;
  readonly rootValue?: unknown;
  readonly recordDependency?: (key: string) => void;
}

/** Runs operations against a schema of plans. What it returns is a promise only if execution was asynchronous. */
export function runner({
  typeDefs,
  plans,
  config,
}: Case): (source: string, options?: RunOptions) => ExecutionResult | Promise<ExecutionResult> {
  const objects = Object.fromEntries(Object.entries(plans).map(([name, fields]) => [name, { plans: fields }]));
  const engine = createEngine({ schema: makeSchema({ typeDefs, objects, ...config } as SchemaConfig) });
  return (source, { variables, context, rootValue, recordDependency } = {}) =>
    engine.execute({
      document: parse(source),
      contextValue: context,
      rootValue,
      variableValues: variables ?? null,
      ...(recordDependency === undefined ? null : { recordDependency }),
    });
}

/** The response as plain data; errors as `path: message`. */
export function plain(result: ExecutionResult | Promise<ExecutionResult>): { data: unknown; errors: string[] } {
  if (result instanceof Promise) throw new Error('The execution was asynchronous, and should not have been.');
  return flat(result);
}

export async function eventually(
  result: ExecutionResult | Promise<ExecutionResult>,
): Promise<{ data: unknown; errors: string[] }> {
  return flat(await result);
}

function flat({ data, errors = [] }: ExecutionResult): { data: unknown; errors: string[] } {
  return {
    data: data === undefined ? undefined : JSON.parse(JSON.stringify(data)),
    errors: errors.map(({ path, message }) => `${path?.join('.')}: ${message}`),
  };
}
