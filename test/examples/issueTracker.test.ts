import { execute as executeWithGraphQL } from 'graphql';
import { createEngine } from 'planql';
import { createKvetch, type Kvetch, memoryShards } from 'planql/kvetch';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { issueTableByHand } from '../../examples/issue-tracker/byHand.ts';
import { Loaders } from '../../examples/issue-tracker/resolvers.ts';
import { resolverSchema, schema } from '../../examples/issue-tracker/schema.ts';
import { type StoreCounts, slowStore } from '../../examples/issue-tracker/slowStore.ts';
import { type Filled, fill, smallSize, storeSchema } from '../../examples/issue-tracker/store.ts';
import { issuePages, issueTable } from '../../examples/issue-tracker/views.ts';
import { reported } from '../support/reported.ts';
import { plain, printed } from './printed.ts';

const test = suite('examples/issue-tracker');
const engine = createEngine({ schema });
const shards = memoryShards(1);
const counts: StoreCounts = { calls: 0, keys: 0, waits: 0 };
const slowShards = shards.map((store) => slowStore(store, 1, counts));

let kvetch: Kvetch;
let filled: Filled;

test.before(
  reported(async () => {
    filled = await fill(createKvetch({ schema: storeSchema, shards }), smallSize(300));
    kvetch = createKvetch({ schema: storeSchema, shards: slowShards });
  }),
);

/** A member of all projects but the last, somebody who is a member of none, and nobody. */
const viewers = (): readonly (string | null)[] => [filled.userIds[0] ?? null, filled.userIds.at(-1) ?? null, null];

async function byPlans(key: string, viewerId: string | null): Promise<unknown> {
  return plain(
    await engine.execute({ document: issueTable, contextValue: { kvetch, viewerId }, variableValues: { key } }),
  );
}

async function byResolvers(key: string, viewerId: string | null): Promise<unknown> {
  const contextValue = new Loaders(kvetch, viewerId);
  return plain(
    await executeWithGraphQL({ schema: resolverSchema, document: issueTable, contextValue, variableValues: { key } }),
  );
}

test('plans, resolvers and the program by hand show each viewer the same', async () => {
  const seen = new Set<string>();
  for (const viewerId of viewers()) {
    for (const key of ['P0', 'P1', 'P3', 'nothing']) {
      const expected = await byResolvers(key, viewerId);
      assert.equal(await byPlans(key, viewerId), expected, key);
      assert.equal(plain(await issueTableByHand(kvetch, key, viewerId)), expected, key);
      seen.add(JSON.stringify(expected));
    }
  }
  // Two viewers of P0, one of P1, nobody of P3: else the checks would check nothing.
  assert.is(seen.size, 4);
});

test('plans make five waits, and two when they are asked again; one call each, and no key twice', async () => {
  const viewerId = filled.userIds[0] ?? null;
  Object.assign(counts, { calls: 0, keys: 0, waits: 0 });
  await issueTableByHand(kvetch, 'P1', viewerId);
  const { keys } = counts;
  // An engine of its own: that of the other tests has met many strangers, and learnt to start less ahead. And a store
  // that has not read these lists yet.
  const contextValue = { kvetch: createKvetch({ schema: storeSchema, shards: slowShards }), viewerId };
  const own = createEngine({ schema });
  for (const waits of [5, 2]) {
    Object.assign(counts, { calls: 0, keys: 0, waits: 0 });
    await own.execute({ document: issueTable, contextValue, variableValues: { key: 'P1' } });
    assert.equal(counts, { calls: waits, keys, waits });
  }
});

test('the table as a connection: the same rounds, and full pages for who may not see all', async () => {
  const all: number[] = [];
  let after: string | null = null;
  do {
    // An engine of its own, as above.
    Object.assign(counts, { calls: 0, keys: 0, waits: 0 });
    const { data, errors } = plain(
      await createEngine({ schema }).execute({
        document: issuePages,
        contextValue: {
          kvetch: createKvetch({ schema: storeSchema, shards: slowShards }),
          viewerId: filled.userIds[0],
        },
        variableValues: { key: 'P1', after },
      }),
    ) as { data: { project: { issuePage: IssuePage } }; errors?: unknown };
    assert.is(errors, undefined);
    assert.equal({ calls: counts.calls, waits: counts.waits }, { calls: 5, waits: 5 });
    const { edges, pageInfo, totalCount } = data.project.issuePage;
    assert.is(totalCount, 75);
    all.push(...edges.map(({ node }) => node.number));
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
  assert.is(all.length, 75);
  const stranger = plain(
    await engine.execute({
      document: issuePages,
      contextValue: { kvetch, viewerId: null },
      variableValues: { key: 'P0' },
    }),
  ) as { data: { project: { issuePage: IssuePage } } };
  const seen = stranger.data.project.issuePage.edges.map(({ node }) => node.number);
  assert.is(seen.length, 20);
  assert.ok(seen.every((number) => number % 9 !== 8));
});

interface IssuePage {
  readonly totalCount: number;
  readonly edges: ReadonlyArray<{ readonly node: { readonly number: number } }>;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

test('main prints what each way asked of the store', async () => {
  const text = await printed('example:issue-tracker');
  assert.match(text, /^plans +\d+ waits, \d+ calls, \d+ keys/m);
  assert.match(text, /^by hand +5 waits/m);
});

test.run();
