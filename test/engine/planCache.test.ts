import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, makeSchema } from '../../src/index.ts';

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

test('counts what plans take, also of those that came once', () => {
  const engine = engineOf(1000);
  engine.run('A');
  const { bytes } = engine.stats();
  assert.ok(bytes > 0);
  engine.run('A');
  assert.is(engine.stats().bytes, bytes);
});

test.run();
