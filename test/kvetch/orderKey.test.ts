import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  keyRange,
  ORDER_TEXT_BYTES,
  type OrderKind,
  type OrderPart,
  orderKey,
} from '../../src/kvetch/codec/orderKey.ts';
import { shardOfId } from '../../src/kvetch/ids/routing.ts';
import { orderedNumber } from '../../src/kvetch/schema/listNumbers.ts';
import type { EdgeRow } from '../../src/kvetch/shards/rows.ts';
import { needs } from '../support/needs.ts';
import { backends, storeOf } from './backends.ts';

/** spec 6.4.1: keys compare as values do, in every store. */
const test = suite('order keys');

const part = (kind: OrderKind, descending = false, attr = 'a'): OrderPart => ({ attr, kind, descending });
const keyOf = (kind: OrderKind, value: unknown, descending = false): string =>
  orderKey([part(kind, descending)], { a: value }, 'T');

const examples: ReadonlyArray<readonly [OrderKind, unknown, string, string]> = [
  ['int', 0, '018000000000000000', '017fffffffffffffff'],
  ['int', 1, '018000000000000001', '017ffffffffffffffe'],
  ['int', -1, '017fffffffffffffff', '018000000000000000'],
  ['int', 9223372036854775807n, '01ffffffffffffffff', '010000000000000000'],
  ['float', 0, '018000000000000000', '017fffffffffffffff'],
  ['float', -0, '018000000000000000', '017fffffffffffffff'],
  ['float', 1.5, '01bff8000000000000', '014007ffffffffffff'],
  ['float', -1.5, '014007ffffffffffff', '01bff8000000000000'],
  ['date', new Date(1), '018000000000000001', '017ffffffffffffffe'],
  ['bool', false, '0100', '01ff'],
  ['bool', true, '0101', '01fe'],
  [
    'uuid',
    '00000000-0000-8000-8000-0000000000ff',
    '01000000000000800080000000000000ff',
    '01ffffffffffff7fff7fffffffffffff00',
  ],
  ['string', '', '010000', '01ffff'],
  ['string', 'Zo', '015a6f0000', '01a590ffff'],
  ['string', 'é', '01c3a90000', '013c56ffff'],
  ['string', 'a\0', '016100ff0000', '019eff00ffff'],
  ['int', null, '02', '02'],
  ['string', undefined, '02', '02'],
];

test('the table of spec 6.4.1', () => {
  for (const [kind, value, ascending, descending] of examples) {
    assert.is(keyOf(kind, value), ascending, `${kind} ${String(value)}`);
    assert.is(keyOf(kind, value, true), descending, `-${kind} ${String(value)}`);
  }
});

/** A generator that can be repeated. */
function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const random = randoms(20261124);
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
const hex = (length: number): string => Array.from({ length }, () => pick([...'0123456789abcdef'])).join('');
const values: Readonly<Record<OrderKind, () => unknown>> = {
  int: () =>
    pick([0, -1, 1, 2 ** 53 - 1, -(2 ** 53) + 1, Math.floor((random() - 0.5) * 1e6), 2n ** 63n - 1n, -(2n ** 63n)]),
  float: () =>
    pick([0, -0, 1e-308, -1e-308, 5e-324, 1.7e308, -1.7e308, (random() - 0.5) * 10 ** Math.floor(random() * 20)]),
  date: () => new Date(Math.floor((random() - 0.5) * 1e13)),
  bool: () => random() < 0.5,
  uuid: () => `${hex(8)}-${hex(4)}-8${hex(3)}-8${hex(3)}-${hex(12)}`,
  string: () =>
    Array.from({ length: Math.floor(random() * 5) }, () =>
      pick(['\0', 'a', 'b', 'é', '\u{1f600}', '\x01', '\uffff', 'Z']),
    ).join(''),
};

function compareValues(kind: OrderKind, one: unknown, other: unknown): number {
  if (kind === 'string') return Math.sign(Buffer.compare(Buffer.from(one as string), Buffer.from(other as string)));
  const [a, b] = [one as number, other as number];
  return a < b ? -1 : a > b ? 1 : 0;
}

const orders: readonly (readonly OrderPart[])[] = [
  ...(Object.keys(values) as OrderKind[]).flatMap((kind) => [[part(kind)], [part(kind, true)]]),
  [part('string'), part('int', true, 'b'), part('float', false, 'c')],
  [part('bool', true), part('string', true, 'b')],
];

