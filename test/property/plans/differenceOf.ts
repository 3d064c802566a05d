import { inspect } from 'node:util';
import {
  buildSchema,
  type ExecutionArgs,
  type ExecutionResult,
  execute as graphqlExecute,
  subscribe as graphqlSubscribe,
} from 'graphql';
import { createEngine, type Engine } from 'planql';
import { isPromiseLike } from '../../../src/utils/isPromiseLike.ts';
import { compareResults } from '../../conformance/compareResults.ts';
import { idle } from '../../conformance/incrementalRoads.ts';
import { allPasses } from '../../conformance/roads.ts';
import { checkLeft, checkText, type Difference, rejections, timely } from '../../fuzz/attempt.ts';
import type { Attempt } from './attempt.ts';
import { type IsWanted, incrementalDifference } from './incrementalDifference.ts';
import { resultsOf, Subject, VIEWERS } from './Subject.ts';

/** What the guides say is undefined cannot be compared. */
export type Outcome = Difference | 'undefined' | null;

/** Runs an attempt on graphql-js and on planql's roads, or on one of these. Null when all agree. */
export async function differenceOf(attempt: Attempt, only: string | null = null): Promise<Outcome> {
  const subject = new Subject(attempt);
  const compare = attempt.knobs.incremental ? incrementalDifference : ordinaryDifference;
  const outcome = await compare(subject, (road) => only === null || only === 'any' || only === road);
  if (outcome === 'undefined') return outcome;
  await idle();
  // Resolvers drop promises in graphql-js, too: planql never sees these.
  const rejected = attempt.knobs.resolvers && subject.dropsPromises ? [] : rejections.splice(0);
  rejections.length = 0;
  return outcome ?? (rejected.length > 0 ? { road: 'any', message: `left rejected: ${inspect(rejected)}` } : null);
}

interface Reference {
  readonly results: readonly ExecutionResult[];
  readonly log: readonly unknown[];
}

async function referencesOf(subject: Subject): Promise<readonly Reference[] | 'undefined'> {
  const schema = subject.referenceSchema(buildSchema);
  const references: Reference[] = [];
  for (const viewer of VIEWERS) {
    const request = subject.request(viewer);
    const args = { ...request, schema } as ExecutionArgs;
    const results = await resultsOf(subject.isSubscription ? graphqlSubscribe(args) : graphqlExecute(args));
    if (request.contextValue.undefinedAt.length > 0) return 'undefined';
    references.push({ results, log: request.contextValue.log });
  }
  await idle();
  subject.dropsPromises = rejections.length > 0;
  rejections.length = 0; // those are graphql-js' own
  return references;
}

async function ordinaryDifference(subject: Subject, isWanted: IsWanted): Promise<Outcome> {
  const references = await referencesOf(subject);
  if (references === 'undefined') return references;
  const { attempt, schema, isSubscription } = subject;
  const { knobs } = attempt;
  const isSync = !knobs.async && !knobs.iterables && !knobs.resolvers && !isSubscription;
  const check = async (road: string, engine: Engine, viewer = 0): Promise<Difference | null> => {
    if (!isWanted(road)) return null;
    const request = subject.request(viewer);
    const expected = references[viewer] as Reference;
    try {
      const given = isSubscription ? engine.subscribe(request) : engine.execute(request);
      if (isSync && isPromiseLike(given)) return { road, message: 'all is there at once, but the answer is a promise' };
      const message = compare(expected, await timely(resultsOf(given)), request.contextValue.log);
      return message === null ? null : { road, message };
    } catch (error) {
      return { road, message: `threw ${inspect(error)}` };
    }
  };
  const engine = createEngine({ schema, codegen: 'never' });
  const generated = createEngine({ schema, codegen: 'always' });
  const bare = createEngine({ schema, disabledPasses: allPasses });
  const text = (of: Engine): Promise<Difference | null> | null =>
    isSubscription || !(isWanted('text') || isWanted('buffer')) ? null : checkText(of, () => subject.request());
  return (
    (await check('closures', engine)) ??
    (await check('closures, another viewer', engine, 1)) ??
    (await check('closures, cached', engine)) ??
    (await check('generated code', generated)) ??
    (await check('generated code, another viewer', generated, 1)) ??
    (await checkLeft(attempt, () => check('left to the driver', generated))) ??
    (await check('no passes', bare)) ??
    (await check('no passes, another viewer', bare, 1)) ??
    (await text(engine)) ??
    (await text(generated)) ??
    (await checkImported(subject, engine, check))
  );
}

async function checkImported(
  { schema, document }: Subject,
  engine: Engine,
  check: (road: string, engine: Engine, viewer?: number) => Promise<Difference | null>,
): Promise<Difference | null> {
  const other = createEngine({ schema });
  try {
    other.importPlan(JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(document)))));
  } catch (error) {
    return { road: 'export/import', message: `threw ${inspect(error)}` };
  }
  return (await check('export/import', other)) ?? (await check('export/import, another viewer', other, 1));
}

function compare(expected: Reference, actual: readonly ExecutionResult[], log: readonly unknown[]): string | null {
  if (expected.results.length !== actual.length)
    return `graphql-js: ${inspect(expected.results, deep)}\nplanql: ${inspect(actual, deep)}`;
  for (const [at, result] of expected.results.entries()) {
    const message = compareResults(result, actual[at] as ExecutionResult, false);
    if (message !== null) return message;
  }
  // Where something failed, what would have come of it does not matter.
  const isClean = expected.results.every(({ errors }) => errors === undefined);
  const [left, right] = [expected.log, log].map((entries) => entries.map(String).sort().join('\n'));
  return isClean && left !== right ? `effects of graphql-js:\n${left}\nof planql:\n${right}` : null;
}

const deep = { depth: 8 } as const;
