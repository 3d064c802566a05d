import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isJson } from '../../src/utils/isJson.ts';
import { stableKey } from '../../src/utils/stableKey.ts';
import { valueKey } from '../../src/utils/valueKey.ts';

const test = suite('keys of values');
/** Plain data of few values, so that two that are drawn are often equal. */
const data = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(0, 1, '0', '1', '', null, true, 'null', 'true'),
    fc.string({ unit: fc.constantFrom('"', ':', ',', '1', '3', 'a', '[', ']'), maxLength: 6 }),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('a', 'b', '0'), tie('value'), { maxKeys: 2, noNullPrototype: true }),
  ),
})).value;

for (const [name, key] of [
  ['valueKey', valueKey],
  ['stableKey', stableKey],
] as const) {
  test(`${name}: equal for equal data, and for no other`, () => {
    fc.assert(
      fc.property(data, data, (left, right) => {
        assert.is(key(left) === key(right), isDeepStrictEqual(left, right), `${key(left)} and ${key(right)}`);
      }),
      { numRuns: 2000 },
    );
  });

  test(`${name}: the order of keys does not count`, () => {
    assert.is(key({ a: 1, b: [{ c: 2, d: 3 }] }), key({ b: [{ d: 3, c: 2 }], a: 1 }));
  });

  test(`${name}: kinds of values are told apart`, () => {
    const kinds = [1, '1', 1n, '1n', true, 'true', null, 'null', undefined, 'undefined', Number.NaN, 'NaN'];
    assert.is(new Set(kinds.map(key)).size, kinds.length);
  });
}

test('valueKey: what is no plain data is equal to itself only', () => {
  class Money {
    readonly cents = 1;
  }
  const money = new Money();
  const cycle: unknown[] = [];
  cycle.push(cycle);
  for (const same of [money, Symbol('s'), () => 1, cycle, new Map([[1, 2]])]) {
    assert.is(valueKey(same), valueKey(same));
    assert.is(valueKey({ of: same }), valueKey({ of: same }));
  }
  assert.is.not(valueKey(money), valueKey(new Money()));
  assert.is.not(valueKey(Symbol('s')), valueKey(Symbol('s')));
  assert.is.not(valueKey(new Map([[1, 2]])), valueKey(new Map([[1, 2]])));
  assert.is(valueKey(new Date(5)), valueKey(new Date(5)));
  assert.is.not(valueKey(new Date(5)), valueKey(5));
});

test('isJson: what comes back equal from JSON', () => {
  fc.assert(
    fc.property(fc.anything({ withDate: true, withBigInt: true, withMap: true, withNullPrototype: true }), (value) => {
      if (!isJson(value)) return;
      assert.is(stableKey(JSON.parse(JSON.stringify(value))), stableKey(value));
    }),
  );
  for (const no of [undefined, -0, Number.NaN, 1n, Symbol('s'), () => 1, new Date(0), [undefined], { a: undefined }]) {
    assert.is(isJson(no), false, String(no));
  }
});

test.run();