type Bag = Readonly<Record<string, unknown>>;

function compareBags(order: readonly OrderPart[], one: Bag, other: Bag): number {
  for (const { attr, kind, descending } of order) {
    const [a, b] = [one[attr] ?? null, other[attr] ?? null];
    if (a === null || b === null) {
      if (a !== b) return a === null ? 1 : -1;
      continue;
    }
    const found = compareValues(kind, a, b);
    if (found !== 0) return descending ? -found : found;
  }
  return 0;
}

const bagOf = (order: readonly OrderPart[]): Bag =>
  Object.fromEntries(order.map(({ attr, kind }) => [attr, random() < 0.1 ? null : values[kind]()]));

test('keys compare as values do', () => {
  for (const order of orders) {
    const bags = Array.from({ length: 60 }, () => bagOf(order));
    for (const one of bags) {
      for (const other of bags) {
        const [a, b] = [orderKey(order, one, 'T'), orderKey(order, other, 'T')];
        const found = a < b ? -1 : a > b ? 1 : 0;
        assert.is(found, compareBags(order, one, other), `${JSON.stringify(order)} ${a} ${b}`);
      }
    }
  }
});

test('ranges hold the keys of the values that they name, and no others', () => {
  for (const order of orders) {
    const first = order[0] as OrderPart;
    const bags = Array.from({ length: 60 }, () => bagOf(order));
    for (let round = 0; round < 30; round++) {
      const [from, to] = [values[first.kind](), values[first.kind]()];
      const { low, high } = keyRange(order, { [first.attr]: { from, to } }, 'T');
      for (const bag of bags) {
        const key = orderKey(order, bag, 'T');
        const value = bag[first.attr] ?? null;
        const isIn =
          value !== null && compareValues(first.kind, value, from) >= 0 && compareValues(first.kind, value, to) <= 0;
        assert.is(key >= (low ?? '') && (high === null || key < high), isIn, `${key} ${low} ${high}`);
      }
    }
  }
});

test('texts that begin alike are a range, in both directions', () => {
  for (const descending of [false, true]) {
    const order = [part('string', descending), part('int', false, 'b')];
    const { low, high } = keyRange(order, { a: { startsWith: 'Zo' } }, 'T');
    for (const text of ['Z', 'Zn', 'Zo', 'Zo\0', 'Zoé', 'Zo\u{1f600}', 'Zp', 'zo', '']) {
      const key = orderKey(order, { a: text, b: 1 }, 'T');
      assert.is(key >= (low ?? '') && key < (high ?? ''), text.startsWith('Zo'), JSON.stringify(text));
    }
  }
});

test('one value of the attributes before it, and a range of the last', () => {
  const order = [part('string'), part('int', true, 'b')];
  const { low, high } = keyRange(order, { a: 'x', b: { from: 2 } }, 'T');
  const isIn = (a: string | null, b: number | null): boolean => {
    const key = orderKey(order, { a, b }, 'T');
    return key >= (low ?? '') && key < (high ?? '');
  };
  assert.equal(
    [isIn('x', 2), isIn('x', 9), isIn('x', 1), isIn('x', null), isIn('w', 3), isIn('xx', 3)],
    [true, true, false, false, false, false],
  );
});

