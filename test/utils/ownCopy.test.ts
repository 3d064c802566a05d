import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Copier, ownCopy } from '../../src/utils/ownCopy.ts';

class Money {
  amount = 1;
}

const test = suite('ownCopy');

test('copies plain data, and all that lies in it [R25]', () => {
  const value = {
    id: 1,
    tags: ['a', { b: [1] }],
    at: new Date(5),
    byKey: new Map<unknown, unknown>([['k', { n: 1 }]]),
    all: new Set<unknown>([{ n: 2 }]),
    bytes: Buffer.from('ab'),
    bare: Object.assign(Object.create(null), { n: { m: 3 } }),
    nothing: null,
  };
  const copy = ownCopy(value);
  assert.equal(copy, value);
  const inside = (of: typeof value): unknown[] => [
    of,
    of.tags,
    of.tags[1],
    (of.tags[1] as { b: unknown }).b,
    of.at,
    of.byKey,
    of.byKey.get('k'),
    of.all,
    [...of.all][0],
    of.bytes,
    of.bytes.buffer,
    of.bare,
    of.bare.n,
  ];
  inside(copy).forEach((part, place) => {
    if (part !== copy.bytes.buffer) assert.is.not(part, inside(value)[place], `part ${place} is shared`);
  });
  copy.bytes[0] = 0;
  assert.is(value.bytes[0], 97);
  assert.is(Object.getPrototypeOf(copy.bare), null);
});

test('instances, functions and odd lists stay as they are, also inside', () => {
  class List extends Array<number> {}
  for (const value of [
    new Money(),
    () => 1,
    new List(),
    new WeakMap(),
    Promise.resolve(1),
    new DataView(new ArrayBuffer(1)),
  ]) {
    assert.is(ownCopy(value), value);
    assert.is(ownCopy({ value }).value, value);
    assert.is(ownCopy([value])[0], value);
  }
});

test('data that contains itself is copied with its circles', () => {
  const row: { self?: unknown; list: unknown[]; map: Map<string, unknown> } = { list: [], map: new Map() };
  row.self = row;
  row.list.push(row.list, row);
  row.map.set('row', row);
  const copy = ownCopy(row);
  assert.is(copy.self, copy);
  assert.is(copy.list[0], copy.list);
  assert.is(copy.list[1], copy);
  assert.is(copy.map.get('row'), copy);
  assert.is.not(copy, row);
});

test('getters are not called, and data beside them is copied', () => {
  let reads = 0;
  const tags = ['a'];
  const row = {
    tags,
    get late() {
      reads++;
      return Promise.reject(new Error('Nobody asked.'));
    },
    get first() {
      return this.tags[0];
    },
  };
  const list = Object.defineProperty([tags], 1, { get: () => reads++, enumerable: true });
  const value = { row, list, bare: Object.assign(Object.create(null), { tags }) };
  const copier = new Copier();
  for (const copy of [ownCopy(value), copier.copy(value), copier.copy(value)]) {
    assert.is.not(copy.row.tags, tags);
    copy.row.tags[0] = 'b';
    copy.list[0]?.push('c');
    copy.bare.tags.push('d');
    assert.is(copy.row.first, 'b', 'a getter sees its own copy');
    assert.is(copy.list.length, 2);
  }
  assert.equal(tags, ['a']);
  assert.is(reads, 0);
});

test('a property called __proto__ stays a property', () => {
  const copy = ownCopy(JSON.parse('{"__proto__": {"admin": true}, "id": 1}'));
  assert.equal(Object.keys(copy), ['__proto__', 'id']);
  assert.is(copy.admin, undefined);
});

test.run();
