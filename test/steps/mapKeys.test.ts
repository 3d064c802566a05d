import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { valueKey } from '../../src/utils/valueKey.ts';
import { DistinctTuples, mapKeyOf } from '../../steps/load/mapKeys.ts';

const test = suite('mapKeys of keys');

/** Values that joined texts do not tell apart. */
const parts: readonly unknown[] = [
  ...['', 'a', '1', ',', 'null', '"1:a', '\0', ']', 'a,null', 'undefined', 'x'.repeat(40)],
  ...[0, -0, 1, 1.5, Number.NaN, 2n, true, false, null, undefined],
  ...[[], ['a'], {}, { a: 1 }],
];

test('two keys have one mapKey exactly when they are equal as plain data, in whatever order they are asked for', () => {
  const keys: unknown[] = [...parts];
  for (const a of parts) {
    for (const b of parts) {
      keys.push([a, b], [a, b, 'c'], ['name', b, a, undefined], [a, 'of', b]);
    }
  }
  const mapKeys = new Map<unknown, string>();
  // twice, the second time backwards: what the key before was must not matter
  for (const key of [...keys, ...keys.slice().reverse()]) {
    const [mapKey, text] = [mapKeyOf(key), `${typeof key} ${valueKey(key)}`];
    const known = mapKeys.get(mapKey);
    if (known !== undefined && mapKey !== 0) assert.is(known, text);
    mapKeys.set(mapKey, text);
  }
  const equal = new Map<string, unknown>();
  for (const key of keys) {
    const text = `${typeof key} ${valueKey(key)}`;
    const mapKey = mapKeyOf(key);
    if (equal.has(text)) assert.ok(Object.is(equal.get(text), mapKey) || equal.get(text) === mapKey, text);
    equal.set(text, mapKey);
  }
  assert.is(mapKeys.size, equal.size);
});

test('mapKeys of tuples that are made late are those of their keys, even if these have changed', () => {
  const tuplesOf = (name: unknown, seconds: readonly unknown[], end: unknown): unknown[][] =>
    seconds.map((second) => [name, second, end]);
  for (const name of parts) {
    const keys = tuplesOf(name, ['b', 'a', '', '\0', 'c'], undefined);
    const expected = keys.map(mapKeyOf);
    const tuples = DistinctTuples.of(keys);
    const isPlain = typeof name !== 'object' || name === null;
    assert.is(tuples !== null, isPlain && !Number.isNaN(name));
    for (const key of keys) key.splice(0, 3, 'other', 'keys');
    if (tuples !== null) assert.equal(tuples.mapKeys, expected);
  }
  const of = (keys: readonly unknown[]): boolean => DistinctTuples.of(keys) !== null;
  assert.not(of([]));
  assert.not(of(['a', 'b']));
  assert.not(of([null]));
  assert.not(of(tuplesOf('e', ['a', 'b', 'a'], 1)), 'one is there twice');
  assert.not(of(tuplesOf('e', ['a', null], 1)));
  assert.not(of([...tuplesOf('e', ['a'], 1), ...tuplesOf('e', ['b'], '1')]));
  assert.not(of([...tuplesOf('e', ['a'], 1), ['e', 'b']]));
});

test.run();
