import { createHash } from 'node:crypto';
import { BadValueError, quote } from '../errors.ts';
import { parseId } from '../ids/parseId.ts';
import type { IndexKind } from '../schema/definitions.ts';
import { isWellFormed } from './isWellFormed.ts';

const MAX_KEY_BYTES = 1000;

/**
 * The text under which an index stores a value: a letter for the kind, then the text, the decimal number, the
 * canonical id, the milliseconds, or 0 and 1. Two values are the same to an index exactly when their keys are: no
 * folding of case or accents, no padding, no normalisation.
 *
 * A text of more than 1,000 bytes is kept as its first bytes and 128 bits of its SHA-256.
 */
export function indexKey(kind: IndexKind, value: unknown, place: string): string {
  const key = keyOf(kind, value);
  if (key === null) throw new BadValueError(`${place} is ${quote(value)}, which is no ${names[kind]}.`);
  return key;
}

const names: Readonly<Record<IndexKind, string>> = {
  string: 'well-formed text',
  int: 'integer of at most 64 bits',
  uuid: 'UUID',
  date: 'Date or integer of milliseconds',
  bool: 'boolean',
};

function keyOf(kind: IndexKind, value: unknown): string | null {
  switch (kind) {
    case 'string':
      return typeof value === 'string' && isWellFormed(value) ? textKey(value) : null;
    case 'int':
      return intKey(value);
    case 'uuid': {
      const id = parseId(value);
      return id === null ? null : `u${id}`;
    }
    case 'date': {
      const ms = value instanceof Date ? value.getTime() : value;
      return typeof ms === 'number' && Number.isSafeInteger(ms) ? `d${ms + 0}` : null;
    }
    case 'bool':
      return typeof value === 'boolean' ? `b${value ? 1 : 0}` : null;
  }
}

function intKey(value: unknown): string | null {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? `i${value}` : null;
  return typeof value === 'number' && Number.isSafeInteger(value) ? `i${value + 0}` : null; // + 0 makes -0 the same as 0
}

function textKey(text: string): string {
  if (text.length * 3 <= MAX_KEY_BYTES || Buffer.byteLength(text) <= MAX_KEY_BYTES) return `s${text}`;
  const bytes = Buffer.from(text, 'utf8');
  let end = MAX_KEY_BYTES;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--; // not within a character
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  return `s${bytes.toString('utf8', 0, end)}~${digest}`;
}
