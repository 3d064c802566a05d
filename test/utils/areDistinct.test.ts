import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { areDistinct } from '../../src/utils/areDistinct.ts';

const test = suite('areDistinct');

/** A list without doubles, and each of some lists in which one text is there twice. */
function look(texts: readonly string[]): void {
  assert.ok(areDistinct(texts));
  for (const at of [0, texts.length >> 1, texts.length - 1]) {
    const twice = [...texts];
    twice.splice((at * 7) % texts.length, 0, String(texts[at]));
    assert.not(areDistinct(twice), `${texts.length} texts and one again`);
  }
}

test('random ids, in any order, few and many', () => {
  for (const count of [1, 2, 3, 9, 100, 1_000, 70_000]) {
    const ids = Array.from({ length: count }, () => String(randomUUID()));
    look(ids);
    look([...ids].sort());
    look([...ids].sort().reverse());
  }
  assert.ok(areDistinct([]));
});

test('texts that share their ends, and texts that are short', () => {
  look(Array.from({ length: 2_000 }, (_, at) => `${(at * 7919) % 2_000}-0000`));
  look(Array.from({ length: 700 }, (_, at) => String(700 - at)));
  look(['', 'b', 'a', 'ab', 'aa', 'aaa', 'é', '一二三四']);
});

test('values that are no texts are never distinct texts', () => {
  for (const value of [null, undefined, 1, new Error('no id'), ['a'], Symbol('a')]) {
    for (const values of [[value], ['a', value], ['b', 'a', value], [value, 'a', 'b']]) assert.not(areDistinct(values));
  }
});

test.run();
