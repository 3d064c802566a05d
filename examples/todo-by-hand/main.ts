/**
 * The todo application with plan resolvers written by hand, on an embedded store or on servers, and beside it the
 * generated one, DataLoader and naive resolvers.
 *
 *   npm run example:todo                             fills a store, and shows what the todo view costs, it and its plan
 *   npm run example:todo -- serve                    serves it with GraphiQL: http://localhost:4000/graphql
 *   npm run example:todo -- serve --file todo.db     … and keeps it in an SQLite file
 *   npm run example:todo -- --mysql mysql://root@db1/todo --mysql mysql://root@db2/todo --redis redis://cache
 *                                                    … in MySQL databases, with Redis before them
 *
 * --mysql and --redis take several URLs, by repetition or comma; TODO_MYSQL and TODO_REDIS say the same.
 */
import { parseArgs } from 'node:util';
import { type ExecutionResult, execute as executeWithGraphQL } from 'graphql';
import { createEngine } from 'planql';
import { PentContext } from 'planql/pent';
import { schema as generatedSchema, model } from '../todo/generated/plans.ts';
import { openStore } from './openStore.ts';
import { dataLoaders } from './resolvers.ts';
import { naiveSchema, schema } from './schema.ts';
import { serve } from './server.ts';
import { fill } from './store.ts';
import { todoView, userByUsername } from './views.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    file: { type: 'string' },
    mysql: { type: 'string', multiple: true },
    redis: { type: 'string', multiple: true },
    port: { type: 'string', default: '4000' },
  },
});

const { kvetch, cache, close } = openStore({
  file: values.file,
  mysql: urls(values.mysql, process.env.TODO_MYSQL),
  redis: urls(values.redis, process.env.TODO_REDIS),
});
await cache?.ready(); // nothing has to wait for Redis, but figures without it would say nothing
const { objects } = await kvetch.browse('TodoUser', { first: 1 });
if (objects.length === 0) await fill(kvetch); // a file or database may be full from last time

if (positionals[0] === 'serve') {
  const url = await serve(kvetch, Number(values.port));
  console.log(`The todo application is at ${url}. Try { todoUserByUsername(username: "user7") { name } }`);
} else {
  await show();
  await close();
}

function urls(flags: readonly string[] | undefined, variable: string | undefined): readonly string[] {
  return (flags ?? [variable ?? '']).flatMap((list) => list.split(',')).filter((url) => url !== '');
}

async function show(): Promise<void> {
  const engine = createEngine({ schema });
  const generated = createEngine({ schema: generatedSchema });
  const contextValue = { kvetch };
  const id = (await kvetch.queryIndex('username', 'user7')).ids[0];
  const request = { document: todoView, contextValue, variableValues: { id } };
  // writes take what they change out of Redis, and the first who reads it puts it back, for which nobody waits
  for (let tries = 0; cache !== null && tries < 100; tries++) {
    if ((await measured(() => engine.execute(request))).misses === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const withGraphQL = (context: object): Promise<Measured> =>
    measured(() => executeWithGraphQL({ ...request, contextValue: context, schema: naiveSchema }));
  const viewer = { id: null };
  const pents = await measured(() =>
    generated.execute({ ...request, contextValue: { pent: new PentContext({ kvetch, model, viewer }) } }),
  );
  const plans = await measured(() => engine.execute(request));
  const contenders = {
    'generated application': pents,
    'plans by hand': plans,
    'graphql-js and DataLoader': await withGraphQL({ kvetch, reader: dataLoaders(kvetch) }),
    'graphql-js, naive resolvers': await withGraphQL(contextValue),
  };
  const answers = new Set(Object.values(contenders).map(({ result }) => JSON.stringify(result)));
  console.log(
    `== What the todo view asks of the store (${answers.size === 1 ? 'the answers are the same' : 'THE ANSWERS DIFFER'})`,
  );
  for (const [name, { rounds, calls }] of Object.entries(contenders)) {
    console.log(`${name.padEnd(28)}${String(rounds).padStart(3)} reads, ${String(calls).padStart(3)} calls to shards`);
  }
  if (cache !== null)
    console.log(`Redis answered ${plans.hits} keys of the plans, and ${plans.misses} it did not have`);

  console.log('\n== The todo view, its first lines');
  print(plans.result, 12);

  console.log('\n== Its plan, and what each step did');
  console.log(await engine.explain({ ...request, analyze: true }));

  const variableValues = { username: 'user7' };
  console.log('== A user, found by the index on username');
  print(await engine.execute({ document: userByUsername, contextValue, variableValues }));
}

interface Measured {
  readonly result: ExecutionResult;
  /** Batched reads: what a request waits for, one after the other where each needs the last. */
  readonly rounds: number;
  /** A read calls each shard that holds some of its rows. */
  readonly calls: number;
  /** Keys that Redis had, and had not. */
  readonly hits: number;
  readonly misses: number;
}

async function measured(run: () => ExecutionResult | PromiseLike<ExecutionResult>): Promise<Measured> {
  kvetch.stats.reset();
  cache?.stats.reset();
  const result = await run();
  const { rounds, storeCalls: calls } = kvetch.stats;
  return { result, rounds, calls, hits: cache?.stats.hits ?? 0, misses: cache?.stats.misses ?? 0 };
}

/** As JSON, with objects of nothing but leaves on one line each, and no more than some lines. */
function print(result: ExecutionResult, most = Number.POSITIVE_INFINITY): void {
  const json = JSON.stringify(result, null, 2);
  const lines = json.replace(/\{[^{}[\]]*\}/g, (leaves) => leaves.replace(/\s*\n\s*/g, ' ')).split('\n');
  console.log(lines.slice(0, most).join('\n'));
  if (lines.length > most) console.log(`… and ${lines.length - most} lines more`);
}
