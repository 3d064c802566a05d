/** "One request, eight files" of src/README.md is true. */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, loader, loadOne, makeSchema } from '../../src/index.ts';
import { CallCounter } from '../support/CallCounter.ts';
import { readSource } from '../support/repository.ts';

const test = suite('one request, eight files');

// biome-ignore lint/suspicious/noExplicitAny: a schema without types
type Any = any;

const users = loader({
  name: 'app.users',
  load: async (ids: readonly string[]) => ids.map((id) => ({ id, name: 'Ada' })),
});
const engine = createEngine({
  schema: makeSchema({
    typeDefs: 'type Query { user(id: ID!): User } type User { id: ID! name: String! }',
    objects: { Query: { plans: { user: (_$root, { $id }: Any) => loadOne($id, users) as Any } } },
  }),
});
const document = parse('{ user(id: "1") { id name } }');

/** The files of the page, each with the functions that it names. */
function named(): ReadonlyArray<readonly [file: string, functions: readonly string[]]> {
  const [, page = ''] = readSource('src/README.md').split('## One request, eight files');
  const items = page.match(/^\d\. [\s\S]*?(?=^\d\. |^Everything else)/gm) ?? [];
  return items.map((item) => {
    const [, link = ''] = /\]\(([^)]+)\)/.exec(item) ?? [];
    const functions = [...item.matchAll(/`(#?[a-z]\w+)`/g)].map(([, name = '']) => name);
    return [link.startsWith('../') ? link.slice(3) : `src/${link}`, functions];
  });
}

test('all functions that the page names are called by such a request', async () => {
  const answer = () => engine.execute({ document });
  await answer();
  await answer();
  const counter = new CallCounter();
  await counter.start();
  await counter.take();
  const { errors } = await answer();
  const called = await counter.take();
  counter.stop();
  assert.is(errors, undefined);
  assert.is(named().length, 8);
  for (const [file, functions] of named()) {
    const names = new Set(called.get(file)?.map(({ name }) => name));
    assert.ok(functions.length > 0, `${file} comes with a function`);
    assert.equal(
      functions.filter((name) => !names.has(name)),
      [],
      `not called in ${file}`,
    );
  }
});

test.run();
