import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeBody, decodeObject, encodeAttributes, joinBody } from '../../src/kvetch/codec/objectBody.ts';
import type { ObjectRow } from '../../src/kvetch/shards/rows.ts';

const test = suite('kvetch codec');

function rowOf(attributes: Record<string, unknown>): ObjectRow {
  const { json, codec } = encodeAttributes(attributes, 1 << 20);
  const place = { id: '00000000-0000-8000-8000-000000000000', shard: 0, typeId: 1, version: 1, state: 1 } as const;
  return { ...place, codec, createdUs: 0, updatedUs: 0, body: joinBody(json, { pos: { 5: 7 } }), record: null };
}

function roundTrip(value: unknown): unknown {
  return decodeBody(rowOf({ value })).attributes.value;
}

test('values come back as they were', () => {
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      ...[fc.string({ unit: 'binary' }), fc.boolean(), fc.bigInt(), fc.uint8Array(), fc.date({ noInvalidDate: true })],
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
      fc.array(tie('value')),
      fc.dictionary(
        fc.oneof(fc.string(), fc.constantFrom('$date', '$int', '$object', '$bytes', '$', 'constructor')),
        tie('value'),
      ),
    ),
  })).value;
  fc.assert(fc.property(value, (given) => assert.equal(plain(roundTrip(given)), plain(given))));
});

/** dequal tells prototypes apart; dictionaries of fast-check have none. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array) return value;
  return Object.entries(value).map(([key, entry]) => [key, plain(entry)]);
}

test('what looks like a tag is not taken for one', () => {
  for (const value of [{ $date: 5 }, { $object: { $date: 5 } }, { $x: null }, [{ $int: '7' }]])
    assert.equal(roundTrip(value), value);
});

test('"__proto__" inside a value is a property like any other', () => {
  const value = JSON.parse('{"a":{"__proto__":{"x":1}}, "d": 1}') as unknown;
  for (const given of [value, [value, 1n]]) {
    const back = JSON.stringify(roundTrip(given), (_, entry: unknown) => (typeof entry === 'bigint' ? 0 : entry));
    assert.ok(back.includes('{"__proto__":{"x":1}}'), back);
  }
  assert.is(({} as { x?: number }).x, undefined);
});

test('what cannot be stored is refused where it stands', () => {
  const loop: Record<string, unknown> = {};
  loop.self = loop;
  const wrong: [unknown, RegExp][] = [
    [Number.NaN, /^Attribute "value" is NaN/],
    [{ a: [1, Number.POSITIVE_INFINITY] }, /^Attribute "value"\.a\[1\] is Infinity/],
    [() => 1, /is a function/],
    [Symbol('s'), /is Symbol\(s\)/],
    [new Map(), /an instance of a class/],
    [new Date(Number.NaN), /invalid Date/],
    [loop, /contains itself/],
  ];
  for (const [value, message] of wrong) assert.throws(() => encodeAttributes({ value }, 1000), message);
});

test('limits count bytes, not characters', () => {
  encodeAttributes({ v: 'x'.repeat(92) }, 100);
  assert.throws(
    () => encodeAttributes({ v: 'x'.repeat(93) }, 100),
    'A body of 101 bytes is above the limit of 100 bytes.',
  );
  assert.throws(() => encodeAttributes({ v: 'é'.repeat(47) }, 100), /102 bytes/);
});

test('a record is decoded once, unless somebody could change what it shares', () => {
  const shared = rowOf({ a: { b: [1n] } });
  assert.is(decodeObject(shared), decodeObject(shared));
  const dated = rowOf({ at: new Date(5) });
  (decodeObject(dated).at as Date).setTime(9);
  assert.equal(decodeObject(dated).at, new Date(5));
});

test('a damaged or newer row is an error that names it', () => {
  assert.throws(() => decodeObject({ ...rowOf({}), body: '\n{' }), /The stored row of "0{8}-.*cannot be decoded/);
  assert.throws(() => decodeObject({ ...rowOf({}), body: '{"a":{}}' }), /cannot be decoded/, 'of an older format');
  assert.throws(() => decodeObject({ ...rowOf({ a: 1 }), codec: 9 }), /cannot be decoded/);
  assert.throws(() => decodeObject({ ...rowOf({ a: 1n }), body: '\n{"a":{"$new":1}}' }), /cannot be decoded/);
});

test.run();
