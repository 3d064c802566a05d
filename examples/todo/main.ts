/**
 * The todo application on an embedded store.
 *
 *   npm run example:todo                             fills a store and shows the todo view, its plan and what it costs
 *   npm run example:todo -- serve                    serves it with GraphiQL: http://localhost:4000/graphql
 *   npm run example:todo -- serve --file todo.db     … and keeps it in an SQLite file
 */
import { parseArgs } from 'node:util';
import { type ExecutionResult, execute as executeWithGraphQL } from 'graphql';
import { createEngine } from 'planql';
import type { Kvetch } from 'planql/kvetch';
import { naiveSchema, schema } from './schema.ts';
import { serve } from './server.ts';
import { fill, openStore } from './store.ts';
import { todoView, userByUsername } from './views.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { file: { type: 'string' }, port: { type: 'string', default: '4000' } },
});

const kvetch = openStore(values.file);
const { objects } = await kvetch.browse('TodoUser', { first: 1 });
if (objects.length === 0) await fill(kvetch); // a file may be full from last time

if (positionals[0] === 'serve') {
  const url = await serve(kvetch, Number(values.port));
  console.log(`The todo application is at ${url}. Try { todoUserByUsername(username: "user7") { name } }`);
} else {
  await show();
  await kvetch.close();
}

async function show(): Promise<void> {
  const engine = createEngine({ schema });
  const contextValue = { kvetch };
  const variableValues = { username: 'user7' };
  const found = await engine.execute({ document: userByUsername, contextValue, variableValues });
  console.log('== A user, found by the index on username');
  print(found);

  const id = (await kvetch.queryIndex('username', 'user7')).ids[0];
  const request = { document: todoView, contextValue, variableValues: { id } };
  const plans = await measured(kvetch, () => engine.execute(request));
  console.log('\n== The todo view');
  print(plans.result);

  console.log('\n== Its plan, and what each step did');
  console.log(await engine.explain({ ...request, analyze: true }));

  const naive = await measured(kvetch, () => executeWithGraphQL({ ...request, schema: naiveSchema }));
  const isSame = JSON.stringify(naive.result) === JSON.stringify(plans.result);
  console.log(`== What the store was asked for it (${isSame ? 'the answers are the same' : 'THE ANSWERS DIFFER'})`);
  for (const [name, { rounds, calls }] of Object.entries({ plans, 'naive resolvers': naive })) {
    console.log(`${name.padEnd(16)} ${String(rounds).padStart(3)} reads, ${String(calls).padStart(3)} calls to shards`);
  }
}

interface Measured {
  readonly result: ExecutionResult;
  /** Batched reads: what a request waits for, one after the other where each needs the last. */
  readonly rounds: number;
  /** A read calls each shard that holds some of its rows. */
  readonly calls: number;
}

async function measured(kvetch: Kvetch, run: () => ExecutionResult | PromiseLike<ExecutionResult>): Promise<Measured> {
  kvetch.stats.reset();
  const result = await run();
  const { rounds, storeCalls: calls } = kvetch.stats;
  return { result, rounds, calls };
}

/** As JSON, with objects of nothing but leaves on one line each. */
function print(result: ExecutionResult): void {
  const json = JSON.stringify(result, null, 2);
  console.log(json.replace(/\{[^{}[\]]*\}/g, (leaves) => leaves.replace(/\s*\n\s*/g, ' ')));
}
