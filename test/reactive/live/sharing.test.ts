/** Live queries that are equal share their runs (spec 11.7). */
import { parse, visit } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../support/until.ts';
import { endAll, equals, Follower, openWorld, request, results } from './world.ts';

const test = suite('shared live queries');

const PATCH = { live: { patch: true } };

test.after.each(endAll);

test('500 equal live queries: one change is one run and one diff [11.7.7]', async () => {
  const world = openWorld();
  const { kvetch, live, reactive } = world;
  const ann = await kvetch.createObject('User', { name: 'Ann' });
  for (let n = 0; n < 20; n++) await kvetch.createObject('List', { owner: ann, title: `List ${n}` });
  const args = () => request(world, ann, { extensions: PATCH });
  const generators = Array.from({ length: 500 }, () => results(world, args()));
  const all = generators.map((generator) => Follower.of(generator));
  await until('all have a result', () => all.every(({ rev }) => rev === 1));
  assert.equal(live.stats, { runs: 1, parts: 0, diffs: 0, queries: 500, different: 1 });
  await kvetch.updateObject(ann, { name: 'Anna' });
  await until('all have the next one', () => all.every(({ rev }) => rev === 2));
  assert.equal(live.stats, { runs: 2, parts: 1, diffs: 1, queries: 500, different: 1 });
  const expected = await world.fresh(args().document, { id: ann });
  for (const { data, patches } of all) assert.ok(equals(data, expected) && patches === 1);
  for (const generator of generators) await generator.return();
  assert.equal(live.stats, { runs: 2, parts: 1, diffs: 1, queries: 0, different: 0 });
  assert.equal(reactive.watches.size, { keys: 0, watches: 0 });
});

test('a latecomer gets the last result whole, at once, without a run [11.7.8]', async () => {
  const world = openWorld();
  const { kvetch, live } = world;
  const ann = await kvetch.createObject('User', { name: 'Ann' });
  const first = Follower.of(results(world, request(world, ann)));
  await until('there is a result', () => first.rev === 1);
  await kvetch.updateObject(ann, { name: 'Anna' });
  await until('there is another one', () => first.rev === 2);
  const { value } = await results(world, request(world, ann, { extensions: PATCH })).next();
  assert.equal(value?.extensions, { live: { rev: 2 } });
  assert.match(JSON.stringify(value?.data), 'Anna');
  assert.is(live.stats.runs, 2);
});

test('a document that a program has changed shares nothing with the one that it was made of [11.7.7]', async () => {
  const world = openWorld();
  const ann = await world.kvetch.createObject('User', { name: 'Ann' });
  const whole = request(world, ann);
  await results(world, whole).next();
  const document = visit(whole.document, { Field: ({ name }) => (name.value === 'name' ? null : undefined) });
  const { value } = await results(world, { ...whole, document }).next();
  assert.not.match(JSON.stringify(value?.data), '"name":');
  assert.is(world.live.stats.different, 2);
});

test('after a change that nobody has asked for, a latecomer gets no old result [11.7.8]', async () => {
  const world = openWorld();
  const { kvetch } = world;
  const ann = await kvetch.createObject('User', { name: 'Ann' });
  await results(world, request(world, ann)).next();
  await kvetch.updateObject(ann, { name: 'Anna' });
  const { value } = await results(world, request(world, ann)).next();
  assert.match(JSON.stringify(value?.data), 'Anna');
});

