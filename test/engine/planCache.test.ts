import { type ExecutionResult, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { constant, createEngine, makeSchema } from '../../src/index.ts';

const test = suite('the plan cache');
const schema = makeSchema({ typeDefs: 'type Query { n: Int }' });

function engineOf(max: number) {
  const engine = createEngine({ schema, planCache: { max } });
  return {
    run: (name: string) => engine.prepare(parse(`query ${name} { n }`)),
    runMany(prefix: string, count: number) {
      for (let index = 0; index < count; index++) this.run(`${prefix}${index}`);
    },
    stats: () => engine.stats().planCache,
  };
}

test('operations that come once leave what comes again where it is', () => {
  const engine = engineOf(100);
  const plan = engine.run('Hot');
  assert.is(engine.run('Hot'), plan);
  engine.runMany('Once', 500);
  assert.is(engine.run('Hot'), plan);
});

test('operations in rotation are planned once each, at the usual size of a server', () => {
  for (const count of [50, 300, 2_000]) {
    const engine = createEngine({ schema });
    for (let round = 0; round < 3; round++) {
      for (let index = 0; index < count; index++) engine.prepare(parse(`query Q${index} { n a: n b: n c: n d: n }`));
    }
    const { hits, misses } = engine.stats().planCache;
    assert.equal({ hits, misses }, { hits: 2 * count, misses: count });
  }
});

test('a cache of no plans, or of no bytes, keeps none', () => {
  for (const planCache of [{ max: 0 }, { maxSize: 0 }]) {
    const engine = createEngine({ schema, planCache, documents: { max: 0 } });
    const document = engine.document('{ n }');
    assert.ok('kind' in document);
    for (let round = 0; round < 2; round++) assert.is(engine.executeToString({ document }), '{"data":{"n":null}}');
    const { plans, bytes, misses } = engine.stats().planCache;
    assert.equal({ plans, bytes, misses }, { plans: 0, bytes: 0, misses: 2 });
    assert.is.not(engine.document('{ n }'), document);
  }
});

test('holds no more plans than it may', () => {
  for (const max of [1, 2, 8, 20, 1000]) {
    const engine = engineOf(max);
    for (let round = 0; round < 3; round++) {
      engine.runMany('Q', 60);
      const { plans } = engine.stats();
      assert.ok(plans > 0 && plans <= max, `${plans} of at most ${max}`);
    }
  }
});

test('plans that came once and the others take no more than they may together', () => {
  const maxSize = 4_000_000;
  const engine = createEngine({ schema, planCache: { max: 4000, maxSize } });
  const prepare = (name: string) => engine.prepare(parse(`query ${name} { a0: n a1: n a2: n a3: n }`));
  for (let index = 0; index < 1500; index++) {
    prepare(`Q${index}`);
    prepare(`Q${index}`);
  }
  for (let index = 0; index < 64; index++) prepare(`Once${index}`);
  assert.ok(engine.stats().planCache.bytes <= maxSize, `${engine.stats().planCache.bytes} bytes`);
});

test('counts what plans take', () => {
  const engine = engineOf(1000);
  engine.run('A');
  const { bytes } = engine.stats();
  assert.ok(bytes > 0);
  engine.run('A');
  const again = engine.stats().bytes;
  assert.ok(again > bytes, 'with the document that the second request brought');
  engine.run('A');
  assert.is(engine.stats().bytes, again);
});

test('what cannot be an amount is refused, whatever would come of it', () => {
  for (const amount of [-1, Number.NaN, '5' as never, null as never]) {
    for (const options of [
      { planCache: { max: amount } },
      { planCache: { maxSize: amount } },
      { documents: { max: amount } },
      { documents: { maxBytes: amount } },
    ]) {
      assert.throws(() => createEngine({ schema, ...options }), /must be 0 or more/);
    }
  }
});

// Of the plans that come once every other one rests.
for (const isResting of [false, true]) {
  test(`a plan ${isResting ? 'at rest' : 'that stays ready'} runs as before, also where somebody held it`, async () => {
    const typed = makeSchema({ typeDefs: 'type Query { n(x: Int): Int, fails: Int! }' });
    const rootValue = {
      n: ({ x }: { x: number }) => x,
      fails: () => {
        throw new Error('no');
      },
    };
    const engine = createEngine({ schema: typed });
    if (isResting) engine.prepare(parse('query Before { n }'));
    const document = parse('query Rests($x: Int) { n(x: $x) fails }');
    const held = engine.prepare(document);
    const request = { rootValue, variableValues: { x: 2 } };
    const before = JSON.stringify(await held.execute(request));
    for (let index = 0; index < 3; index++) engine.prepare(parse(`query Q${index} { n }`)); // another one was planned
    assert.is(JSON.stringify(await held.execute(request)), before);
    assert.is(JSON.stringify(await engine.execute({ document, ...request })), before);
    assert.is(engine.prepare(parse('query Rests($x: Int) { n(x: $x) fails }')), held);
    assert.is(engine.exportPlan(held).document, 'query Rests($x: Int) { n(x: $x) fails }');
  });

  test(`plans that are no JSON stay what they are${isResting ? ', where others rest' : ''}`, async () => {
    const cause = new Error('not today');
    const typed = makeSchema({
      typeDefs: 'type Query { when: String fails: Int }',
      objects: {
        Query: {
          plans: {
            when: () => constant(new Date(1234)),
            fails: () => {
              throw cause;
            },
          },
        },
      },
    });
    for (const text of ['{ when }', '{ fails }']) {
      const engine = createEngine({ schema: typed });
      if (isResting) engine.prepare(parse('query Before { __typename }'));
      const run = () => engine.execute({ document: parse(text) }) as ExecutionResult;
      const before = run();
      for (const name of ['A', 'B']) engine.prepare(parse(`query ${name} { __typename }`)); // another one was planned
      const after = run();
      assert.equal(JSON.stringify(after), JSON.stringify(before));
      assert.is(after.errors?.[0]?.originalError?.cause, before.errors?.[0]?.originalError?.cause);
      if (text === '{ fails }') assert.is(after.errors?.[0]?.originalError?.cause, cause);
    }
  });
}

test('of a flood of operations that come once, those that come twice are kept from then on', () => {
  const engine = createEngine({ schema, planCache: { maxSize: 200_000 } });
  const run = (name: string) => engine.prepare(parse(`query ${name} { n }`));
  for (let index = 0; index < 500; index++) run(`Flood${index}`);
  run('New');
  const plan = run('New');
  for (let index = 500; index < 1000; index++) run(`Flood${index}`);
  assert.is(run('New'), plan);
  const { bytes } = engine.stats().planCache;
  assert.ok(bytes <= 200_000, `${bytes} bytes`);
});

test('a plan that comes back knows the conditions that may be no boolean', () => {
  const engine = createEngine({ schema });
  const text = (index: number): string =>
    `query Q${index}($on: Boolean = true) { a${index}: n ...F @include(if: $on) } fragment F on Query { n }`;
  const run = (index: number, on: unknown): ExecutionResult =>
    engine.execute({ document: parse(text(index)), variableValues: { on } }) as ExecutionResult;
  for (let index = 0; index < 4; index++) run(index, true);
  for (let index = 0; index < 4; index++) {
    assert.match(String(run(index, null).errors), /null/);
    assert.equal(Object.keys(run(index, false).data ?? {}), [`a${index}`]);
  }
});

test.run();
