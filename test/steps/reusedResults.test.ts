/** Loaders that hand out the same list again: what they put into it later is not what they gave. */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { each, get, loader, loadOne } from '../../steps/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: plan resolvers without types
type Any = any;

const test = suite('loaders that use their lists again');

const given: unknown[] = [];

function refilled(ids: readonly number[]): readonly unknown[] {
  given.length = 0;
  for (const id of ids) given.push({ id, bestId: id * 10 });
  return given;
}

const loaders = {
  'at once': loader<Any, number>({ name: 'test.refilledAtOnce', load: refilled }),
  later: loader<Any, number>({ name: 'test.refilledLater', load: async (ids) => refilled(ids) }),
  'for several requests': loader<Any, number>({
    name: 'test.refilledShared',
    load: async (ids) => refilled(ids),
    batch: { contextKey: () => given },
  }),
};

for (const [name, users] of Object.entries(loaders)) {
  for (const codegen of ['never', 'always'] as const) {
    test(`${name}, code: ${codegen}`, async () => {
      const schema = makeSchema({
        typeDefs: 'type Query { users(ids: [Int!]!): [User] } type User { id: Int best: User }',
        objects: {
          Query: { plans: { users: (_$root: Any, { $ids }: Any) => each($ids, ($id: Any) => loadOne($id, users)) } },
          User: { plans: { best: ($user: Any) => loadOne(get($user, 'bestId'), users) } },
        },
      } as Any);
      const engine = createEngine({ schema, codegen });
      const document = parse('{ users(ids: [1, 2]) { id best { id best { id } } } }');
      const user = (id: number): object => ({ id, best: { id: id * 10, best: { id: id * 100 } } });
      for (let time = 0; time < 3; time++) {
        assert.equal(JSON.parse(await engine.executeToString({ document })), { data: { users: [user(1), user(2)] } });
      }
    });
  }
}

test.run();
