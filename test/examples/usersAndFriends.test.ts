import { parse } from 'graphql';
import { createEngine, execute, exportPlan, importPlan } from 'planql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Database } from '../../examples/users-and-friends/database.ts';
import { document, run } from '../../examples/users-and-friends/main.ts';
import { schema } from '../../examples/users-and-friends/schema.ts';
import { plain, printed } from './printed.ts';

const test = suite('examples/users-and-friends');

test('the number of statements does not depend on the number of people', async () => {
  for (const first of [1, 10, 100]) {
    const plans = await run('plans', first);
    const naive = await run('naive resolvers', first);
    assert.not('errors' in plans.result);
    assert.equal(plain(plans.result), plain(naive.result));
    // people in the city; them, their friends, friends of friends; two lists of friends; one count
    assert.is(plans.statements.length, 7);
    assert.ok(naive.statements.length > 20 * first, `${naive.statements.length}`);
  }
});

test('lists of different length do not share a result', async () => {
  const db = new Database();
  db.fill(100);
  const source =
    '{ usersIn(city: "Oslo", first: 3) { one: friends(first: 1) { id } three: friends(first: 3) { id } friendCount } }';
  const result = plain(await execute({ schema, document: parse(source), contextValue: { db } }));
  type User = { one: object[]; three: object[]; friendCount: number };
  const users = result.data?.usersIn as User[];
  assert.is(users.length, 3);
  for (const { one, three, friendCount } of users) {
    assert.is(three.length, Math.min(3, friendCount));
    assert.equal(one, three.slice(0, 1));
  }
  assert.ok(users.some(({ three }) => three.length === 3));
  db.close();
});

test('the plan, with its hand-written step, is portable', async () => {
  const json = plain(exportPlan(createEngine({ schema }).prepare(document)));
  const db = new Database();
  db.fill(1000);
  const result = await importPlan(schema, json).execute({ contextValue: { db }, variableValues: { first: 10 } });
  assert.equal(plain(result), plain((await run('plans', 10)).result));
  db.close();
});

test('npm run example:users-and-friends', async () => {
  const output = await printed('example:users-and-friends');
  assert.match(output, /\$\d+ app\.friendIds/);
  assert.match(output, /usersIn\(first: 100\): plans 7, naive resolvers \d{4}/);
  assert.not.match(output, /DIFFER/);
});

test.run();
