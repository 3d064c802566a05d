import { BadIdError, BadPageError, BadValueError, quote } from '../errors.ts';
import { bytesOfId } from '../ids/idBytes.ts';
import { MAX_NAME_BYTES, MAX_VALUE_BYTES } from './tables.ts';

/** The value of a column in a statement. Texts are given as their bytes. */
export type SqlValue = number | Buffer | null;

/**
 * A value within SQL text: a decimal number or a hexadecimal literal. Nothing that a caller wrote ever appears as it
 * is, so no `sql_mode` and no character set can make it mean something else.
 */
export function literal(value: SqlValue): string {
  if (value === null) return 'NULL';
  return typeof value === 'number' ? String(integer(value)) : `x'${value.toString('hex')}'`;
}

/** Rows of literals, for `VALUES` and `IN`. */
export function literalRow(values: readonly SqlValue[]): string {
  return `(${values.map(literal).join(', ')})`;
}

/** An id as 16 bytes. */
export function idBytes(id: string): Buffer {
  const bytes = typeof id === 'string' ? bytesOfId(id) : null;
  if (bytes === null) throw new BadIdError(id);
  return bytes;
}

/** An id as a literal. */
export function idLiteral(id: string): string {
  return `x'${idBytes(id).toString('hex')}'`;
}

/** The name of an index as bytes. */
export function nameBytes(name: string): Buffer {
  return textBytes(name, MAX_NAME_BYTES, 'The name of an index');
}

/** An index key as bytes. */
export function keyBytes(value: string): Buffer {
  return textBytes(value, MAX_VALUE_BYTES, 'An index key');
}

function textBytes(text: string, limit: number, what: string): Buffer {
  if (typeof text !== 'string') throw new BadValueError(`${what} is ${quote(text)}, which is no text.`);
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length > limit) throw new BadValueError(`${what} has ${bytes.length} bytes and may have ${limit}.`);
  return bytes;
}

/** A whole number from 0 to `max`. */
export function integer(value: number, max: number = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new BadValueError(`The number ${quote(value)} is not an integer from 0 to ${max}.`);
  }
  return value + 0; // -0 is written as 0
}

/** The largest definition id. */
export const MAX_UINT32 = 0xffffffff;

/** The number of rows that a page may have. */
export function pageLimit(limit: number): number {
  if (!Number.isSafeInteger(limit) || limit < 0)
    throw new BadPageError(`A page of ${quote(limit)} rows cannot be read.`);
  return limit;
}
