/**
 * A value with copies of its dates, alone or in lists: a `Date` cannot be frozen, so a getter never gives away the one
 * that is stored.
 */
export function copyDates<T>(value: T): T {
  return copyOf(value) as T;
}

function copyOf(value: unknown): unknown {
  if (value instanceof Date) return new Date(value);
  return Array.isArray(value) ? value.map(copyOf) : value;
}
