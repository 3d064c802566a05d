import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { shardOfId, shardOfValue } from '../../../src/kvetch/ids/routing.ts';
import {
  COMPLETE,
  entriesText,
  FULL,
  listText,
  objectText,
  PREFIX,
  parseEntries,
  parseList,
  parseObject,
} from '../../../src/kvetch/redis/rowText.ts';
import type { EdgeRow, EntryRow, ObjectRow } from '../../../src/kvetch/shards/rows.ts';

const test = suite('redis: texts of rows');

const id = fc.uuid();
const number = fc.oneof(fc.nat(9), fc.maxSafeNat());
const state = fc.constantFrom(0 as const, 1 as const);
const body = fc.json().map((json) => `\n${json}`);

const objectRow = fc.record({
  ...{ id, typeId: number, version: fc.integer({ min: 1 }), state, codec: fc.constantFrom(1, 2) },
  ...{ createdUs: number, updatedUs: number, body },
});

const anyEdge = fc.record({
  ...{ toId: id, pos: number, srcVersion: number, createdUs: number, updatedUs: number, codec: fc.constantFrom(1, 2) },
  body: fc.option(fc.json()),
});
/** As the first version of its object has made it. */
const firstEdge = fc.record({ toId: id, pos: number }).map(({ toId, pos }) => ({
  ...{ toId, pos, srcVersion: 1, createdUs: pos, updatedUs: pos, codec: 1, body: null },
}));
const edge = fc.oneof(anyEdge, firstEdge);

test('an object comes back as it was, and no part of its text is an object', () => {
  fc.assert(
    fc.property(objectRow, fc.nat(), (given, cut) => {
      const row: ObjectRow = { ...given, shard: shardOfId(given.id), record: null };
      const text = objectText(row);
      assert.equal(parseObject(row.id, text), row);
      assert.is(parseObject(row.id, text.slice(0, cut % text.length)), undefined);
    }),
  );
  assert.is(parseObject('00000000-0000-0000-0000-000000000000', objectText(null)), null);
});

test('a list of edges that are as they were made has short lines; a garbled one is no list', () => {
  const [one, two] = ['00000000-0000-8000-8000-000000000001', '00000000-0000-8000-8000-000000000002'];
  const request = { edgeId: 7, fromId: one, afterPos: null, afterId: null, limit: 2 };
  const rows = [1795448998790034, 1795448998790036].map(
    (pos, at): EdgeRow => ({
      ...{ edgeId: 7, fromId: one, toId: at === 0 ? one : two, shard: shardOfId(one), state: 1, record: null },
      ...{ pos, srcVersion: 1, createdUs: pos, updatedUs: pos, codec: 1, body: null },
    }),
  );
  const text = `C\n${one}+1795448998790034\n${two}+2`;
  assert.is(listText(rows, COMPLETE, 1e9, false), text);
  assert.equal(parseList(request, text), { end: COMPLETE, rows });
  const fromEnd = { end: COMPLETE, rows: [...rows].reverse() };
  const textFromEnd = listText(fromEnd.rows, COMPLETE, 1e9, true);
  assert.is(textFromEnd.split('\n')[2], `${one}+2`);
  assert.equal(parseList({ ...request, reverse: true }, textFromEnd), fromEnd);
  const long = `C\n${one} 1795448998790034 1 1795448998790034 1795448998790034 1 \n${two}+2`;
  assert.equal(parseList(request, long), { end: COMPLETE, rows });
  for (const end of ['+', '+ 2', '+x', '+2 ', '+2x', '2', '-2', '']) {
    assert.is(parseList(request, `C\n${one}+1795448998790034\n${two}${end}`), undefined, end);
  }
});

test('a list comes back as it was, as far as it is asked for and kept', () => {
  fc.assert(
    fc.property(id, fc.array(edge), fc.integer({ min: 1, max: 9 }), fc.boolean(), (fromId, edges, limit, reverse) => {
      const shard = shardOfId(fromId);
      const rows = edges.map((one): EdgeRow => ({ ...one, edgeId: 7, fromId, shard, state: 1, record: null }));
      const request = { edgeId: 7, fromId, afterPos: null, afterId: null, limit, reverse };
      assert.equal(parseList(request, listText(rows, COMPLETE, 1e9, reverse)), {
        end: COMPLETE,
        rows: rows.slice(0, limit),
      });
      const short = parseList({ ...request, limit: 100 }, listText(rows, PREFIX, 200, reverse));
      assert.equal(short?.rows, rows.slice(0, short?.rows.length));
      assert.is(short?.end, short?.rows.length === rows.length ? PREFIX : FULL);
    }),
  );
});

test('index entries come back as they were, for their own value alone', () => {
  const entry = fc.record({ targetId: id, srcVersion: number, createdUs: number, updatedUs: number });
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(text, text, fc.array(entry), (value, other, entries) => {
      const rows = entries.map(
        (one): EntryRow => ({ ...one, index: 'x', value, shard: shardOfValue(value), state: 1 }),
      );
      const kept = entriesText(value, COMPLETE, rows);
      assert.equal(parseEntries('x', value, kept), { end: COMPLETE, rows });
      if (other !== value) assert.is(parseEntries('x', other, kept), undefined);
    }),
  );
});

test('what is no text of ours is none', () => {
  const request = {
    edgeId: 1,
    fromId: '00000000-0000-0000-0000-000000000000',
    afterPos: null,
    afterId: null,
    limit: 5,
  };
  const garbage = [
    null,
    7,
    [],
    '',
    ' ',
    '{',
    'C\n',
    'Cx',
    'C\nx',
    `C\n${request.fromId}`,
    `C\n${request.fromId} 1 1 1`,
    '1 1 1',
  ];
  for (const text of garbage) {
    assert.is(parseObject(request.fromId, text), undefined, `object ${text}`);
    assert.is(parseList(request, text), undefined, `list ${text}`);
    assert.is(parseEntries('x', 'sa', text), undefined, `entries ${text}`);
  }
});

test.run();
