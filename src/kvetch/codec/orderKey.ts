import { inheritedName, isPropertyBag } from '../../utils/propertyBag.ts';
import { BadValueError, inheritedValue, quote } from '../errors.ts';
import { bytesOfId } from '../ids/idBytes.ts';
import { parseId } from '../ids/parseId.ts';
import { isWellFormed } from './isWellFormed.ts';

/** The kinds of attributes that a list can be ordered by. */
export type OrderKind = 'int' | 'float' | 'date' | 'bool' | 'uuid' | 'string';

/** One attribute of an order. */
export interface OrderPart {
  readonly attr: string;
  readonly kind: OrderKind;
  readonly descending: boolean;
}

/** So many bytes of a text decide about its place; texts that begin with the same ones are in the order of ids. */
export const ORDER_TEXT_BYTES = 64;
/** The longest key: three texts of nothing but NULs. */
export const MAX_ORDER_KEY_BYTES: number = 3 * (1 + 2 * ORDER_TEXT_BYTES + 2);

/** A part of a list: the keys from `low` on that are below `high`; `null` where it has no such end. */
export interface KeyRange {
  readonly low: string | null;
  readonly high: string | null;
}

/** A range of values of one attribute, both ends included. */
export interface ValueRange {
  readonly from?: unknown;
  readonly to?: unknown;
  /** Texts that begin so. */
  readonly startsWith?: unknown;
}

/** One value, or a range of values, by attribute. Each attribute before the last one has one value. */
export type Range = Readonly<Record<string, unknown>>;

const PRESENT = '01';
/** Behind all that is present, whatever the direction. */
const ABSENT = '02';
/** Above all that a key may go on with. */
const ABOVE = 'ff';

/**
 * The place of attributes in an order, as lower-case hexadecimal digits of bytes: these compare as the values do, in every
 * store and language (spec 6.4.1 has the bytes). The target's id decides between equals.
 */
export function orderKey(
  parts: readonly OrderPart[],
  attributes: Readonly<Record<string, unknown>>,
  place: string,
): string {
  let key = '';
  for (const part of parts) {
    const value = attributes[part.attr];
    key += value === undefined || value === null ? ABSENT : PRESENT + encoded(part, value, `${place}.${part.attr}`);
  }
  return key;
}

/** The keys of the values of a range. `list`: for errors, which name the bound. */
export function keyRange(parts: readonly OrderPart[], range: Range, list: string): KeyRange {
  const boundOf = (name: string): string => `"range${name}" of the list "${list}"`;
  const place = boundOf('');
  const inherited = inheritedName(range);
  if (inherited !== null) throw inheritedValue(place, inherited);
  const names = Object.keys(range).filter((name) => range[name] !== undefined);
  let prefix = '';
  for (const [at, part] of parts.entries()) {
    if (at === names.length) break;
    if (!names.includes(part.attr)) throw notNext(parts, names, at, place);
    const wanted = range[part.attr];
    if (isPropertyBag(wanted)) {
      if (at + 1 < names.length) throw notNext(parts, names, at + 1, place, part.attr);
      return rangeOf(prefix, part, wanted, (end) => boundOf(`.${part.attr}${end}`));
    }
    const own = boundOf(`.${part.attr}`);
    prefix += wanted === null ? ABSENT : PRESENT + encoded(part, checkBound(wanted, own), own);
  }
  if (names.length > parts.length) throw notNext(parts, names, parts.length, place);
  return names.length === 0 ? { low: null, high: null } : { low: prefix, high: prefix + ABOVE };
}

function rangeOf(prefix: string, part: OrderPart, wanted: ValueRange, placeOf: (end: string) => string): KeyRange {
  const { from = null, to = null, startsWith = null, ...others } = wanted;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new BadValueError(`${placeOf('')} has ${quote(unknown)}, which is none of from, to, startsWith.`);
  const inherited = inheritedName(wanted);
  if (inherited !== null) throw inheritedValue(placeOf(''), inherited);
  const present = prefix + PRESENT;
  if (startsWith !== null) {
    if (part.kind !== 'string' || from !== null || to !== null)
      throw new BadValueError(`${placeOf('')}: "startsWith" is for texts, and goes without "from" and "to".`);
    // the bytes of a text without the end that a whole one has
    const place = placeOf('.startsWith');
    const start = present + textBytes(part, checkBound(startsWith, place, 1), place).toString('hex');
    return { low: start, high: above(start) };
  }
  const keyOf = (name: 'from' | 'to'): string => {
    const place = placeOf(`.${name}`);
    return present + encoded(part, checkBound(wanted[name], place), place);
  };
  const [lowest, highest] = [from === null ? null : keyOf('from'), to === null ? null : keyOf('to')];
  const [first, last] = part.descending ? [highest, lowest] : [lowest, highest];
  return { low: first ?? present, high: last === null ? prefix + ABSENT : last + ABOVE };
}

