import { BadValueError, BodyTooLargeError, CorruptRowError } from '../errors.ts';
import type { KvetchObject } from '../KvetchObject.ts';
import { CODEC_JSON, CODEC_TAGGED, type ObjectRow, PREPARED, type RowState } from '../shards/rows.ts';
import { freezeJson, fromStored, type ShareState } from './fromStored.ts';
import { type TagState, toStored } from './toStored.ts';

/** The store's own part of an object's body, apart from its attributes. Absent keys are empty. */
export interface Envelope {
  /** The place of the object in its stored-id edges, by edge id: a cleaner rebuilds the same order from it. */
  readonly pos?: Readonly<Record<string, number>>;
  /** A digest of the input of its create, when an idempotency key was given. */
  readonly made?: string;
  /** The derived rows that the last write took away: `[edgeId, fromId]` and `[index, key]`. For the recent cleaner pass. */
  readonly goneEdges?: ReadonlyArray<readonly [number, string]>;
  readonly goneEntries?: ReadonlyArray<readonly [string, string]>;
  /** The change of a unit that is not settled yet. */
  readonly pending?: PendingChange;
  /** A tombstone of a create whose unit was aborted: the object never was. */
  readonly undone?: true;
}

/** What an object becomes when its unit is written. */
export interface PendingChange {
  /** The id of the unit: its decision is the row with this id. */
  readonly unit: string;
  readonly version: number;
  readonly state: RowState;
  readonly codec: number;
  readonly createdUs: number;
  readonly updatedUs: number;
  /** `null`: the body that the row has, for an object that was only looked at. */
  readonly body: string | null;
}

/** The encoded attributes of one object. */
export interface EncodedAttributes {
  /** JSON of the attributes. */
  readonly json: string;
  readonly codec: number;
}

/** Encodes attributes, or throws a `BadValueError` or `BodyTooLargeError`. */
export function encodeAttributes(attributes: Readonly<Record<string, unknown>>, maxBytes: number): EncodedAttributes {
  const state: TagState = { tagged: false };
  const stored: Record<string, unknown> = {};
  for (const name of Object.keys(attributes)) {
    const value = attributes[name];
    if (value !== undefined && value !== null) stored[name] = toStored(value, `Attribute "${name}"`, state);
  }
  return { json: stringify(stored, maxBytes), codec: state.tagged ? CODEC_TAGGED : CODEC_JSON };
}

/** Encodes any one value: the data of an edge. */
export function encodeValue(value: unknown, place: string, maxBytes: number): EncodedAttributes {
  const state: TagState = { tagged: false };
  const stored = toStored(value, place, state);
  return { json: stringify(stored, maxBytes), codec: state.tagged ? CODEC_TAGGED : CODEC_JSON };
}

/**
 * Puts values that were given into parsed attributes of a row without tags; `null` removes one. Their JSON, or null where a
 * value needs a tag: then nothing was changed.
 */
export function patchJson(
  attributes: Record<string, unknown>,
  given: Readonly<Record<string, unknown>>,
  maxBytes: number,
): string | null {
  const state: TagState = { tagged: false };
  const values = Object.entries(given).map(([name, value]): readonly [string, unknown] => {
    if (value === null) return [name, null];
    return [name, toStored(value, `Attribute "${name}"`, state)];
  });
  if (state.tagged) return null;
  for (const [name, value] of values) {
    if (value === null) delete attributes[name];
    else attributes[name] = frozenJson(value);
  }
  return stringify(attributes, maxBytes);
}

/** As a reader will find it: -0 is 0. */
function frozenJson(value: unknown): unknown {
  if (typeof value === 'string') return value;
  const read: unknown = JSON.parse(JSON.stringify(value));
  freezeJson(read);
  return read;
}

function stringify(stored: unknown, maxBytes: number): string {
  let json: string;
  try {
    json = JSON.stringify(stored);
  } catch (cause) {
    throw new BadValueError(
      `The value cannot be written as JSON: ${cause instanceof Error ? cause.message : 'unknown'}.`,
    );
  }
  const bytes = json.length * 3 <= maxBytes ? json.length : Buffer.byteLength(json);
  if (bytes > maxBytes) throw new BodyTooLargeError(bytes, maxBytes);
  return json;
}

