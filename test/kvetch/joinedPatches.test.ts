import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ObjectRow } from '../../src/kvetch/shards/rows.ts';
import { type Kvetch, memoryShards } from '../../src/kvetch.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import { manualClock, todoStore } from './todo.ts';

const test = suite('patches that are planned on top of each other');

type Patch = Readonly<Record<string, unknown>>;

const value = fc.constantFrom<unknown>(
  ...['x', 'y', '', '\ud800', 0, -0, 1.5, true, null, undefined, Number.NaN, 5n],
  ...[[1, -0, undefined], { a: { b: [-0] }, c: undefined }, { $date: 1 }, {}, [], 'long'.repeat(60)],
  ...[new Date(5), Uint8Array.of(1, 2), () => 1],
);

const user: fc.Arbitrary<Patch> = fc.dictionary(fc.constantFrom('a', 'b', '1', 'city', 'age', 'username'), value, {
  maxKeys: 3,
});
const item: fc.Arbitrary<Patch> = fc.oneof(
  fc.record({ text: fc.constantFrom<unknown>('a', 'b', null, 5) }, { requiredKeys: [] }),
  fc.record({ done: fc.constantFrom<unknown>(true, false, null), rank: fc.constantFrom<unknown>(1, -0, 5n, null) }),
  fc.record({ due: fc.constantFrom<unknown>(new Date(7), null), x: fc.constant(1) }, { requiredKeys: ['due'] }),
);

const limits = { maxBodyBytes: 400 };

/** Answers as they can be compared: the error, or the record. */
async function outcomes(answers: ReadonlyArray<Promise<object>>): Promise<unknown[]> {
  const settled = await Promise.allSettled(answers);
  return settled.map((one) => {
    if (one.status === 'fulfilled') return Object.entries({ ...one.value, id: null });
    const { code, message } = one.reason as { code: unknown; message: string };
    return [code, message.replace(/[0-9a-f-]{36}/g, 'id')];
  });
}

async function patched(type: string, start: Patch, patches: readonly Patch[], isJoined: boolean): Promise<unknown> {
  const shard = itemAt(memoryShards(1), 0);
  const kvetch: Kvetch = todoStore([shard], { limits, clock: manualClock() });
  const id = await kvetch.createObject(type, start);
  const answers: Promise<object>[] = [];
  for (const patch of patches) {
    const answer = kvetch.updateObject(id, patch);
    answers.push(answer);
    if (!isJoined) await answer.catch(() => null);
  }
  const found = await outcomes(answers);
  const [row] = (await shard.readObjects([id])) as readonly ObjectRow[];
  const record = Object.entries({ ...(await kvetch.getObject(id)), id: null });
  await kvetch.close();
  // the envelope of several names all that was taken away
  const json = row?.body.slice(row.body.indexOf('\n'));
  return [found, json, row?.codec, row?.version, record];
}

for (const [type, start, patch] of [
  ['User', { a: 1, b: [1], city: 'Oslo' }, user],
  ['Item', { text: 'a', done: false }, item],
] as const) {
  test(`of ${type}: together as one after the other, whatever is in them`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(patch, { maxLength: 8 }), async (patches) => {
        const [joined, alone] = [await patched(type, start, patches, true), await patched(type, start, patches, false)];
        assert.equal(joined, alone);
      }),
      { numRuns: 300 },
    );
  });
}

test('3,000 at once of an object of 500 attributes: all succeed, and each answer is of its own version', async () => {
  const kvetch = todoStore(memoryShards(1));
  const start = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`key${n}`, `value ${n} ${'-'.repeat(30)}`]));
  const id = await kvetch.createObject('User', start);
  const answers = await Promise.all(
    Array.from({ length: 3000 }, (_, n) => kvetch.updateObject(id, { [`key${n % 500}`]: n })),
  );
  for (const [n, answer] of answers.entries()) {
    assert.equal([answer.version, answer[`key${n % 500}`]], [n + 2, n]);
    const next = n < 500 ? start[`key${(n + 1) % 500}`] : n - 499;
    if (n !== 499) assert.is(answer[`key${(n + 1) % 500}`], next);
    assert.ok(Object.isFrozen(answer));
  }
  await kvetch.close();
});

test.run();
