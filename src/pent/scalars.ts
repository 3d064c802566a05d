import { parseId } from '../kvetch/ids/parseId.ts';
import { isIsoDate } from '../utils/isIsoDate.ts';

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

function parseDate(value: unknown): Date {
  if (typeof value === 'string' && isIsoDate(value)) return toDate(value);
  throw new TypeError(`${JSON.stringify(value)} is not a date such as 2026-01-31T12:00:00Z.`);
}

function toDate(value: unknown): Date {
  const date = value instanceof Date ? value : new Date(value as string | number);
  if (Number.isNaN(date.getTime())) throw new TypeError(`${String(value)} is not a date.`);
  return date;
}
