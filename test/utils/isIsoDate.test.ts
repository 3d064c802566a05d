import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isIsoDate } from '../../src/utils/isIsoDate.ts';

const test = suite('isIsoDate');

test('points in time are taken', () => {
  for (const text of [
    '2026-01-31T12:00:00Z',
    '2024-02-29T23:59:59.999+14:00',
    '2026-12-31T24:00:00Z',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999Z',
    '2026-01-31T12:00z',
  ])
    assert.ok(isIsoDate(text), text);
});

test('days that no month has, and years that have no four digits in UTC, are refused, as they were stored as other days or could not be read again', () => {
  for (const text of [
    '2026-02-29T12:00:00Z',
    '2026-02-30T12:00:00Z',
    '2026-04-31T12:00:00+02:00',
    '2026-01-32T12:00:00Z',
    '0000-01-01T00:00:00+14:00',
    '9999-12-31T23:59:59-12:00',
    '2026-01-31',
    'x',
  ])
    assert.not(isIsoDate(text), text);
});

test.run();
