/** Patches of live queries (spec 11.7). */
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { patched } from '../../../src/reactive/client/patch.ts';
import { jsonPatch } from '../../../src/reactive/live/jsonPatch.ts';
import { until } from '../../support/until.ts';
import { endAll, equals, Follower, openWorld, request, results } from './world.ts';

const test = suite('patches');
test.after.each(endAll);

const PATCH = { live: { patch: true } };

/** Numbers that are the same in each run. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

test('500 random changes: after each the patched data equals a fresh answer (design 1.11) [11.7.10]', async () => {
  const world = openWorld();
  const { kvetch, fresh } = world;
  const random = randomOf(11);
  const ann = await kvetch.createObject('User', { name: 'Ann' });
  const args = request(world, ann, { extensions: PATCH });
  const follower = Follower.of(results(world, args));
  const lists = [await kvetch.createObject('List', { owner: ann, title: 'first' })];
  const items: string[] = [];
  const any = (ids: string[]): string => ids[random(ids.length)] ?? '';
  let wholes = 0;
  for (let n = 0; n < 500; n++) {
    const kind = random(8);
    if (kind === 0) lists.push(await kvetch.createObject('List', { owner: ann, title: `${n}` }));
    else if (kind < 3 || items.length === 0) {
      items.push(await kvetch.createObject('Item', { list: any(lists), text: `${n}` }));
    } else if (kind === 3) await kvetch.updateObject(any(lists), { title: `title ${n}` });
    else if (kind === 4) await kvetch.updateObject(any(items), { list: any(lists) });
    else if (kind === 5) await kvetch.updateObject(any(items), { text: `text ${n}` });
    else if (kind === 6) await kvetch.updateObject(ann, { name: `Ann ${n}` });
    else {
      const [item = ''] = items.splice(random(items.length), 1);
      await kvetch.deleteObject(item);
    }
    const expected = await fresh(args.document, { id: ann });
    wholes += JSON.stringify(expected).length;
    await until(`change ${n} is seen`, () => equals(follower.data, expected));
  }
  assert.ok(follower.patches > 0.8 * follower.payloads, `${follower.patches} of ${follower.payloads} are patches`);
  assert.ok(follower.bytes < wholes / 10, `${follower.bytes} bytes instead of ${wholes}`);
});

test('any JSON becomes any other JSON', () => {
  const random = randomOf(5);
  const names = ['a', 'b', '~x', 'a/b', '__proto__', 'constructor', '_t', 'id', '0', ''];
  const any = (depth: number): unknown => {
    const kind = random(8);
    if (depth === 0 || kind < 2) return [null, 1, 'x', true, 2, ''][random(6)];
    if (kind > 4) return Object.fromEntries(names.filter(() => random(2) === 0).map((name) => [name, any(depth - 1)]));
    const ids = Array.from({ length: 8 }, (_, id) => [random(1000), id] as const).sort(([a], [b]) => a - b);
    return ids.slice(random(8)).map(([, id]) => (random(9) === 0 ? any(depth - 1) : { id, value: any(depth - 1) }));
  };
  for (let n = 0; n < 5000; n++) {
    const [before, after] = [any(4), any(4)].map((value) => JSON.parse(JSON.stringify(value)));
    const text = JSON.stringify(before);
    const patch = JSON.parse(JSON.stringify(jsonPatch(before, after)));
    assert.ok(isDeepStrictEqual(patched(before, patch), after), `${text} to ${JSON.stringify(after)}`);
    assert.is(JSON.stringify(before), text, 'what is patched stays as it was');
  }
  assert.is(Object(Object.prototype).value, undefined);
});

test('lists of objects with ids: what is put in front, removed or moved is named alone [11.7.10, 11.7.11]', () => {
  const rows = Array.from({ length: 1000 }, (_, id) => ({ __typename: 'Item', id: `${id}`, text: `${id}` }));
  const of = (after: readonly object[]) => jsonPatch({ rows }, { rows: after });
  const row = { __typename: 'Item', id: 'new', text: '' };
  assert.equal(of([row, ...rows]), [{ op: 'add', path: '/rows/0', value: row }]);
  assert.equal(of(rows.slice(1)), [{ op: 'remove', path: '/rows/0' }]);
  assert.equal(of([...rows.slice(1), ...rows.slice(0, 1)]), [{ op: 'move', from: '/rows/0', path: '/rows/999' }]);
  assert.equal(of([...rows.slice(999), ...rows.slice(0, 999)]), [{ op: 'move', from: '/rows/999', path: '/rows/0' }]);
  const turned = [...rows].reverse();
  assert.equal(of(turned), [{ op: 'replace', path: '/rows', value: turned }]);
  const other = rows.map((known) => (known.id === '7' ? { ...known, __typename: 'Task' } : known));
  assert.equal(
    of(other).map(({ op, path }) => `${op} ${path}`),
    ['remove /rows/7', 'add /rows/7'],
    'another type is another object',
  );
});

test('a patch that does not fit is an error, and nothing is changed by it', () => {
  const data = { rows: [{ a: 1 }] };
  for (const [op, path] of [
    ['replace', '/no'],
    ['remove', '/rows/1'],
    ['add', '/rows/2'],
    ['replace', '/rows/0/a/b'],
    ['replace', '/__proto__/polluted'],
    ['remove', '/constructor'],
  ] as const) {
    assert.throws(() => patched(data, [{ op, path, value: 1 }]), /does not fit/);
  }
  assert.throws(() => patched(data, [{ op: 'move', from: '/__proto__/x', path: '/x' }]), /does not fit/);
  assert.is(Object(Object.prototype).polluted, undefined);
});

test('what is larger than 60 % of the whole, what has errors, and what follows errors is sent whole [11.7.4, 11.7.11]', async () => {
  const world = openWorld();
  const { kvetch } = world;
  const ann = await kvetch.createObject('User', { name: 'Ann' });
  const small = results(world, request(world, ann, { extensions: PATCH }));
  await small.next();
  await kvetch.updateObject(ann, { name: 'a name that is longer than what else there is'.repeat(9) });
  assert.equal((await small.next()).value?.extensions, { live: { rev: 2 } });
  let isBad = false;
  const context = (): object => {
    if (isBad) throw new Error('with a password');
    return world.contextValue();
  };
  for (let n = 0; n < 20; n++) await kvetch.createObject('List', { owner: ann, title: `List ${n}` });
  const live = results(world, request(world, ann, { extensions: PATCH, context, subject: 'bob' }));
  await live.next();
  isBad = true;
  await kvetch.updateObject(ann, { name: 'Anna' });
  const { value: failed } = await live.next();
  assert.is(JSON.stringify(failed?.errors).includes('password'), false);
  assert.equal([failed?.extensions, failed?.data], [{ live: { rev: 2 } }, undefined]);
  isBad = false;
  const { value: whole } = await live.next();
  assert.equal(whole?.extensions, { live: { rev: 3 } });
  await kvetch.updateObject(ann, { name: 'Ann' });
  assert.equal(Object.keys(Object((await live.next()).value?.extensions?.live)), ['rev', 'base', 'patch']);
});

test('a list without ids is compared by place; dates and numbers of other classes as clients get them', async () => {
  const world = openWorld();
  const { kvetch, fresh } = world;
  const ann = await kvetch.createObject('User', { name: 'Ann' });
  for (let n = 0; n < 9; n++) await kvetch.createObject('Tag', { user: ann, text: `tag ${n}` });
  const document = parse('query ($id: ID!) @live { user(id: $id) { tags { text } } }');
  const follower = Follower.of(results(world, request(world, ann, { document, extensions: PATCH })));
  await until('there is a result', () => follower.rev === 1);
  await kvetch.createObject('Tag', { user: ann, text: 'ten' });
  const expected = await fresh(document, { id: ann });
  await until('the change is seen', () => equals(follower.data, expected));
  assert.is(follower.patches, 1);
});

test.run();
