import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ByteSink } from '../../src/execution/writer/ByteSink.ts';

const test = suite('bytes of JSON');
const sink = new ByteSink();

function written(write: () => void): string {
  sink.position = 0;
  write();
  return Buffer.from(sink.copy(0)).toString('latin1');
}

const expected = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('latin1');

test('every UTF-16 unit, alone and between others', () => {
  for (let unit = 0; unit < 0x10000; unit++) {
    const text = `a${String.fromCharCode(unit)}é`;
    if (written(() => sink.string(text)) !== expected(text)) assert.unreachable(`U+${unit.toString(16)}`);
  }
});

test('two units of any kind in each place of a word of four', () => {
  const units = [...Array(0x80).keys(), 0x80, 0x7ff, 0x800, 0xd7ff, 0xd83d, 0xde00, 0xffff];
  const plain = ['a', '~', ' ', '\x7f'];
  for (let place = 0; place < 16; place++) {
    const [one, other] = [place >> 2, place & 3];
    for (const before of units) {
      for (const after of units) {
        const text = [...plain];
        text[one] = String.fromCharCode(before);
        text[other] = String.fromCharCode(after);
        const value = text.join('');
        if (written(() => sink.string(value)) !== expected(value)) assert.unreachable(JSON.stringify(value));
      }
    }
  }
});

test('any text, lone surrogates and all', () => {
  const unit = fc.oneof(
    fc.integer({ min: 0, max: 0x7f }),
    fc.integer({ min: 0xd800, max: 0xdfff }),
    fc.integer({ max: 0xffff, min: 0 }),
  );
  const text = fc.array(unit, { maxLength: 200 }).map((units) => String.fromCharCode(...units));
  fc.assert(
    fc.property(text, (value) => written(() => sink.string(value)) === expected(value)),
    { numRuns: 2000 },
  );
});

test('any finite number', () => {
  const edges = [
    0,
    -0,
    9,
    10,
    -1,
    99,
    100,
    2 ** 31 - 1,
    -(2 ** 31),
    2 ** 31,
    1e21,
    1e-7,
    5e-324,
    1e-6,
    0.1,
    -0.5,
    0.1 + 0.2,
  ];
  for (const value of edges)
    assert.is(
      written(() => sink.number(value)),
      expected(value),
    );
  const decimal = fc
    .tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 9 }))
    .map(([digits, places]) => (digits % 1e15) / 10 ** places);
  const near = decimal.chain((value) => fc.constantFrom(value, value * (1 + Number.EPSILON), value * 0.1, value * 3));
  const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), decimal, near);
  fc.assert(
    fc.property(number, (value) => written(() => sink.number(value)) === expected(value)),
    { numRuns: 5000 },
  );
});

test.run();
