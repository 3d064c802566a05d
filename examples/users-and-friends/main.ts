/** Friends of friends, planned and with naive resolvers: `npm run example:users-and-friends`. */
import { type DocumentNode, type ExecutionResult, execute as executeWithGraphQL, parse } from 'graphql';
import { createEngine, execute } from 'planql';
import { Database } from './database.ts';
import { naiveSchema, schema } from './schema.ts';

export const document: DocumentNode = parse(/* GraphQL */ `
  query FriendsOfFriends($first: Int!) {
    usersIn(city: "Lisbon", first: $first) {
      name
      friends(first: 4) {
        name
        city
        friends(first: 4) { name friendCount }
      }
    }
  }
`);

/** An answer, and the SQL statements that it took. */
export interface Run {
  readonly result: ExecutionResult;
  readonly statements: readonly string[];
}

export async function run(kind: 'plans' | 'naive resolvers', first: number): Promise<Run> {
  const db = new Database();
  db.fill(1000);
  const request = { document, variableValues: { first }, contextValue: { db } };
  const result = await (kind === 'plans'
    ? execute({ ...request, schema })
    : executeWithGraphQL({ ...request, schema: naiveSchema }));
  db.close();
  return { result, statements: db.statements };
}

if (process.argv[1] === import.meta.filename) {
  const { result } = await run('plans', 1);
  console.log(JSON.stringify(result, null, 2).replace(/\{[^{}[\]]*\}/g, (leaves) => leaves.replace(/\s*\n\s*/g, ' ')));
  console.log(`\n${createEngine({ schema }).prepare(document).explain()}`);
  for (const first of [1, 10, 100]) {
    const [plans, naive] = [await run('plans', first), await run('naive resolvers', first)];
    const isSame = JSON.stringify(plans.result) === JSON.stringify(naive.result);
    const counts = `plans ${plans.statements.length}, naive resolvers ${naive.statements.length}`;
    console.log(`SQL statements for usersIn(first: ${first}): ${counts}${isSame ? '' : ' — THE ANSWERS DIFFER'}`);
  }
}
