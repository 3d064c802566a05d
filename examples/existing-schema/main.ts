/** Runs one query on the schema before, on, and after its way to plans: `npm run example:existing-schema`. */
import { isDeepStrictEqual } from 'node:util';
import {
  type DocumentNode,
  type ExecutionResult,
  execute as executeWithGraphQL,
  type GraphQLSchema,
  parse,
} from 'graphql';
import { createEngine, execute } from 'planql';
import { originalSchema, schemaWith, stages } from './schema.ts';
import { Source } from './source.ts';

export const document: DocumentNode = parse(/* GraphQL */ `
  query Friends {
    hero(episode: EMPIRE) {
      name
      friends { name friends { __typename name friends { name } ... on Human { homePlanet starships { name length } } } }
    }
    search(text: "an") { ... on Character { name friends { name } } ... on Starship { name length } }
    droid(id: "1000") { name }
  }
`);

/** What one way of running the query gave, and how many calls to the data source it took. */
export interface Run {
  readonly name: string;
  readonly result: ExecutionResult;
  readonly calls: number;
}

export async function run(): Promise<Run[]> {
  const runs = [await runOn('graphql-js', originalSchema(), executeWithGraphQL)];
  for (const [stage, moved] of Object.entries(stages)) {
    runs.push(await runOn(`planql, ${stage}`, schemaWith(moved), execute));
  }
  return runs;
}

async function runOn(name: string, schema: GraphQLSchema, executor: typeof executeWithGraphQL): Promise<Run> {
  const source = new Source();
  const result = await executor({ schema, document, contextValue: { source } });
  return { name, result, calls: source.calls };
}

if (process.argv[1] === import.meta.filename) {
  const runs = await run();
  const [reference] = runs;
  console.log(JSON.stringify(reference?.result.data?.search, null, 2), '\n');
  for (const { name, result, calls } of runs) {
    const verdict = isDeepStrictEqual(toJSON(result), toJSON(reference?.result)) ? 'the same answer' : 'ANOTHER ANSWER';
    console.log(`${name.padEnd(22)} ${String(calls).padStart(3)} calls to the data source, ${verdict}`);
  }
  console.log(
    `\n${createEngine({ schema: schemaWith(stages['all plans'] ?? []) })
      .prepare(document)
      .explain()}`,
  );
}

function toJSON(result: unknown): unknown {
  return JSON.parse(JSON.stringify(result));
}
