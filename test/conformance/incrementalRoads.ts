import { type GraphQLSchema, parse } from 'graphql';
import * as graphql17 from 'graphql-17';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { createExecutor } from '../../src/engine/createExecutor.ts';
import type { Engine } from '../../src/engine/Engine.ts';
import type { IncrementalFormatName } from '../../src/execution/later/responseFormats.ts';
import { type Merged, mergePayloads } from './mergePayloads.ts';
import { type Answer, answerable } from './otherProcess/answerable.ts';
import { allPasses } from './roads.ts';
import { schemaOf, type TypeBehaviour } from './schemaOf.ts';

/** An operation with `@defer` or `@stream`, which all roads must answer as graphql-js 17 does. */
export interface IncrementalCase {
  readonly name: string;
  readonly rules: readonly string[];
  readonly operation: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** `NULL` is what graphql-js 17 has a directive for. */
  readonly onError?: 'PROPAGATE' | 'NULL';
}

export interface Schemas {
  readonly ours: GraphQLSchema;
  readonly reference: graphql17.GraphQLSchema;
}

/** One schema for the graphql-js that is installed, and for graphql-js 17. */
export function schemasOf(typeDefs: string, behaviour: Readonly<Record<string, TypeBehaviour>>): Schemas {
  const build = graphql17.buildSchema as unknown as (typeDefs: string) => GraphQLSchema;
  return {
    ours: schemaOf(typeDefs, behaviour),
    reference: schemaOf(typeDefs, behaviour, build) as unknown as graphql17.GraphQLSchema,
  };
}

/** All payloads of a response, in order. */
export async function payloadsOf(given: unknown): Promise<unknown[]> {
  const result = (await given) as Record<string, unknown>;
  if (!('initialResult' in result)) return [result];
  const payloads: unknown[] = [result.initialResult];
  for await (const payload of result.subsequentResults as AsyncIterable<unknown>) payloads.push(payload);
  return payloads;
}

/** A response whose consumer takes its time before each payload. */
export async function slowly(given: unknown): Promise<unknown> {
  const response = (await given) as { readonly subsequentResults?: AsyncIterable<unknown> };
  const { subsequentResults } = response;
  if (subsequentResults === undefined) return response;
  const consumed = async function* (): AsyncGenerator<unknown> {
    await idle();
    for await (const payload of subsequentResults) {
      yield payload;
      await idle();
    }
  };
  return { ...response, subsequentResults: consumed() };
}

export async function idle(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const rejections: unknown[] = [];
process.on('unhandledRejection', (reason) => rejections.push(reason));

/** The test of a case of a test file (`import.meta.url`): runs it on every road. */
export function incrementalTest(file: string, schemas: Schemas, one: IncrementalCase): () => Promise<void> {
  const elsewhere = answerable(file, async (plan) => {
    const executor = createExecutor({ schema: schemas.ours });
    executor.importPlan(plan);
    return answerOf(executor, one);
  });
  return () => runIncremental(schemas, one, elsewhere);
}

async function runIncremental(schemas: Schemas, one: IncrementalCase, elsewhere: Answer<Merged>): Promise<void> {
  const reference = await referenceOf(schemas, one);
  const compareAnswer = (road: string, { data, errors, pending }: Merged, format: IncrementalFormatName): void => {
    assert.equal(sorted(data), sorted(reference.data), `${road}: data`);
    assert.equal(errors, reference.errors, `${road}: errors`);
    if (format === 'current') assert.equal(pending, reference.pending, `${road}: what was pending`);
  };
  const compare = async (road: string, engine: Engine, way: Way = {}): Promise<void> => {
    compareAnswer(road, await answerOf(engine, one, way), way.format ?? 'current');
  };
  const engine = createEngine({ schema: schemas.ours, codegen: 'never' });
  await compare('closures', engine);
  await compare('closures, cached plan', engine);
  await compare('2022', engine, { format: '2022' });
  await compare('early', engine, { isEarly: true });
  await compare('early, slow consumer', engine, { isEarly: true, isSlow: true });
  await compare('slow consumer', engine, { isSlow: true });
  await compare('generated code', createEngine({ schema: schemas.ours, codegen: 'always' }));
  await compare('no passes', createEngine({ schema: schemas.ours, disabledPasses: allPasses }));
  const imported = createExecutor({ schema: schemas.ours });
  const exported = JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(parse(one.operation)))));
  imported.importPlan(exported);
  await compare('export/import', imported);
  compareAnswer('other process', await elsewhere(exported), 'current');
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  assert.equal(rejections.splice(0), [], 'no promise may be left rejected');
}

interface Way {
  readonly format?: IncrementalFormatName;
  readonly isEarly?: boolean;
  readonly isSlow?: boolean;
}

async function answerOf(
  engine: Engine,
  { operation, variables: variableValues, onError = 'PROPAGATE' }: IncrementalCase,
  { format = 'current', isEarly = false, isSlow = false }: Way = {},
): Promise<Merged> {
  const given = engine.executeIncrementally({
    document: parse(operation),
    variableValues,
    onError,
    incrementalFormat: format,
    enableEarlyExecution: isEarly,
  });
  return mergePayloads(await payloadsOf(isSlow ? slowly(given) : given));
}

async function referenceOf({ reference }: Schemas, one: IncrementalCase): Promise<Merged> {
  const document = graphql17.parse(one.operation);
  const result = graphql17.experimentalExecuteIncrementally({
    schema: reference,
    document: one.onError === 'NULL' ? withoutPropagation(document) : document,
    variableValues: one.variables ?? null,
  });
  const merged = mergePayloads(await payloadsOf(result));
  rejections.length = 0; // those are graphql-js' own
  return { ...merged, errors: merged.errors.map(withEachPlaceOnce) };
}

/** graphql-js names a node twice that a deferred and another spread of one fragment lead to. */
function withEachPlaceOnce(error: string): string {
  const { locations, ...rest } = JSON.parse(error) as { readonly locations?: readonly object[] };
  if (locations === undefined) return error;
  const places = [...new Set(locations.map((place) => JSON.stringify(place)))].map((place) => JSON.parse(place));
  const { message, ...others } = rest as Record<string, unknown>;
  return JSON.stringify({ message, locations: places, ...others });
}

function withoutPropagation(document: graphql17.DocumentNode): graphql17.DocumentNode {
  const name = { kind: graphql17.Kind.NAME, value: 'experimental_disableErrorPropagation' } as const;
  const directives = [{ kind: graphql17.Kind.DIRECTIVE, name } as const];
  return graphql17.visit(document, { OperationDefinition: (node) => ({ ...node, directives }) });
}

/** In which order the parts of an object come is not fixed. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
