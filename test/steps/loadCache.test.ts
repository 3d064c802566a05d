import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LoadCache } from '../../steps/load/LoadCache.ts';
import { firstMapKeys, mapKeyOf } from '../../steps/load/mapKeys.ts';

const test = suite('load cache');

type Answer = 'at once' | 'later' | 'entries later';

type Key = string | number | null | readonly [string, string, number];

/** Those that differ in their second part alone, and others. */
const tuples: readonly Key[] = [
  ...['d', 'a', 'c', 'b'].map((of): Key => ['e', of, 1]),
  ...[['f', 'a', 1] as const, ['e', 'a', 2] as const],
];

const entryOf = (key: unknown): string => `${typeof key}${JSON.stringify(key)}!`;

/** A load of some keys, and how the loader answers it; nothing is waited for between those that come together. */
interface Load {
  readonly keys: readonly Key[];
  readonly answer: Answer;
  readonly waitsBefore: boolean;
}

function keysOf(key: fc.Arbitrary<Key>): fc.Arbitrary<readonly Key[]> {
  return fc.array(key, { minLength: 1, maxLength: 5 });
}

const loads = fc.array(
  fc.record({
    keys: fc.oneof(
      keysOf(fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'aa', 'ab', 1, 2, 11, '1', '2'), { freq: 9 })),
      keysOf(fc.constantFrom(...tuples)),
      keysOf(fc.constantFrom(...tuples.slice(0, 4))),
    ),
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
        const mapKeys = cache.isEmpty ? firstMapKeys(keys) : keys.map(mapKeyOf);
        const result = cache.load(keys, mapKeys, (missing) => {
          asked.push(...missing);
          const entries = missing.map(entryOf);
          if (answer === 'at once') return entries;
          if (answer === 'later') return Promise.resolve(entries);
          return entries.map((entry) => Promise.resolve(entry));
        });
        results.push(result);
      }
      const expected = all.map(({ keys }) => keys.map((key) => (key === null ? null : entryOf(key))));
      // Entries may be promises.
      const entries = await Promise.all(results.map(async (result) => Promise.all((await result) as unknown[])));
      assert.equal(entries, expected);
      assert.equal(asked.length, new Set(asked.map(entryOf)).size);
      assert.not(asked.includes(null));
    }),
  );
});

/** What a cache asks the loader for, by load. */
function asks(loads: readonly (readonly unknown[])[]): unknown[][] {
  const asked: unknown[][] = [];
  const cache = new LoadCache('test', (entry) => entry);
  for (const keys of loads) {
    cache.load(keys, keys.map(mapKeyOf), (missing) => {
      asked.push([...missing]);
      return missing;
    });
  }
  return asked;
}

test('keys that rise are new, and others are looked up', () => {
  const rising = Array.from({ length: 40 }, (_, n) => `u${n}`);
  const many = rising.toReversed();
  assert.equal(asks([rising, ['u40', 'u100'], ['u7', 'u101'], ['u102']]), [
    rising,
    ['u40', 'u100'],
    ['u101'],
    ['u102'],
  ]);
  assert.equal(asks([many, ['u40', 'u3']]), [many, ['u40']]);
  assert.equal(asks([[1, 2, 10], [11], ['11', '12'], [12, 11]]), [[1, 2, 10], [11], ['11', '12'], [12]]);
  assert.equal(
    asks([
      [Number.NaN, Number.NaN],
      [0, -0],
    ]),
    [[Number.NaN], [0]],
  );
  assert.equal(
    asks([
      ['b', 'a', 'b'],
      ['c', null],
    ]),
    [['b', 'a'], ['c']],
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

test('a tuple after keys that nobody has is known when it comes again', () => {
  const cache = new LoadCache('tuples', (entry) => entry);
  const asked: unknown[] = [];
  for (const keys of [[null], [['e', 'd', 1]], [['e', 'd', 1]]]) {
    cache.load(keys, firstMapKeys(keys), (missing) => {
      asked.push(...missing);
      return missing.map(entryOf);
    });
  }
  assert.equal(asked, [['e', 'd', 1]]);
});

test.run();