/** A longer text would take others for itself: keys have the first bytes of texts alone. `more`: that it may be longer. */
function checkBound(value: unknown, place: string, more = 0): unknown {
  const most = ORDER_TEXT_BYTES - 1 + more;
  if (typeof value !== 'string' || Buffer.byteLength(value) <= most) return value;
  throw new BadValueError(
    `${place} has more than ${most} bytes: only the first ${ORDER_TEXT_BYTES} of a text have a part in the order.`,
  );
}

/** The first key that does not begin so: texts may go on with any byte. */
function above(start: string): string {
  const bytes = Buffer.from(start, 'hex');
  let end = bytes.length;
  while (bytes[end - 1] === 0xff) end--;
  const out = Buffer.from(bytes.subarray(0, end));
  out[end - 1] = (out[end - 1] ?? 0) + 1; // the tag before a text is no ff
  return out.toString('hex');
}

function notNext(
  parts: readonly OrderPart[],
  names: readonly string[],
  at: number,
  place: string,
  ranged?: string,
): BadValueError {
  const order = parts.map(({ attr }) => attr).join(', ');
  const known = new Set(parts.slice(0, at).map(({ attr }) => attr));
  const wrong = names.find((name) => !known.has(name));
  const next = parts[at]?.attr;
  const reason =
    ranged !== undefined
      ? `stands behind the range of ${quote(ranged)}`
      : next === undefined || !parts.some(({ attr }) => attr === wrong)
        ? 'is not in its order'
        : `has no bound of ${quote(next)} before it`;
  return new BadValueError(`${place} has ${quote(wrong)}, which ${reason}: the list is ordered by ${order}.`);
}

function encoded(part: OrderPart, value: unknown, place: string): string {
  const bytes =
    part.kind === 'string'
      ? terminated(textBytes({ ...part, descending: false }, value, place))
      : fixed(part.kind, value);
  if (bytes === null) throw wrongValue(part.kind, value, place);
  return (part.descending ? complement(bytes) : bytes).toString('hex');
}

const names: Readonly<Record<OrderKind, string>> = {
  string: 'well-formed text',
  int: 'integer of at most 64 bits',
  float: 'finite number',
  uuid: 'UUID',
  date: 'Date or integer of milliseconds',
  bool: 'boolean',
};

function wrongValue(kind: OrderKind, value: unknown, place: string): BadValueError {
  return new BadValueError(`${place} is ${quote(value)}, which is no ${names[kind]}.`);
}

/** The bytes of a value of a kind whose values all have the same number of bytes; `null` for any other value. */
function fixed(kind: Exclude<OrderKind, 'string'>, value: unknown): Buffer | null {
  switch (kind) {
    case 'int':
      if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? signed(value) : null;
      return integer(value);
    case 'float':
      return typeof value === 'number' && Number.isFinite(value) ? double(value) : null;
    case 'date': {
      const ms = value instanceof Date ? value.getTime() : value;
      return integer(ms);
    }
    case 'bool':
      return typeof value === 'boolean' ? Buffer.of(value ? 1 : 0) : null;
    case 'uuid': {
      const id = parseId(value);
      return id === null ? null : bytesOfId(id);
    }
  }
}

function integer(value: unknown): Buffer | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? signed(BigInt(value)) : null;
}

/** Eight bytes, with the sign turned. */
function signed(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  bytes[0] = (bytes[0] ?? 0) ^ 0x80;
  return bytes;
}

/** The bytes of IEEE 754, with the sign turned; of a negative number all bits are. */
function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value + 0); // + 0 makes -0 the same as 0
  if (value < 0) return complement(bytes);
  bytes[0] = (bytes[0] ?? 0) ^ 0x80;
  return bytes;
}

/** The first bytes of a text, each NUL followed by ff. */
function textBytes(part: OrderPart, value: unknown, place: string): Buffer {
  if (typeof value !== 'string' || !isWellFormed(value)) throw wrongValue('string', value, place);
  const bytes = Buffer.from(value, 'utf8').subarray(0, ORDER_TEXT_BYTES);
  const escaped = bytes.includes(0)
    ? Buffer.from([...bytes].flatMap((byte) => (byte === 0 ? [0, 0xff] : [byte])))
    : bytes;
  return part.descending ? complement(escaped) : escaped;
}

/** Two NULs end a text, so that it comes before all texts that begin with it. */
function terminated(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(2)]);
}

function complement(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => byte ^ 0xff));
}