/**
 * The body of a row: the envelope, a line break, the attributes; empty parts are left out. JSON has no line breaks of
 * its own, so a reader finds the attributes without parsing the envelope, which only writes and cleaners look at.
 */
export function joinBody(attributes: string | null, envelope: Envelope): string {
  const system = JSON.stringify(envelope);
  return `${system === '{}' ? '' : system}\n${attributes ?? ''}`;
}

/** The record of a live row. Rows without Dates and bytes remember it, as nobody can change it. */
export function decodeObject(row: ObjectRow): KvetchObject {
  if (row.record !== null) return row.record;
  const share: ShareState = { mutable: false };
  const record = recordOf(row, decodeAttributes(parseAttributes(row), row, share));
  if (!share.mutable) row.record = record;
  return record;
}

/** The record of a row with these attributes. */
export function recordOf(row: ObjectRow, attributes: Readonly<Record<string, unknown>>): KvetchObject {
  const record: KvetchObject = {
    id: row.id,
    typeId: row.typeId,
    version: row.version,
    createdAt: Math.floor(row.createdUs / 1000),
    updatedAt: Math.floor(row.updatedUs / 1000),
    ...attributes,
  };
  return Object.freeze(record);
}

/** The attributes of a row as they were given, in a record of their own, and the envelope. */
export function decodeBody(row: ObjectRow): { attributes: Record<string, unknown>; envelope: Envelope } {
  const envelope = envelopeOf(row);
  return { attributes: decodeAttributes(parseAttributes(row), row, { mutable: false }), envelope };
}

/** The envelope alone. */
export function envelopeOf(row: ObjectRow): Envelope {
  return parsePart(row, 0, breakIn(row));
}

/** The JSON text of the attributes, to compare two bodies by. */
export function attributesJson(row: ObjectRow): string {
  return row.body.slice(breakIn(row) + 1);
}

function parseAttributes(row: ObjectRow): Record<string, unknown> {
  return parsePart(row, breakIn(row) + 1, row.body.length) as Record<string, unknown>;
}

/** Where the envelope ends. */
function breakIn(row: ObjectRow): number {
  const at = row.body.indexOf('\n');
  if (at === -1) throw new CorruptRowError(row.id, 'a body without a line break');
  return at;
}

function parsePart(row: ObjectRow, start: number, end: number): object {
  if (start === end) return {};
  try {
    return JSON.parse(row.body.slice(start, end)) as object;
  } catch (cause) {
    throw new CorruptRowError(row.id, cause);
  }
}

/** Decodes the values of a freshly parsed bag. Values are frozen, the bag itself is not. */
function decodeAttributes(
  attributes: Record<string, unknown>,
  row: ObjectRow,
  share: ShareState,
): Record<string, unknown> {
  const codec = row.codec & ~PREPARED;
  if (codec !== CODEC_JSON && codec !== CODEC_TAGGED) throw new CorruptRowError(row.id, `codec ${row.codec}`);
  // not Object.keys, whose list is a quarter of a record's cost; objects of JSON.parse inherit nothing enumerable
  for (const name in attributes) {
    const value = attributes[name];
    if (typeof value !== 'object' || value === null) continue;
    if (codec === CODEC_JSON) freezeJson(value);
    else attributes[name] = readTagged(value, row, share);
  }
  return attributes;
}

function readTagged(value: object, row: ObjectRow, share: ShareState): unknown {
  try {
    return fromStored(value, share);
  } catch (cause) {
    throw new CorruptRowError(row.id, cause);
  }
}

/** The attributes of a live row, or `null` for a row that cannot be decoded: nothing may be concluded from it. */
export function attributesOf(row: ObjectRow): Readonly<Record<string, unknown>> | null {
  try {
    return decodeObject(row);
  } catch {
    return null;
  }
}
