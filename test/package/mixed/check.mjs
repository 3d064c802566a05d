// The half of a program that loads planql by `import`, and what must hold between the two.
import assert from 'node:assert/strict';
import { parse } from 'graphql';
import * as planql from 'planql';
import * as execute from 'planql/execute';
import * as kvetch from 'planql/kvetch';

const imported = { planql, execute, kvetch };

/** Each copy plans, runs, exports, imports and stores what the other one made. */
export async function check(required) {
  for (const [one, other] of [
    [imported, required],
    [required, imported],
  ]) {
    await checkSteps(one, other);
    await checkStore(one, other);
  }
  assert.equal(required.planql.Step, imported.planql.Step);
  assert.equal(required.execute.Step, imported.planql.Step);
}

async function checkSteps({ planql: one }, { planql: other, execute }) {
  const byId = other.loader({
    name: 'mixed.byId',
    load: (ids) => ids.map((id) => (id === 2 ? other.exit : { id, name: `user ${id}` })),
  });
  const text = other.fn('mixed.text', ([name, id]) => `${name}, ${id}`);
  class OwnStep extends other.Step {
    static op = 'mixed.own';
    execute(count) {
      return Array.from({ length: count }, () => other.fail(new other.SafeError('It failed.', { code: 'OWN' })));
    }
  }
  other.registerSteps(OwnStep);
  const refuse = other.fn('mixed.refuse', () => {
    throw new other.SafeError('No.');
  });
  const schema = one.makeSchema({
    typeDefs: 'type Query { users: [User] own: Int refused: Int } type User { id: ID text: String }',
    objects: {
      Query: {
        plans: {
          users: () => one.each(other.constant([1, 2]), ($id) => other.loadOne($id, byId)),
          own: () => new OwnStep(),
          refused: () => other.lambda(one.constant(1), refuse),
        },
      },
      User: { plans: { text: ($user) => one.lambda([other.get($user, 'name'), one.get($user, 'id')], text) } },
    },
  });
  const engine = one.createEngine({ schema });
  const source = '{ users { id text } own refused }';
  const request = { document: parse(source) };
  const expected = {
    errors: [
      { message: 'It failed.', locations: [{ line: 1, column: 21 }], path: ['own'], extensions: { code: 'OWN' } },
      { message: 'No.', locations: [{ line: 1, column: 25 }], path: ['refused'] },
    ],
    data: { users: [{ id: '1', text: 'user 1, 1' }, null], own: null, refused: null },
  };
  assert.deepEqual(plain(await engine.execute(request)), expected);
  const exported = plain(one.exportPlan(engine.prepare(parse(source))));
  const executor = execute.createExecutor({ schema });
  assert.deepEqual(plain(await executor.importPlan(exported).execute({})), expected);
}

/** The engine and store are of one copy, the steps and the schema of the store of the other. */
async function checkStore({ planql: one, kvetch: store }, { planql: other, kvetch: steps }) {
  const schema = steps.defineKvetchSchema({ objects: [{ typeId: 1, name: 'User', fields: { name: 'string' } }] });
  const users = store.createKvetch({ schema, shards: steps.memoryShards(2) });
  const id = await users.createObject('User', { name: 'Ada' });
  await assert.rejects(users.createObject('Nobody', {}), (error) => {
    return error instanceof steps.KvetchError && error instanceof other.PlanqlError;
  });
  const engine = one.createEngine({
    schema: one.makeSchema({
      typeDefs: 'type Query { user(id: ID!): User } type User { id: ID name: String }',
      objects: { Query: { plans: { user: (_$root, { $id }) => steps.loadObject($id) } } },
    }),
  });
  const document = parse('query ($id: ID!) { user(id: $id) { id name } }');
  assert.deepEqual(plain(await engine.execute({ document, variableValues: { id }, contextValue: { kvetch: users } })), {
    data: { user: { id, name: 'Ada' } },
  });
}

function plain(value) {
  return JSON.parse(JSON.stringify(value));
}
