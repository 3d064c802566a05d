import { stableKey } from '../../utils/stableKey.ts';
import { type TagState, toStored } from './toStored.ts';

/** Whether two values of attributes are stored as the same: `1` and `1n` are. */
export function isSameValue(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  const order = compareValues(one, other);
  if (order !== null) return order === 0;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  return storedKey(one) === storedKey(other);
}

/** Negative, 0 or positive for two numbers, two times or two texts (by code unit); `null` for others. */
export function compareValues(one: unknown, other: unknown): number | null {
  if (isNumeric(one) && isNumeric(other)) return one < other ? -1 : one > other ? 1 : 0;
  if (one instanceof Date && other instanceof Date) return one.getTime() - other.getTime();
  if (typeof one === 'string' && typeof other === 'string') return one < other ? -1 : one > other ? 1 : 0;
  return null;
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && !Number.isNaN(value));
}

function storedKey(value: object): string {
  const state: TagState = { tagged: false };
  return stableKey(toStored(value, 'A value', state));
}
