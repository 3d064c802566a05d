import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, loader, loadOne, makeSchema } from '../../src/index.ts';

const test = suite('held runs');

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const MEGABYTE = 2 ** 20;

const users = loader<{ id: unknown }>({
  name: 'heldRuns.users',
  load: async (ids) => ids.map((id) => ({ id })),
});

const { executeToBuffer } = createEngine({
  schema: makeSchema({
    typeDefs: 'type Query { user(id: ID!): User } type User { id: ID! }',
    objects: { Query: { plans: { user: (_, args) => loadOne(args.$id, users) } } },
  }),
});

test('a run that was answered is collected before the turn of the event loop is over', async () => {
  const document = parse('query ($id: ID!) { user(id: $id) { id } }');
  let hasTurned = false;
  setImmediate(() => {
    hasTurned = true;
  });
  const ask = async (): Promise<void> => {
    const contextValue = { attached: new Uint8Array(MEGABYTE) };
    await executeToBuffer({ document, variableValues: { id: 'u1' }, contextValue });
  };
  await ask();
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  for (let request = 0; request < 50; request++) await ask();
  // V8 gives back the memory of buffers beside the program, and counts it at the next collection.
  for (let collection = 0; collection < 3; collection++) collectGarbage();
  const held = process.memoryUsage().arrayBuffers - before;
  assert.not(hasTurned, 'all of this is one turn');
  assert.ok(held < 25 * MEGABYTE, `${held} bytes of 50 answered requests are held`);
});

test.run();
