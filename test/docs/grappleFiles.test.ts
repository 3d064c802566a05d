/** The files that docs/grapple.md shows of an application: they are put into one, type-checked and run. */
import { parse } from 'graphql';
import { createEngine } from 'planql';
import { createKvetch, memoryShards } from 'planql/kvetch';
import { PentContext } from 'planql/pent';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TestProject } from '../grapple/project.ts';
import { readSource } from '../support/repository.ts';

const test = suite('files of applications in guides');
const guide = readSource('docs/grapple.md');
const files = new Map(
  [...guide.matchAll(/^```typescript\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)].map(([, path, text]) => [path, text]),
);
const [, takenOver = ''] = /^```graphql\n([\s\S]*?)^```$/m.exec(guide) ?? [];

/** The schema in a constant of the guide. */
function schemaIn(name: string): string {
  return new RegExp(`const ${name} = /\\* GraphQL \\*/ \`([^\`]*)\``).exec(guide)?.[1] ?? '';
}

async function start(project: TestProject): Promise<(source: string) => Promise<unknown>> {
  const { schema, model } = await project.plans();
  const kvetch = createKvetch({ schema: await project.kvetchSchema(), shards: memoryShards(1) });
  const user = await kvetch.createObject('User', { name: 'ada' });
  if (model.classes.length > 1) {
    for (let n = 0; n < 2; n++) await kvetch.createObject('List', { owner: user });
  }
  return async (source) => {
    const { data, errors } = await createEngine({ schema }).execute({
      document: parse(source),
      variableValues: { user },
      contextValue: { pent: new PentContext({ kvetch, model, viewer: null }) },
    });
    assert.is(errors, undefined);
    return JSON.parse(JSON.stringify(data));
  };
}

test('a field that is taken over', async () => {
  const project = new TestProject();
  const sdl = schemaIn('right').replace(/lists\(.*\n/, `${takenOver}\n`);
  assert.match(sdl, '@custom\n');
  project.write('schema/lists.graphql', sdl);
  project.write('pents/User.ts', files.get('pents/User.ts') ?? '');
  project.generate();
  assert.equal(project.typeErrors(['generated/plans.ts']), []);
  const run = await start(project);
  const { user } = (await run(
    'query ($user: UUID!) { user(id: $user) { greeting lists { id } newest: lists(newestFirst: true) { id } } }',
  )) as { user: { greeting: string; lists: object[]; newest: object[] } };
  assert.is(user.greeting, 'Hello, ada');
  assert.is(user.lists.length, 2);
  assert.equal(user.newest, [...user.lists].reverse());
  project.remove();
});

test('a result that is one of several types', async () => {
  const project = new TestProject();
  project.write('schema/users.graphql', schemaIn('results'));
  project.write('pents/Mutation.ts', files.get('pents/Mutation.ts') ?? '');
  project.generate();
  assert.equal(project.typeErrors(['generated/plans.ts']), []);
  const run = await start(project);
  const signUp = (name: string): Promise<unknown> =>
    run(
      `mutation { signUp(data: { name: "${name}" }) { ... on UserPayload { user { name } } ... on NameTaken { suggestion } } }`,
    );
  assert.equal(await signUp('grace'), { signUp: { user: { name: 'grace' } } });
  assert.equal(await signUp('ada'), { signUp: { suggestion: 'ada2' } });
  project.remove();
});

test.run();
