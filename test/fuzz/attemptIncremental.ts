import { inspect } from 'node:util';
import { type GraphQLError, parse, versionInfo } from 'graphql';
import * as graphql17 from 'graphql-17';
import { createEngine } from '../../src/engine/createEngine.ts';
import type { Engine } from '../../src/engine/Engine.ts';
import type { IncrementalFormatName } from '../../src/execution/later/responseFormats.ts';
import { idle, payloadsOf, slowly, sorted } from '../conformance/incrementalRoads.ts';
import { type Merged, mergePayloads } from '../conformance/mergePayloads.ts';
import { allPasses } from '../conformance/roads.ts';
import {
  type Attempt,
  compareLogs,
  contextOf,
  type Difference,
  rejections,
  rootTypeOf,
  setUp,
  timely,
  VIEWERS,
} from './attempt.ts';
import { type GraphqlLibrary, spoil } from './randomData.ts';
import type { Knobs } from './randomSchema.ts';

/**
 * Runs an attempt whose operation has `@defer` and `@stream` on graphql-js 17 and on planql's roads. What values of a wrong
 * kind are in graphql-js 17 is not what they are in 16.
 */
export async function incrementalDifferenceOf(given: Attempt): Promise<Difference | null> {
  const knobs = { ...given.knobs, wrong: given.knobs.wrong && versionInfo.major >= 17 };
  const attempt = { ...given, knobs };
  const { data, operation } = setUp(attempt);
  const document = parse(operation.text);
  const root = rootTypeOf(document);
  const request = (log: string[], viewer = 0) => ({
    document,
    contextValue: contextOf(log, viewer),
    variableValues: structuredClone(operation.variables),
  });
  const reference = setUp({ ...attempt, operation }, graphql17 as unknown as GraphqlLibrary).data;
  const references: { readonly log: string[]; readonly expected: Merged }[] = [];
  for (const viewer of VIEWERS) {
    const log: string[] = [];
    const expected = await merge(
      graphql17.experimentalExecuteIncrementally({
        ...(request(log, viewer) as object),
        document: graphql17.parse(operation.text),
        schema: reference.schema as unknown as graphql17.GraphQLSchema,
        rootValue: reference.root(root),
      }),
    );
    references.push({ log, expected });
  }
  await idle();
  rejections.length = 0; // those are graphql-js' own
  data.spoils = true;
  const check = async (
    road: string,
    engine: Engine,
    { format = 'current', viewer = 0, isEarly = false, isSlow = false }: Way = {},
  ) => {
    const log: string[] = [];
    const { expected, log: expectedLog } = references[viewer] as (typeof references)[number];
    const args = { ...request(log, viewer), rootValue: data.root(root), incrementalFormat: format };
    // Where nothing fails, what graphql-js asks is asked: no more, no less.
    const isClean = expected.errors.length === 0;
    try {
      const given = engine.executeIncrementally({ ...args, enableEarlyExecution: isEarly });
      const actual = await merge(isSlow ? slowly(given) : given);
      const message =
        compareMerged(expected, actual, attempt.knobs, format) ??
        compareLogs(expectedLog, log, isClean ? {} : { errors: [] });
      spoil(actual.data);
      return message === null ? null : { road, message };
    } catch (error) {
      return { road, message: `threw ${inspect(error)}, where graphql-js has ${render(expected)}` };
    }
  };
  const engine = createEngine({ schema: data.schema, codegen: 'never' });
  const imported = createEngine({ schema: data.schema });
  const difference =
    (await check('closures', engine)) ??
    (await check('closures, another viewer', engine, { viewer: 1 })) ??
    (await check('closures, cached', engine)) ??
    (await check('2022', engine, { format: '2022' })) ??
    (await check('early', engine, { isEarly: true })) ??
    (await check('early, slow consumer', engine, { isEarly: true, isSlow: true })) ??
    (await check('slow consumer', engine, { isSlow: true })) ??
    (await check('generated code', createEngine({ schema: data.schema, codegen: 'always' }))) ??
    (await check('no passes', createEngine({ schema: data.schema, disabledPasses: allPasses })));
  if (difference !== null) return difference;
  imported.importPlan(JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(document)))));
  const afterImport =
    (await check('export/import', imported)) ?? (await check('export/import, another viewer', imported, { viewer: 1 }));
  await idle();
  const rejected = rejections.splice(0);
  if (rejected.length > 0) return { road: 'any', message: `left rejected: ${inspect(rejected)}` };
  return afterImport;
}

export interface Way {
  readonly format?: IncrementalFormatName;
  /** Which of `VIEWERS` asks. */
  readonly viewer?: number;
  readonly isEarly?: boolean;
  readonly isSlow?: boolean;
}

export async function merge(given: unknown): Promise<Merged> {
  return mergePayloads(await timely(payloadsOf(given)));
}

/** Says how two merged answers differ, or null. */
export function compareMerged(
  expected: Merged,
  actual: Merged,
  knobs: Pick<Knobs, 'async' | 'iterables'>,
  format: IncrementalFormatName,
): string | null {
  const isEqual =
    inspect(sorted(expected.data), deep) === inspect(sorted(actual.data), deep) &&
    errorsOf(expected, knobs) === errorsOf(actual, knobs) &&
    (format !== 'current' || (announces(expected, actual) && announces(actual, expected)));
  return isEqual ? null : `graphql-js: ${render(expected)}\nplanql: ${render(actual)}`;
}

/**
 * Whether one answer announces each part that another delivers. How often one directive is told of at one path is a matter of what is
 * done when, as is whether a part is told of whose fields another part has, too: not where that part was done before (800318, 969429, and
 * in parts around it 1028773).
 */
function announces({ pending }: Merged, { delivered }: Merged): boolean {
  return delivered.every((parts) => parts.some((part) => pending.includes(part)));
}

const deep = { depth: null, maxArrayLength: null, maxStringLength: null } as const;

function render(merged: Merged): string {
  return inspect(merged, deep);
}

/**
 * Of several errors that a fragment or list could fail with, one is told; where something is asynchronous, so it is with
 * errors that make the same object null.
 */
function errorsOf(
  { data, errors, failures }: Merged,
  { async: isAsync, iterables }: Pick<Knobs, 'async' | 'iterables'>,
): string {
  const shown = errors.map((given) => {
    const failed = failures.get(given);
    if (failed !== undefined) return `at ${failed.map((path) => path.join('.')).sort()}`;
    const { locations, path = [], ...rest } = JSON.parse(given) as GraphQLError;
    // graphql-js names a node twice that a deferred and another spread of one fragment lead to.
    const places = [...new Set(locations?.map(({ line, column }) => `${line}:${column}`))];
    const depth = depthOf(data, path);
    // The items of a generator fail before it does, or with it.
    if (isAsync && (depth < path.length || iterables)) return `at ${path.slice(0, depth).join('.')}`;
    return JSON.stringify({ ...rest, path, places }).replace('.serialize(', '.coerceOutputValue(');
  });
  return [...(isAsync ? new Set(shown) : shown)].sort().join('\n');
}

/** How much of a path is there. */
function depthOf(data: unknown, path: readonly (string | number)[]): number {
  let value = data;
  for (const [depth, key] of path.entries()) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return depth;
    value = (value as Record<string | number, unknown>)[key];
  }
  return path.length;
}
