import { parseId } from '../kvetch/ids/parseId.ts';

/** How a scalar reads and writes its values: an entry of `makeSchema({ scalars })`. */
export interface ScalarBehaviour {
  readonly serialize: (value: unknown) => unknown;
  readonly parseValue: (value: unknown) => unknown;
}

/** The scalars that Grapple knows. */
export const scalars: Readonly<Record<'UUID' | 'DateTime' | 'JSON', ScalarBehaviour>> = {
  UUID: { serialize: String, parseValue: toId },
  DateTime: { serialize: (value) => toDate(value).toISOString(), parseValue: parseDate },
  JSON: { serialize: (value) => value, parseValue: (value) => value },
};

function toId(value: unknown): string {
  const id = parseId(value);
  if (id === null) throw new TypeError(`${JSON.stringify(value)} is not a UUID.`);
  return id;
}

const isoDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i;

function parseDate(value: unknown): Date {
  if (typeof value === 'string' && isoDate.test(value)) return toDate(value);
  throw new TypeError(`${JSON.stringify(value)} is not a date such as 2026-01-31T12:00:00Z.`);
}

function toDate(value: unknown): Date {
  const date = value instanceof Date ? value : new Date(value as string | number);
  if (Number.isNaN(date.getTime())) throw new TypeError(`${String(value)} is not a date.`);
  return date;
}
