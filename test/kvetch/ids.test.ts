import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createIdGenerator } from '../../src/kvetch/ids/createIdGenerator.ts';
import { bytesOfId, idOfBytes } from '../../src/kvetch/ids/idBytes.ts';
import { idFromKey } from '../../src/kvetch/ids/idFromKey.ts';
import { LOGICAL_SHARDS, shardOfId, shardOfValue } from '../../src/kvetch/ids/routing.ts';
import { parseId } from '../../src/kvetch.ts';
import { manualClock } from './todo.ts';

const parsing = suite('kvetch ids: parsing');

parsing('accepts any UUID, upper case and bare hex', () => {
  const id = '1b4e28ba-2fa1-41d2-883f-0016d3cca427';
  for (const text of [id, id.toUpperCase(), id.replaceAll('-', '')]) assert.is(parseId(text), id);
});

parsing('refuses everything else', () => {
  const wrong = [
    '',
    'x',
    `{1b4e28ba-2fa1-41d2-883f-0016d3cca427}`,
    '1b4e28ba-2fa1-41d2-883f-0016d3cca42g',
    '1b4e28ba2-fa1-41d2-883f-0016d3cca427',
  ];
  for (const text of [
    ...wrong,
    ` ${'0'.repeat(32)}`,
    '0'.repeat(36),
    "' OR 1=1 --",
    '\u0000'.repeat(32),
    '１'.repeat(32),
    7,
    null,
    undefined,
    {},
    [],
  ]) {
    assert.is(parseId(text), null);
  }
});

parsing('each place of an id is looked at', () => {
  const id = '1b4e28ba-2fa1-41d2-883f-0016d3cca427';
  const canonical = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
  const characters = ['-', '/', ':', '`', 'g', 'G', 'F', '\u0000', '\u0130', '\u0430', '\uff11', '\ud83d'];
  for (let at = 0; at < id.length; at++) {
    for (const character of characters) {
      const text = id.slice(0, at) + character + id.slice(at + 1);
      const lower = text.toLowerCase();
      assert.is(parseId(text), canonical.test(lower) ? lower : null, JSON.stringify(text));
    }
  }
});

parsing('an id is 16 bytes and comes back from them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const id = idOfBytes(bytes);
      assert.is(parseId(id), id);
      assert.is(id.replaceAll('-', ''), Buffer.from(bytes).toString('hex'));
      assert.equal([...(bytesOfId(id) ?? [])], [...bytes]);
    }),
  );
});

parsing('only canonical ids are bytes: one other character anywhere makes none', () => {
  const id = '1b4e28ba-2fa1-41d2-883f-0016d3cca427';
  for (let at = 0; at < id.length; at++) {
    for (const other of ['g', 'A', 'F', '-', '0', '/', ':', '`', ' ', '\u0000', '\u00ad', '\u012d', '１', '']) {
      const text = id.slice(0, at) + other + id.slice(at + 1);
      const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
      assert.is(bytesOfId(text) !== null, isId, JSON.stringify(text));
    }
  }
  assert.is(bytesOfId(`${id}0`), null);
});

parsing.run();

const routing = suite('kvetch ids: routing');

/** Computed by another program (Python): routing must be the same in every language. spec/6-kvetch-data-model.md repeats them. */
const idVectors: Readonly<Record<string, number>> = {
  '00000000-0000-0000-0000-000000000000': 2309,
  '1b4e28ba-2fa1-41d2-883f-0016d3cca427': 1120,
  'ffffffff-ffff-ffff-ffff-ffffffffffff': 2549,
  '018f3c5a-7b00-8abc-8000-000000000000': 0xabc,
  '018f3c5a-7b00-8abc-c000-000000000000': 1986,
  '018f3c5a-7b00-7abc-8000-000000000000': 146,
};
const valueVectors: Readonly<Record<string, number>> = {
  ...{ s: 1410, sjane: 3198, sJane: 2206, sé: 2190, 's😀': 2699, i42: 3014, 'i-1': 142, i9223372036854775807: 3112 },
  ...{ b0: 1615, b1: 1212, d0: 1401, 'u1b4e28ba-2fa1-41d2-883f-0016d3cca427': 2825 },
};

routing('golden vectors', () => {
  for (const [id, shard] of Object.entries(idVectors)) assert.is(shardOfId(id), shard, id);
  for (const [key, shard] of Object.entries(valueVectors)) assert.is(shardOfValue(key), shard, key);
  assert.is(idFromKey(100000, 'k1', null), '82627a3b-52b1-8217-bf92-db9f232d59b0');
  assert.is(idFromKey(100000, 'k1', 5), '82627a3b-52b1-8005-bf92-db9f232d59b0');
});

routing('is total', () => {
  const inRange = (shard: number) => Number.isInteger(shard) && shard >= 0 && shard < LOGICAL_SHARDS;
  fc.assert(fc.property(fc.uuid(), (id) => inRange(shardOfId(id))));
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (key) => inRange(shardOfValue(key))));
});

routing.run();

const making = suite('kvetch ids: generator');

making('ids carry their shard, are version 8 and unique', () => {
  const ids = createIdGenerator({ clock: Date.now });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4095 }), (shard) => {
      const id = ids.next(shard);
      assert.is(parseId(id), id);
      assert.is(shardOfId(id), shard);
      assert.is(id[14], '8');
      assert.match(id[19] ?? '', /[89ab]/);
    }),
  );
  const many = Array.from({ length: 20_000 }, () => ids.next(null));
  assert.is(new Set(many).size, many.length);
  assert.ok(new Set(many.map(shardOfId)).size > 1000, 'free ids are spread over the shards');
});

making('ids ascend, whatever shards are asked for and whatever the clock does', () => {
  const step = fc.record({ shard: fc.option(fc.integer({ min: 0, max: 4095 })), ms: fc.integer({ min: -5, max: 5 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const clock = manualClock();
      const ids = createIdGenerator({ clock });
      let last = '';
      for (const { shard, ms } of steps) {
        clock.ms += ms;
        const id = ids.next(shard);
        assert.ok(id > last, `${id} after ${last}`);
        last = id;
      }
    }),
  );
});

making('far ahead of a standing clock, ids still ascend within each shard', () => {
  const ids = createIdGenerator({ clock: () => 1_800_000_000_000 });
  const last = [''];
  for (let n = 0; n < 60_000; n++) {
    const shard = (n * 7919) % 4096;
    const id = ids.next(shard);
    assert.ok(id > (last[shard] ?? ''));
    last[shard] = id;
  }
});

making.run();
