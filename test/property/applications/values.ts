import type { Random } from '../../fuzz/Random.ts';
import type { Attr } from './application.ts';
import type { Oracle } from './Oracle.ts';

export function valueFor(random: Random, attr: Attr, oracle: Oracle, type: string): unknown {
  if (attr.kind === 'UUID' && attr.isLink) {
    const rows = oracle.rows.filter((row) => attr.targets.includes(row.type.name));
    if (rows.length > 0) return random.pick(rows).id;
    return noId;
  }
  if (random.chance(0.7)) {
    const stored = oracle.rows.filter((row) => row.type.name === type && row.values[attr.name] != null);
    if (stored.length > 0) {
      const value = random.pick(stored).values[attr.name];
      return attr.kind === 'DateTime' ? new Date(Number(value)).toISOString() : value;
    }
  }
  return randomValue(random, attr);
}

/** The id of no object. */
export const noId = '00000000-0000-8000-8000-000000000000';

const long = 'z'.repeat(1500);
const values: Readonly<Record<Attr['kind'], readonly unknown[]>> = {
  Int: [0, 1, 1, 2, 2, 3, -1, 2147483647, -2147483648],
  Float: [0, -0, 1.5, -1.5, 3, 0.1, 0.2, 0.3, 5e-324, 1e300, -1e300],
  String: [
    '',
    'a',
    'a',
    'b',
    'b',
    'é',
    'A',
    'ab',
    'a\u0000',
    '\u0000',
    'a b',
    'x'.repeat(63),
    'x'.repeat(64),
    'x'.repeat(65),
    `${'x'.repeat(64)}y`,
    'é'.repeat(40),
    '😀',
    '\uffff',
    long,
    `${long}y`,
  ],
  Boolean: [true, false],
  DateTime: [
    '1970-01-01T00:00:00.000Z',
    '2026-01-31T12:00:00.000Z',
    '2026-01-31T13:00:00+01:00',
    '0001-01-01T00:00:00.000Z',
    '9999-12-31T23:59:59.999Z',
    '1969-12-31T23:59:59.999Z',
  ],
  UUID: [
    '00000000-0000-8000-8000-000000000001',
    '00000000-0000-4000-8000-00000000000A',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '00000000-0000-0000-0000-000000000000',
  ],
  Status: ['A', 'A', 'B', 'C'],
};

export function randomValue(random: Random, attr: Attr): unknown {
  if (attr.name === 'owner') return random.pick(['ann', 'bob', 'cid']);
  return random.pick(values[attr.kind]);
}
