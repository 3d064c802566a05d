import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LoadCache, slotOf } from '../../steps/load/LoadCache.ts';

const test = suite('load cache');

type Answer = 'at once' | 'later' | 'entries later';

/** A load of some keys, and how the loader answers it; nothing is waited for between those that come together. */
interface Load {
  readonly keys: readonly (string | null)[];
  readonly answer: Answer;
  readonly waitsBefore: boolean;
}

const loads = fc.array(
  fc.record({
    keys: fc.array(fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { freq: 4 }), { minLength: 1, maxLength: 5 }),
    answer: fc.constantFrom<Answer>('at once', 'later', 'entries later'),
    waitsBefore: fc.boolean(),
  }),
  { maxLength: 6 },
);

test('each row gets the entry of its key, and no key is asked for twice', async () => {
  await fc.assert(
    fc.asyncProperty(loads, async (all: readonly Load[]) => {
      const asked: unknown[] = [];
      const cache = new LoadCache('test', (entry) => entry);
      const results: unknown[] = [];
      for (const { keys, answer, waitsBefore } of all) {
        if (waitsBefore) await Promise.all(results);
        const result = cache.load(keys, keys.map(slotOf), (missing) => {
          asked.push(...missing);
          const entries = missing.map((key) => `${key}!`);
          if (answer === 'at once') return entries;
          if (answer === 'later') return Promise.resolve(entries);
          return entries.map((entry) => Promise.resolve(entry));
        });
        results.push(result);
      }
      const expected = all.map(({ keys }) => keys.map((key) => (key === null ? null : `${key}!`)));
      // Entries may be promises.
      const entries = await Promise.all(results.map(async (result) => Promise.all((await result) as unknown[])));
      assert.equal(entries, expected);
      assert.equal(asked.length, new Set(asked).size);
      assert.not(asked.includes(null));
    }),
  );
});

test('keys that nobody has do not hide those that come next', () => {
  const asked: unknown[] = [];
  const cache = new LoadCache('test', (entry) => entry);
  const load = (key: string | null): unknown =>
    cache.load([key], [key], (missing) => {
      asked.push(...missing);
      return missing;
    });
  assert.equal(load(null), [null]);
  assert.equal(load('a'), ['a']);
  assert.equal(load('a'), ['a']);
  assert.equal(asked, ['a']);
});

test.run();
