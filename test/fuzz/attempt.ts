import { inspect } from 'node:util';
import * as graphql from 'graphql';
import {
  type DocumentNode,
  type ExecutionResult,
  execute as graphqlExecute,
  Kind,
  parse,
  versionInfo,
  visit,
} from 'graphql';
import { createEngine } from '../../src/engine/createEngine.ts';
import type { Engine } from '../../src/engine/Engine.ts';
import type { RequestArgs } from '../../src/engine/RequestArgs.ts';
import { leaving } from '../../src/execution/compiled/CompiledRun.ts';
import { isPromiseLike } from '../../src/utils/isPromiseLike.ts';
import { compareResults, render } from '../conformance/compareResults.ts';
import { idle } from '../conformance/incrementalRoads.ts';
import { allPasses } from '../conformance/roads.ts';
import { incrementalDifferenceOf } from './attemptIncremental.ts';
import { Random } from './Random.ts';
import { type GraphqlLibrary, RandomData, spoil } from './randomData.ts';
import { type RandomOperation, randomOperation } from './randomOperation.ts';
import { type Knobs, randomSchema } from './randomSchema.ts';

/** One thing to try: a seed, what the data may hold, and an operation if not the seed's own. */
export interface Attempt {
  readonly seed: number;
  readonly knobs: Knobs;
  readonly operation: RandomOperation | null;
}

export interface Difference {
  readonly road: string;
  readonly message: string;
}

export const rejections: unknown[] = [];
process.on('unhandledRejection', (reason) => rejections.push(reason));

export function attemptOf(seed: number): Attempt {
  const random = new Random(seed * 2654435761);
  const knobs: Knobs = {
    async: random.chance(0.4),
    errors: random.chance(0.6),
    nulls: random.chance(0.8),
    wrong: random.chance(0.5),
    resolvers: random.chance(0.6),
    conditions: random.chance(0.7),
    functions: random.chance(0.5),
    iterables: random.chance(0.5),
    plans: random.chance(0.4),
    incremental: random.chance(0.3),
  };
  return { seed, knobs, operation: null };
}

export interface SetUp {
  readonly data: RandomData;
  readonly operation: RandomOperation;
  readonly sdl: string;
}

/** What an attempt is made of. The schema follows from the seed alone, so that knobs can be turned. */
export function setUp({ seed, knobs, operation }: Attempt, library: GraphqlLibrary = graphql): SetUp {
  const base = attemptOf(seed).knobs;
  const shape = randomSchema(new Random(seed), base);
  const data = new RandomData(shape, knobs, seed, library);
  return {
    data,
    operation: operation ?? randomOperation(new Random(seed + 1), data.schema, { knobs: base }),
    sdl: shape.sdl,
  };
}

/** Runs an attempt on graphql-js and on planql's roads. Null when all agree. */
export function differenceOf(attempt: Attempt): Promise<Difference | null> {
  return attempt.knobs.incremental ? incrementalDifferenceOf(attempt) : ordinaryDifferenceOf(attempt);
}

async function ordinaryDifferenceOf(attempt: Attempt): Promise<Difference | null> {
  const { data, operation } = setUp(attempt);
  const document = parse(operation.text);
  const rootType = rootTypeOf(document);
  const request = (log: string[], viewer = 0): RequestArgs => ({
    document,
    rootValue: data.root(rootType),
    contextValue: contextOf(log, viewer),
    variableValues: structuredClone(operation.variables),
  });
  const references: { readonly log: string[]; readonly result: ExecutionResult; readonly isSync: boolean }[] = [];
  for (const viewer of VIEWERS) {
    const log: string[] = [];
    const given = graphqlExecute({ ...request(log, viewer), schema: data.schema });
    // What bubbles up lets graphql-js end before promises beside it have settled; planql may have begun to wait.
    const isSync = !isPromiseLike(given) && !attempt.knobs.async;
    references.push({ log, result: await given, isSync });
  }
  await idle();
  rejections.length = 0; // those are graphql-js' own
  data.spoils = true;
  const expected = (references[0] as (typeof references)[number]).result;
  const check = async (road: string, engine: Engine, viewer = 0): Promise<Difference | null> => {
    const log: string[] = [];
    const { log: expectedLog, result: expected, isSync } = references[viewer] as (typeof references)[number];
    try {
      const answer = engine.execute(request(log, viewer));
      if (isSync && isPromiseLike(answer)) return { road, message: 'graphql-js is done at once, planql is not' };
      const result = await timely(answer);
      const message =
        compareResults(expected, result, isSync) ??
        (road === 'no passes' ? null : compareLogs(expectedLog, log, expected));
      spoil(result.data);
      return message === null ? null : { road, message };
    } catch (error) {
      return { road, message: `threw ${inspect(error)}` };
    }
  };
  const engine = createEngine({ schema: data.schema, codegen: 'never' });
  const generated = createEngine({ schema: data.schema, codegen: 'always' });
  const bare = createEngine({ schema: data.schema, disabledPasses: allPasses });
  const difference =
    (await check('closures', engine)) ??
    (await check('closures, another viewer', engine, 1)) ??
    (await check('closures, cached', engine)) ??
    (await check('generated code', generated)) ??
    (await check('generated code, another viewer', generated, 1)) ??
    (await checkLeft(attempt, () => check('left to the driver', generated))) ??
    (await check('no passes', bare)) ??
    (await check('no passes, another viewer', bare, 1)) ??
    (await checkText(engine, request)) ??
    (await checkText(generated, request)) ??
    (await checkImported(engine, document, data, check)) ??
    (await checkErrorModes(engine, data, attempt, request, expected));
  await idle();
  const rejected = rejections.splice(0);
  return difference ?? (rejected.length > 0 ? { road: 'any', message: `left rejected: ${inspect(rejected)}` } : null);
}

