/** States of keys as Redis gives them: an answer that cannot be read is none (spec 11.2.5). */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseStates } from '../../src/reactive/redis/parseStates.ts';

const test = suite('states of keys');

const number = fc.integer({ min: 0, max: 2 ** 40 });

test('every list of states is read as it was written', () => {
  const state = fc.record({ version: number, seq: number, atMs: fc.option(number) });
  fc.assert(
    fc.property(fc.array(fc.option(state), { minLength: 1, maxLength: 20 }), (states) => {
      const texts = states.map((one) => {
        if (one === null) return '';
        return `${one.version}:${one.seq}${one.atMs === null ? '' : `:${one.atMs}`}`;
      });
      const expected = states.map((one) => ({ version: one?.version ?? 0, seq: one?.seq ?? 0 }));
      assert.equal(parseStates(texts.join(), states.length), expected);
    }),
  );
  assert.equal(parseStates('', 0), []);
});

for (const [text, count] of [
  ['1:2', 2],
  ['1:2,3:4', 1],
  ['1:2,', 1],
  ['', 2],
  [',', 0],
  ['1', 1],
  ['1:', 1],
  [':1', 1],
  ['1:2:', 1],
  ['1:2:3:4', 1],
  ['-1:2', 1],
  ['1.5:2', 1],
  [' 1:2', 1],
  ['1:2 ', 1],
  ['NaN:2', 1],
  ['1;2', 1],
  ['a lease of somebody else', 1],
] as const) {
  test(`no ${count} states: "${text}"`, () => assert.is(parseStates(text, count), null));
}

test('nothing else than a list of so many states is read', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123,:;x ') }), fc.integer({ min: 1, max: 4 }), (text, count) => {
      const parts = text.split(',');
      const isGood = parts.length === count && parts.every((one) => /^(\d+:\d+(:\d+)?)?$/.test(one));
      assert.is(parseStates(text, count) !== null, isGood, text);
    }),
    { numRuns: 2000 },
  );
});

test.run();