test('bounds that no order gives are refused', () => {
  const order = [part('string'), part('int', false, 'b')];
  const refused = (range: Record<string, unknown>): string => {
    try {
      keyRange(order, range, 'T');
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  assert.match(refused({ b: 1 }), /no bound of "a" before it/);
  assert.match(refused({ a: { from: 'x' }, b: 1 }), /stands behind the range of "a"/);
  assert.match(refused({ c: 1 }), /is not in its order/);
  assert.match(refused({ a: 'x', b: 1, c: 1 }), /is not in its order/);
  assert.match(refused({ a: { frm: 'x' } }), /"frm", which is none of/);
  assert.match(refused({ a: 'x'.repeat(ORDER_TEXT_BYTES) }), /more than 63 bytes/);
  assert.match(refused({ a: { startsWith: 'x'.repeat(ORDER_TEXT_BYTES + 1) } }), /more than 64 bytes/);
  assert.match(refused({ a: 'x', b: { startsWith: '1' } }), /for texts/);
  assert.match(refused({ a: 1 }), /no well-formed text/);
  assert.match(refused({ a: '\ud800' }), /no well-formed text/);
});

test('a wrong bound is named, with its end, and what stands in no property of its own is refused', () => {
  const order = [part('int')];
  const refused = (range: Record<string, unknown>): string => {
    try {
      keyRange(order, range, 'T');
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  for (const [range, wanted] of [
    [{ a: 'x' }, '"range.a" of the list "T" is "x", which is no integer of at most 64 bits.'],
    [{ a: { from: 1, to: 'x' } }, '"range.a.to" of the list "T" is "x", which is no integer of at most 64 bits.'],
    [{ a: { from: 'x' } }, '"range.a.from" of the list "T" is "x", which is no integer of at most 64 bits.'],
    [{ a: new Map() }, '"range.a" of the list "T" is an object, which is no integer of at most 64 bits.'],
    [JSON.parse('{"a":{"__proto__":1}}'), /"range.a" of the list "T" has "__proto__", which is none of from/],
    [{ ['__proto__']: 1 }, /"range" of the list "T" has "__proto__", which is not in its order/],
    [{ __proto__: { a: 1 } }, /"range" of the list "T" has "a" from its prototype/],
    [{ a: { __proto__: { from: 1 } } }, /"range.a" of the list "T" has "from" from its prototype/],
  ] as const)
    typeof wanted === 'string' ? assert.is(refused(range), wanted) : assert.match(refused(range), wanted);
});

test('values that no key holds are refused', () => {
  for (const [kind, value] of [
    ['int', 1.5],
    ['int', 2n ** 63n],
    ['float', Number.NaN],
    ['date', 'yesterday'],
    ['bool', 0],
    ['uuid', 'x'],
    ['string', '\ud800'],
  ] as const)
    assert.throws(() => keyOf(kind, value), /T\.a is/);
});

test.run();

for (const backend of backends.filter(({ name }) => name.endsWith('x 1'))) {
  const stored = needs(suite(`order keys in ${backend.name}`), ...backend.servers);
  stored('rows lie in the order of values', async () => {
    const store = storeOf(backend.open());
    try {
      for (const [at, order] of orders.entries()) {
        const fromId = `00000000-0000-8000-8000-${String(at).padStart(12, '0')}`;
        const bags = Array.from({ length: 80 }, () => bagOf(order));
        const rows = bags.map(
          (bag, n): EdgeRow => ({
            ...{ edgeId: orderedNumber(7), fromId, toId: `00000000-0000-8000-8000-${String(n).padStart(12, '0')}` },
            ...{ shard: shardOfId(fromId), pos: 0, key: orderKey(order, bag, 'T'), srcVersion: 1, state: 1 },
            ...{ createdUs: 1, updatedUs: 1, codec: 1, body: null, record: null },
          }),
        );
        await store.putEdges(rows.map((row) => ({ row, keepPosition: false })));
        const wanted = rows
          .map((_, n) => n)
          .sort((a, b) => compareBags(order, bags[a] as Bag, bags[b] as Bag) || a - b);
        const request = { edgeId: orderedNumber(7), fromId, afterPos: null, afterId: null, limit: 100 };
        const pages = (await store.readEdgePages([request, { ...request, reverse: true }])) as EdgeRow[][];
        assert.equal(
          pages[0]?.map(({ toId }) => Number(toId.slice(-4))),
          wanted,
        );
        assert.equal(
          pages[1]?.map(({ toId }) => Number(toId.slice(-4))),
          [...wanted].reverse(),
        );
        const [middle] = pages[0]?.slice(40, 41) ?? [];
        const behind = { ...request, afterPos: 0, afterId: middle?.toId ?? '', afterKey: middle?.key ?? '', limit: 7 };
        const next = (await store.readEdgePages([behind, { ...behind, reverse: true }])) as EdgeRow[][];
        assert.equal(
          next[0]?.map(({ toId }) => Number(toId.slice(-4))),
          wanted.slice(41, 48),
        );
        assert.equal(
          next[1]?.map(({ toId }) => Number(toId.slice(-4))),
          wanted.slice(33, 40).reverse(),
        );
      }
    } finally {
      await store.close();
    }
  });
  stored.run();
}
