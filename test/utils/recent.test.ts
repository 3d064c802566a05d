import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Recent, type Sized } from '../../src/utils/Recent.ts';

const test = suite('values that were used of late');

class Value implements Sized {
  counted = 0;
  size: number;
  readonly key: string;

  constructor(key: string, size: number) {
    this.key = key;
    this.size = size;
  }
}

const uses = fc.array(
  fc.record({
    key: fc.constantFrom(...'abcdefgh'),
    use: fc.constantFrom('get', 'add', 'resize'),
    size: fc.integer({ min: 0, max: 60 }),
  }),
  { maxLength: 60 },
);

test('no more is kept than there is room for, and what is found is what was added last', () => {
  fc.assert(
    fc.property(uses, (all) => {
      const recent = new Recent<Value>(6, 100);
      const last = new Map<string, Value>();
      for (const { key, use, size } of all) {
        const known = last.get(key);
        if (use === 'add') {
          const value = new Value(key, size);
          last.set(key, value);
          if (recent.get(key) === undefined) recent.add(key, value);
          else last.set(key, recent.get(key) as Value);
        } else if (use === 'resize' && known !== undefined) {
          known.size = size;
          recent.resized(key, known);
        } else assert.ok(recent.get(key) === undefined || recent.get(key) === known);
        // Looking moves values: only a copy of what is there may be counted.
        const kept = [...last.values()].filter((value) => recent.has(value.key));
        assert.ok(kept.length <= 6);
        assert.ok(kept.reduce((sum, value) => sum + value.size, 0) <= 100);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a value that has outgrown its room is gone, also where it was old and came again', () => {
  const recent = new Recent<Value>(6, 100);
  for (const [key, size] of [
    ['a', 9],
    ['h', 1],
    ['g', 41],
  ] as const)
    recent.add(key, new Value(key, size));
  const value = recent.get('h');
  assert.ok(value);
  value.size = 51;
  recent.resized('h', value);
  assert.not(recent.has('h'));
});

test('a value that is used again and again stays, however many others come', () => {
  const recent = new Recent<Value>(10, 1000);
  recent.add('often', new Value('often', 10));
  for (let n = 0; n < 100; n++) {
    recent.add(`${n}`, new Value(`${n}`, 10));
    if (n % 3 === 0) assert.ok(recent.get('often'));
  }
  assert.is(recent.get('0'), undefined);
  assert.ok(recent.get('99'));
});

test('what takes more than half of the room is not kept', () => {
  const recent = new Recent<Value>(10, 100);
  recent.add('a', new Value('a', 51));
  assert.is(recent.get('a'), undefined);
  const grows = new Value('b', 10);
  recent.add('b', grows);
  recent.add('c', new Value('c', 45)); // now "b" is old
  grows.size = 60;
  recent.resized('b', grows);
  assert.is(recent.get('b'), undefined);
  const none = new Recent<Value>(10, 0);
  none.add('a', new Value('a', 1));
  assert.is(none.get('a'), undefined);
});

test.run();
