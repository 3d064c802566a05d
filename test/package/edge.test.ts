import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { type BuildOptions, type BuildResult, build } from 'esbuild';
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/index.ts';
import type { PlanStore } from '../../src/plan/PlanStore.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import * as steps from '../../steps/index.ts';
import { reported } from '../support/reported.ts';
import { repositoryRoot } from '../support/repository.ts';
import { install } from './built.ts';

/** `planql/execute` where there is no Node: in browsers, and in workers at the edge. */
const test = suite('planql/execute without Node');

/** What browsers and workers have besides the language (the Minimum Common Web API), as far as planql needs it. */
const webGlobals = {
  ...{ TextEncoder, TextDecoder, performance, queueMicrotask, setTimeout, clearTimeout, btoa, atob },
  ...{ AbortController, AbortSignal, structuredClone, console },
};

interface Responses {
  readonly warm: object;
  readonly object: string;
  readonly text: string;
  readonly bytes: string;
  readonly chunks: string;
}

type ResponsesOf = (request: object) => Promise<Responses>;

const typeDefs = `type Query { users(ids: [ID!]!): [User] people: People }
  type User { id: ID name: String node: ID }
  type People { edges: [Edge] } type Edge { cursor: String node: Int }`;
const source = `query ($ids: [ID!]!) {
  users(ids: $ids) { id name node }
  people { edges { cursor node } }
}`;
let folder: string;

test.before(
  reported(async () => {
    ({ folder } = await install());
    copyFileSync(join(repositoryRoot, 'test/package/edge.mjs'), join(folder, 'edge.mjs'));
  }),
);

test('its bundle imports no module of Node', async () => {
  const { metafile } = await bundled({ external: ['graphql'], format: 'esm' });
  const outside = Object.values(metafile?.outputs ?? {}).flatMap(({ imports }) => imports);
  assert.equal([...new Set(outside.map(({ path }) => path))].sort(), ['graphql', 'node:diagnostics_channel']);
  // lru-cache tries it when it is loaded, and does without. Browser builds of it do not.
  const [tried] = outside.filter(({ path }) => path.startsWith('node:'));
  assert.is(tried?.kind, 'dynamic-import');
  const browser = await bundled({ external: ['graphql'], format: 'esm', platform: 'browser' });
  const [output] = Object.values(browser.metafile?.outputs ?? {});
  assert.equal([...new Set(output?.imports.map(({ path }) => path))], ['graphql']);
});

for (const waits of [false, true]) {
  test(`it answers as in Node, from signed plans of a store: loaders ${waits ? 'that wait' : 'that answer at once'}`, async () => {
    const secret = 'a secret of this test';
    const { plans, expected } = await planned(secret);
    const responsesOf = await loaded();
    const responses = await responsesOf({ typeDefs, source, plans, secret, waits });
    assert.equal(responses, {
      warm: { imported: 1, refused: 0 },
      ...{ object: expected, text: expected, bytes: expected, chunks: expected },
    });
    const { warm } = await responsesOf({ typeDefs, source, plans, secret: 'another secret of it', waits });
    assert.equal(warm, { imported: 0, refused: 1 });
  });
}

test.run();

/** The plan of the operation in a store, and its response in Node. */
async function planned(secret: string): Promise<{ plans: [string, unknown][]; expected: string }> {
  const users = steps.loader({
    name: 'edge.users',
    load: (ids: readonly string[]) =>
      ids.map((id) => (id === 'no' ? new Error('There is none.') : { id, name: `Zoë "${id}" \u{1f600}` })),
  });
  const schema = makeSchema({
    typeDefs,
    objects: {
      Query: {
        plans: {
          users: (_$root, { $ids }) => steps.each($ids, ($id) => steps.loadOne($id, users)),
          people: () => steps.connection(steps.constant([5, 6])),
        },
      },
      User: { plans: { node: ($user) => steps.nodeId('User', steps.get($user, 'name')) } },
    },
  });
  const plans = new Map<string, unknown>();
  const planStore: PlanStore = {
    get: (key) => plans.get(key) ?? null,
    set: (key, plan) => void plans.set(key, JSON.parse(JSON.stringify(plan))),
    async *all() {
      yield* plans.values();
    },
  };
  const engine = createEngine({ schema, planStore, planStoreOptions: { secret } });
  const args = { document: parse(source), variableValues: { ids: ['a', 'no', 'b'] }, contextValue: {} };
  await engine.executeToString(args);
  const expected = await engine.executeToString(args);
  await engine.saved();
  return { plans: [...plans], expected };
}

/** The bundled program, in a context with nothing of Node. */
async function loaded(): Promise<ResponsesOf> {
  await bundled({ format: 'iife', globalName: 'edge', mainFields: ['module', 'main'] });
  const context = createContext({ ...webGlobals });
  runInContext(readFileSync(join(folder, 'edge.js'), 'utf8'), context);
  const { responsesOf } = (context as { edge: { responsesOf: ResponsesOf } }).edge;
  // Objects of the context have prototypes of their own.
  return async (request) => JSON.parse(JSON.stringify(await responsesOf(request))) as Responses;
}

function bundled(options: BuildOptions): Promise<BuildResult> {
  return build({
    ...{ entryPoints: [join(folder, 'edge.mjs')], outfile: join(folder, 'edge.js'), platform: 'neutral' },
    ...{ bundle: true, metafile: true, logLevel: 'error' },
    ...options,
  });
}
