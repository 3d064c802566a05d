import { type GraphQLSchema, parse } from 'graphql';
import * as graphql17 from 'graphql-17';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import type { Engine } from '../../src/engine/Engine.ts';
import type { IncrementalFormatName } from '../../src/execution/incremental/responseFormats.ts';
import { type Merged, mergePayloads } from './mergePayloads.ts';
import { allPasses } from './roads.ts';
import { schemaOf, type TypeBehaviour } from './schemaOf.ts';

/** An operation with `@defer` or `@stream`, which all roads must answer as graphql-js 17 does. */
export interface IncrementalCase {
  readonly name: string;
  readonly rules: readonly string[];
  readonly operation: string;
  readonly variables?: Readonly<Record<string, unknown>>;
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

const rejections: unknown[] = [];
process.on('unhandledRejection', (reason) => rejections.push(reason));

export async function runIncremental(schemas: Schemas, one: IncrementalCase): Promise<void> {
  const variableValues = one.variables;
  const document = parse(one.operation);
  const args = { document, variableValues };
  const reference = await referenceOf(schemas, one);
  const compare = async (road: string, engine: Engine, format: IncrementalFormatName = 'current'): Promise<void> => {
    const payloads = await payloadsOf(engine.executeIncrementally({ ...args, incrementalFormat: format }));
    const merged = mergePayloads(payloads);
    assert.equal(sorted(merged.data), sorted(reference.data), `${road}: data of ${JSON.stringify(payloads)}`);
    assert.equal(merged.errors, reference.errors, `${road}: errors`);
    if (format === 'current') assert.equal(merged.pending, reference.pending, `${road}: what was pending`);
  };
  const engine = createEngine({ schema: schemas.ours, codegen: 'never' });
  await compare('closures', engine);
  await compare('closures, cached plan', engine);
  await compare('2022', engine, '2022');
  await compare('generated code', createEngine({ schema: schemas.ours, codegen: 'always' }));
  await compare('no passes', createEngine({ schema: schemas.ours, disabledPasses: allPasses }));
  const imported = createEngine({ schema: schemas.ours });
  imported.importPlan(JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(document)))));
  await compare('export/import', imported);
  assert.is(imported.stats().planCache.misses, 0, 'an imported plan answers without planning');
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  assert.equal(rejections.splice(0), [], 'no promise may be left rejected');
}

async function referenceOf({ reference }: Schemas, { operation, variables }: IncrementalCase): Promise<Merged> {
  const result = graphql17.experimentalExecuteIncrementally({
    schema: reference,
    document: graphql17.parse(operation),
    variableValues: variables ?? null,
  });
  const merged = mergePayloads(await payloadsOf(result));
  rejections.length = 0; // those are graphql-js' own
  return merged;
}

/** In which order the parts of an object come is not fixed. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
