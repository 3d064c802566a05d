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

test('an operation that comes again after it left is planned again, and stays', () => {
  const engine = engineOf(100);
  engine.run('Rare');
  engine.runMany('First', 20);
  const second = engine.run('Rare');
  assert.is(engine.stats().misses, 22);
  engine.runMany('Second', 60);
  assert.is(engine.run('Rare'), second);
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
  const maxSize = 4_000_000; // a plan that came once may take a 512th of it
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
