/** The bounds of operations of the examples, against what runs with full pages: never below, and at most three times as much. */
import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import { type DocumentNode, type ExecutionResult, parse } from 'graphql';
import { createEngine, type RequestArgs } from 'planql';
import { createKvetch, memoryShards } from 'planql/kvetch';
import { PentContext } from 'planql/pent';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fill } from '../../examples/tracker/fill.ts';
import { kvetchSchema } from '../../examples/tracker/generated/kvetchSchema.ts';
import { model, schema as trackerSchema } from '../../examples/tracker/generated/plans.ts';
import { Database } from '../../examples/users-and-friends/database.ts';
import { document as friendsOfFriends } from '../../examples/users-and-friends/main.ts';
import { schema as friendsSchema } from '../../examples/users-and-friends/schema.ts';
import { RequestBudget } from '../../src/execution/state/RequestBudget.ts';
import type { LoadMessage } from '../../src/telemetry/channels.ts';

const test = suite('costs of the examples');

interface Ran {
  calls: number;
  keys: number;
  rows: number;
  leaves: number;
}

function count(value: unknown, ran: Ran): void {
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) count(part, ran);
  else if (value !== null) ran.leaves++;
}

async function assertUseful(
  args: RequestArgs & { readonly schema: object; readonly document: DocumentNode },
): Promise<Ran> {
  const ran = { calls: 0, keys: 0, rows: 0, leaves: 0 };
  // Rows are counted where they are limited.
  const engine = createEngine({ schema: args.schema as never, limits: { maxRows: Number.POSITIVE_INFINITY } });
  const { spendRows } = RequestBudget.prototype;
  RequestBudget.prototype.spendRows = (items) => {
    ran.rows += items;
  };
  const cost = await engine.cost(args);
  const { start } = tracingChannel('planql:load');
  const note = (message: unknown): void => {
    ran.calls++;
    ran.keys += (message as LoadMessage).keys;
  };
  subscribe(start.name, note);
  const { data, errors } = (await engine.execute(args)) as ExecutionResult;
  unsubscribe(start.name, note);
  RequestBudget.prototype.spendRows = spendRows;
  assert.is(errors, undefined);
  count(data, ran);
  for (const name of ['calls', 'keys', 'rows', 'leaves'] as const) {
    const told = `${name}: ${ran[name]} ran, ${cost[name]} is the bound`;
    assert.ok(ran[name] <= cost[name], told);
    assert.ok(cost[name] <= 3 * ran[name], told);
  }
  return ran;
}

test('friends of friends', async () => {
  const db = new Database();
  db.fill(1000);
  const args = {
    schema: friendsSchema,
    document: friendsOfFriends,
    variableValues: { first: 5 },
    contextValue: { db },
  };
  const { leaves } = await assertUseful(args);
  assert.ok(leaves > 100);
  db.close();
});

test('the issue tracker, with privacy', async () => {
  const kvetch = createKvetch({ schema: kvetchSchema, shards: memoryShards(1) });
  const { users } = await fill(kvetch, { users: 300, projects: 3, issues: 90, comments: 5 });
  const contextValue = { pent: new PentContext({ kvetch, model, viewer: { id: users[0]?.id ?? '' } }) };
  const document = parse(`{
    projectByKey(key: "P0") {
      name
      issues(first: 10) { edges { node { title author { name } comments(first: 5) { edges { node { text author { name } } } } } } pageInfo { hasNextPage } }
    }
  }`);
  const { leaves } = await assertUseful({ schema: trackerSchema, document, contextValue });
  assert.ok(leaves > 50);
  await kvetch.close();
});

test.run();
