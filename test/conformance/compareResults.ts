import { inspect } from 'node:util';
import type { ExecutionResult, GraphQLError } from 'graphql';

/** Null when two results are as equal as they must be. Where all was sync that is exact. */
export function compareResults(expected: ExecutionResult, actual: ExecutionResult, isExact: boolean): string | null {
  if (isExact) {
    const [left, right] = [render(expected), render(actual)];
    return left === right ? null : `graphql-js: ${left}\nplanql: ${right}`;
  }
  const [left, right] = [render({ data: expected.data ?? null }), render({ data: actual.data ?? null })];
  if (left !== right) return `graphql-js: ${render(expected)}\nplanql: ${render(actual)}`;
  const [needed, given] = [sortErrors(expected), sortErrors(actual)];
  return needed === given ? null : `graphql-js: ${render(expected)}\nplanql: ${render(actual)}`;
}

/**
 * Which of several errors under one null is reported depends on which came first; all others must be the same, and
 * each null that bubbled must have its error.
 */
function sortErrors({ data, errors }: ExecutionResult): string {
  const shown = new Set<string>();
  for (const error of errors ?? []) {
    const nulled = nulledAt(data, error);
    const path = error.path ?? [];
    shown.add(nulled < path.length ? `below ${path.slice(0, nulled).join('.')}` : `${render({ errors: [error] })}`);
  }
  return [...shown].sort().join('\n');
}

function nulledAt(data: unknown, { path }: GraphQLError): number {
  let value = data;
  for (let depth = 0; depth < (path?.length ?? 0); depth++) {
    if (value === null || value === undefined) return depth;
    value = (value as Record<string | number, unknown>)[path?.[depth] as string | number];
  }
  return path?.length ?? 0;
}

/** A result as text in which everything shows: the order of keys, prototypes, what errors carry. */
export function render({ errors, data, ...rest }: ExecutionResult): string {
  const shown = errors?.map((error) =>
    inspect(
      {
        message: error.message,
        path: error.path,
        locations: error.locations,
        extensions: error.extensions,
        original: String(error.originalError),
      },
      { depth: null },
    ),
  );
  return inspect(
    { errors: shown, data, rest },
    { depth: null, maxArrayLength: null, maxStringLength: null, compact: false },
  );
}
