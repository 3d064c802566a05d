import { inspect } from 'node:util';
import type { GraphQLSchema } from 'graphql';
import * as graphql17 from 'graphql-17';
import { createEngine, type Engine } from 'planql';
import { idle } from '../../conformance/incrementalRoads.ts';
import type { Merged } from '../../conformance/mergePayloads.ts';
import { allPasses } from '../../conformance/roads.ts';
import { type Difference, rejections } from '../../fuzz/attempt.ts';
import { compareMerged, merge, type Way } from '../../fuzz/attemptIncremental.ts';
import { type Subject, VIEWERS } from './Subject.ts';

/** Whether a road is to be travelled. */
export type IsWanted = (road: string) => boolean;

/** The same for an operation with `@defer` and `@stream`, which graphql-js 17 answers. */
export async function incrementalDifference(
  subject: Subject,
  isWanted: IsWanted,
): Promise<Difference | 'undefined' | null> {
  const { attempt, schema, document } = subject;
  const build = graphql17.buildSchema as unknown as (typeDefs: string) => GraphQLSchema;
  const reference = subject.referenceSchema(build) as unknown as graphql17.GraphQLSchema;
  const references: Merged[] = [];
  for (const viewer of VIEWERS) {
    const request = subject.request(viewer);
    const args = { ...request, schema: reference, document: graphql17.parse(attempt.operation.text) };
    references.push(await merge(graphql17.experimentalExecuteIncrementally(args as graphql17.ExecutionArgs)));
    if (request.contextValue.undefinedAt.length > 0) return 'undefined';
  }
  await idle();
  subject.dropsPromises = rejections.length > 0;
  rejections.length = 0; // those are graphql-js' own
  const check = async (road: string, engine: Engine, way: Way = {}): Promise<Difference | null> => {
    if (!isWanted(road)) return null;
    const { format = 'current', viewer = 0, isEarly = false } = way;
    try {
      const args = { ...subject.request(viewer), incrementalFormat: format, enableEarlyExecution: isEarly };
      const actual = await merge(engine.executeIncrementally(args));
      const message = compareMerged(references[viewer] as Merged, actual, { async: true, iterables: true }, format);
      return message === null ? null : { road, message };
    } catch (error) {
      return { road, message: `threw ${inspect(error)}` };
    }
  };
  const engine = createEngine({ schema, codegen: 'never' });
  const imported = createEngine({ schema });
  const difference =
    (await check('closures', engine)) ??
    (await check('closures, another viewer', engine, { viewer: 1 })) ??
    (await check('closures, cached', engine)) ??
    (await check('2022', engine, { format: '2022' })) ??
    (await check('early', engine, { isEarly: true })) ??
    (await check('generated code', createEngine({ schema, codegen: 'always' }))) ??
    (await check('no passes', createEngine({ schema, disabledPasses: allPasses })));
  if (difference !== null) return difference;
  try {
    imported.importPlan(JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(document)))));
  } catch (error) {
    return { road: 'export/import', message: `threw ${inspect(error)}` };
  }
  return (
    (await check('export/import', imported)) ?? (await check('export/import, another viewer', imported, { viewer: 1 }))
  );
}
