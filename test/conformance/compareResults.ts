import { inspect } from 'node:util';
import type { ExecutionResult, GraphQLError } from 'graphql';

/** A result as texts in which everything shows. */
export interface Shown {
  readonly whole: string;
  readonly data: string;
  readonly errors: string;
}

export function showResult(result: ExecutionResult): Shown {
  return { whole: render(result), data: render({ data: result.data ?? null }), errors: sortErrors(result) };
}

/** Null when two results are as equal as they must be. Where all was sync that is exact. */
export function compareResults(expected: ExecutionResult, actual: ExecutionResult, isExact: boolean): string | null {
  return compareShown(showResult(expected), showResult(actual), isExact);
}

export function compareShown(expected: Shown, actual: Shown, isExact: boolean): string | null {
  const isEqual = isExact
    ? expected.whole === actual.whole
    : expected.data === actual.data && expected.errors === actual.errors;
  return isEqual ? null : `graphql-js: ${expected.whole}\nplanql: ${actual.whole}`;
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

/** A result as text in which everything shows but prototypes, which are an option: the order of keys, what errors carry. */
export function render({ errors, data, ...rest }: ExecutionResult): string {
  const shown = errors?.map((error) =>
    inspect(
      {
        message: error.message,
        path: error.path,
        locations: error.locations,
        extensions: error.extensions,
        // Its text would say where it was located first: of what several positions share, that is one of them.
        original: error.originalError?.message,
      },
      { depth: null },
    ),
  );
  const options = { depth: null, maxArrayLength: null, maxStringLength: null, compact: false } as const;
  return inspect({ errors: shown, data, rest }, options)
    .replaceAll('[Object: null prototype] ', '')
    .replaceAll(IDS_OF_PROMISES, '');
}

/** Promises carry these while somebody in the process uses `AsyncLocalStorage` or async hooks, as other tests do. */
const IDS_OF_PROMISES = /,\n\s*\[Symbol\((?:async_id_symbol|trigger_async_id_symbol|kResourceStore)\)\]: [^\n,]*/g;