test('somebody who does not read holds nobody up, and gets the newest result whole [11.7.8, 11.7.11]', async () => {
  const world = openWorld();
  const { kvetch, fresh } = world;
  const ann = await kvetch.createObject('User', { name: 'Ann' });
  for (let n = 0; n < 20; n++) await kvetch.createObject('List', { owner: ann, title: `List ${n}` });
  const args = () => request(world, ann, { extensions: PATCH });
  const slow = results(world, args());
  await slow.next();
  const quick = Follower.of(results(world, args()));
  await until('the quick one has the first', () => quick.rev === 1);
  for (let n = 0; n < 10; n++) {
    const { rev } = quick;
    await kvetch.updateObject(ann, { name: `Ann ${n}` });
    await until('the quick one has it', () => quick.rev > rev);
  }
  const { value } = await slow.next();
  assert.equal(value?.extensions, { live: { rev: quick.rev } });
  assert.ok(equals(value?.data, await fresh(args().document, { id: ann })));
  const pending = slow.next();
  await kvetch.updateObject(ann, { name: 'Anna' });
  const next = (await pending).value?.extensions?.live;
  assert.equal(Object.keys(Object(next)), ['rev', 'base', 'patch'], 'from there on patches fit again');
});

test('nothing is shared between subjects, without a subject, or where something is different [11.7.7]', async () => {
  const world = openWorld();
  const { kvetch, live } = world;
  const [ann, bob] = [await kvetch.createObject('User', {}), await kvetch.createObject('User', {})];
  const viewer = parse('query A @live { viewer } query B @live { viewer }');
  const ask = async (more: object): Promise<unknown> =>
    (await results(world, request(world, ann, more)).next()).value?.data;
  const A = { document: viewer, variableValues: {}, operationName: 'A' };
  assert.equal(await ask({ ...A, subject: 'ann' }), { viewer: 'ann' });
  assert.equal(await ask({ ...A, subject: 'bob' }), { viewer: 'bob' });
  assert.is(live.stats.different, 2);
  await ask({ ...A, operationName: 'B', subject: 'bob' });
  assert.is(live.stats.different, 3);
  await ask({ ...A, subject: undefined });
  await ask({ ...A, subject: undefined });
  assert.is(live.stats.different, 5);
  await ask({ variableValues: { id: ann } });
  await ask({ variableValues: { id: bob } });
  assert.is(live.stats.different, 7);
  await ask({ variableValues: { id: bob, more: undefined } });
  await ask({ variableValues: JSON.parse(`{"__proto__": {"id": "1"}, "id": "${bob}"}`) });
  assert.is(live.stats.different, 9, 'what is named __proto__ counts');
});

test('a scope of yours may share more, and then the keys of extensions.reactive stay with their subjects [11.7.7]', async () => {
  const world = openWorld({ scope: () => 'everybody' });
  const { kvetch, live } = world;
  const ann = await kvetch.createObject('User', {});
  for (const subject of ['ann', 'bob']) await results(world, request(world, ann, { subject })).next();
  assert.equal([live.stats.different, live.stats.runs], [1, 1]);
  const extensions = { reactive: { v: 1 } };
  const grants = new Set<unknown>();
  for (const subject of ['ann', 'bob']) {
    const { value } = await results(world, request(world, ann, { subject, extensions })).next();
    grants.add(Object(value?.extensions?.reactive).grant);
  }
  assert.is(grants.size, 2);
  assert.is(live.stats.different, 3);
});

test('where the one goes whose context is used, another one runs [11.7.8]', async () => {
  const world = openWorld();
  const { kvetch, contextValue } = world;
  const ann = await kvetch.createObject('User', { name: 'Ann' });
  let isOpen = true;
  let hang: (() => void) | null = null;
  const context = async (): Promise<object> => {
    if (isOpen) return contextValue();
    await new Promise<void>((resolve) => {
      hang = resolve;
    });
    throw new Error('The connection of this request was closed.');
  };
  const first = results(world, request(world, ann, { context }));
  await first.next();
  const second = Follower.of(results(world, request(world, ann)));
  await until('both have a result', () => second.rev === 1);
  isOpen = false;
  await kvetch.updateObject(ann, { name: 'Anna' });
  await until('the first one is asked', () => hang !== null);
  await first.return();
  (hang as unknown as () => void)();
  await until('the second one has the change', () => second.rev === 2);
  assert.is(second.errors, undefined);
});

test.run();