/** Compiled runs leave the rest to the driver, at a place that the seed chooses. */
export async function checkLeft<T>({ seed }: Pick<Attempt, 'seed'>, check: () => Promise<T>): Promise<T> {
  leaving.after = seed % 13;
  try {
    return await check();
  } finally {
    leaving.after = -1;
  }
}

/** With `HALT` the first error is the answer; with `NULL` it is what graphql-js 17 has a directive for. */
async function checkErrorModes(
  engine: Engine,
  data: RandomData,
  { knobs }: Attempt,
  request: (log: string[]) => RequestArgs,
  expected: ExecutionResult,
): Promise<Difference | null> {
  const halted = await timely(engine.execute({ ...request([]), onError: 'HALT' }));
  const isHalted = halted.data === null && halted.errors?.length === 1;
  if ((expected.errors !== undefined) !== isHalted) return { road: 'HALT', message: render(halted) };
  if (versionInfo.major < 17) return null;
  const document = withoutPropagation(request([]).document);
  // Each has a context of its own: values may hold it.
  data.spoils = false;
  const nulls = await graphqlExecute({ ...request([]), document, schema: engine.schema });
  data.spoils = true;
  await idle();
  rejections.length = 0;
  const message = compareResults(nulls, await timely(engine.execute({ ...request([]), document })), !knobs.async);
  return message === null ? null : { road: 'NULL', message };
}

export function withoutPropagation(document: DocumentNode): DocumentNode {
  const name = { kind: Kind.NAME, value: 'experimental_disableErrorPropagation' } as const;
  const directives = [{ kind: Kind.DIRECTIVE, name } as const];
  return visit(document, { OperationDefinition: (node) => ({ ...node, directives }) });
}

/** The name of the type that the operation begins with. */
export function rootTypeOf({ definitions }: DocumentNode): 'Mutation' | 'Query' {
  return definitions.some((node) => 'operation' in node && node.operation === 'mutation') ? 'Mutation' : 'Query';
}

/** What is logged depends on the order of calls: messages that show the context must not. */
export function contextOf(log: string[], viewer = 0): object {
  return Object.defineProperties({}, { log: { value: log }, viewer: { value: viewer } });
}

/** Who asks: each engine answers all of them. */
export const VIEWERS: readonly number[] = [0, 1];

export async function checkText(engine: Engine, request: (log: string[]) => RequestArgs): Promise<Difference | null> {
  const result = JSON.stringify(await engine.execute(request([])));
  const expected = Buffer.from(result, 'utf8').toString('utf8');
  const text = await engine.executeToString(request([]));
  if (!isSameText(expected, text)) return { road: 'text', message: `${text}\nis not\n${expected}` };
  const bytes = Buffer.from(await engine.executeToBuffer(request([]))).toString('utf8');
  return isSameText(expected, bytes) ? null : { road: 'buffer', message: `${bytes}\nis not\n${expected}` };
}

/** Each is a run of its own: which errors beside one that bubbled are told depends on which came first. */
function isSameText(expected: string, text: string): boolean {
  if (text === expected) return true;
  const [whole, given] = [JSON.parse(expected), JSON.parse(text)] as ExecutionResult[];
  if (whole?.errors === undefined || given === undefined || JSON.stringify(given) !== text) return false;
  return compareResults(whole, given, false) === null;
}

async function checkImported(
  engine: Engine,
  document: DocumentNode,
  data: RandomData,
  check: (road: string, engine: Engine, viewer?: number) => Promise<Difference | null>,
): Promise<Difference | null> {
  const other = createEngine({ schema: data.schema });
  const checkBoth = async () =>
    (await check('export/import', other)) ?? (await check('export/import, another viewer', other, 1));
  try {
    other.importPlan(JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(document)))));
  } catch (error) {
    return { road: 'export/import', message: `threw ${inspect(error)}` };
  }
  return checkBoth();
}

export async function timely<T>(promise: T): Promise<Awaited<T>> {
  if (!isPromiseLike(promise)) return promise as Awaited<T>;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('never settled')), 2000);
  });
  try {
    return (await Promise.race([promise, late])) as Awaited<T>;
  } finally {
    clearTimeout(timer);
  }
}

/** Resolvers are called as often, and told the same. With errors there may be more: siblings of what bubbled up. */
export function compareLogs(
  expected: readonly string[],
  actual: readonly string[],
  { errors }: ExecutionResult,
): string | null {
  if (errors !== undefined) return null;
  const [left, right] = [[...expected].sort().join('\n'), [...actual].sort().join('\n')];
  return left === right ? null : `resolver calls of graphql-js:\n${left}\nof planql:\n${right}`;
}
