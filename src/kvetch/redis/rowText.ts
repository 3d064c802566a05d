import { parseId } from '../ids/parseId.ts';
import { shardOfId, shardOfValue } from '../ids/routing.ts';
import type { EdgePageRequest } from '../shards/pageRequests.ts';
import { isBehind } from '../shards/reflectsWrite.ts';
import {
  CODEC_JSON,
  type EdgeRow,
  type EdgeRows,
  type EntryRow,
  LIVE,
  type ObjectRow,
  type RowState,
} from '../shards/rows.ts';
import { TextReader } from './TextReader.ts';

/**
 * `<version> <state> <typeId> <codec> <createdUs> <updatedUs> <length of body>\n<body>`; version 0 says that there is no
 * object.
 */
export function objectText(row: ObjectRow | null): string {
  if (row === null) return '0 0 0 0 0 0 0\n';
  const { version, state, typeId, codec, createdUs, updatedUs, body } = row;
  return `${version} ${state} ${typeId} ${codec} ${createdUs} ${updatedUs} ${body.length}\n${body}`;
}

/** The row of a text, `null` for one that does not exist, `undefined` for a text that is none of ours. */
export function parseObject(id: string, text: unknown): ObjectRow | null | undefined {
  if (typeof text !== 'string') return undefined;
  const reader = new TextReader(text, 0);
  const version = reader.number();
  const state = reader.number() as RowState;
  const typeId = reader.number();
  const codec = reader.number();
  const createdUs = reader.number();
  const updatedUs = reader.number();
  const length = reader.number();
  const body = reader.rest();
  if (body.length !== length || Number.isNaN(version + state + typeId + codec + createdUs + updatedUs))
    return undefined;
  if (version === 0) return null;
  return { id, shard: shardOfId(id), typeId, version, state, codec, createdUs, updatedUs, body, record: null };
}

/** The end of the last kept row: nothing follows, rows that may be kept too, or rows that are not kept any more. */
export const COMPLETE = 'C';
export const PREFIX = 'P';
export const FULL = 'F';

const ends: ReadonlySet<string> = new Set([COMPLETE, PREFIX, FULL]);

/** The first rows of a list or an index value, and their end. */
export interface KeptRows<TRows> {
  readonly end: string;
  readonly rows: TRows;
}

/**
 * The first edges of a list, as many as `maxChars` has room for, a line each; their end comes first. Most edges are as their
 * object's first version has made them: their lines are short, `<toId>+<pos>`, and `pos` is counted from the edge before: upwards,
 * or downwards where the list is read from its end.
 */
export function listText(rows: readonly EdgeRow[], end: string, maxChars: number, isFromEnd: boolean): string {
  let text = '';
  let before = 0;
  for (const row of rows) {
    const { toId, pos } = row;
    const step = isFromEnd ? before - pos : pos - before;
    const line =
      row.key !== undefined
        ? orderedLine(row, row.key)
        : isPlain(row) && step >= 0
          ? `\n${toId}+${step}`
          : longLine(row);
    if (text.length + line.length > maxChars) return `${FULL}${text}`;
    text += line;
    before = pos;
  }
  return `${end}${text}`;
}

function isPlain({ pos, srcVersion, createdUs, updatedUs, codec, body }: EdgeRow): boolean {
  return srcVersion === 1 && createdUs === pos && updatedUs === pos && codec === CODEC_JSON && body === null;
}

/** Of an ordered list: `<toId>=<key>`, and the rest as in other long lines. */
function orderedLine({ toId, srcVersion, createdUs, updatedUs, codec, body }: EdgeRow, key: string): string {
  return `\n${toId}=${key} ${srcVersion} ${createdUs} ${updatedUs} ${codec} ${body ?? ''}`;
}

function longLine({ toId, pos, srcVersion, createdUs, updatedUs, codec, body }: EdgeRow): string {
  return `\n${toId} ${pos} ${srcVersion} ${createdUs} ${updatedUs} ${codec} ${body ?? ''}`; // JSON has no line breaks
}

/** The rows of a list, at most as many as asked for: the rest of the text is not looked at. */
export function parseList(request: EdgePageRequest, text: unknown): KeptRows<EdgeRows> | undefined {
  if (typeof text !== 'string') return undefined;
  const end = text.charAt(0);
  if (!ends.has(end)) return undefined;
  const shard = shardOfId(request.fromId);
  const reader = new TextReader(text, 1);
  const rows: EdgeRow[] = [];
  let before = 0;
  while (!reader.isAtEnd && rows.length < request.limit) {
    const row = readEdge(request, shard, reader, before);
    if (row === null) return undefined;
    before = row.pos;
    if (isPastBounds(row, request)) {
      return { end: COMPLETE, rows: Object.assign(rows, { shown: null }) }; // no other is within the bounds
    }
    if (isBehind(row, request)) rows.push(row);
  }
  return { end, rows: Object.assign(rows, { shown: null }) };
}

/** Whether an edge lies behind the bounds of a page, and with it all that follow. */
export function isPastBounds({ key }: EdgeRow, { low, high, reverse = false }: EdgePageRequest): boolean {
  if (key === undefined) return false;
  return reverse ? low !== undefined && key < low : high !== undefined && key >= high;
}

function readEdge(
  { edgeId, fromId, reverse = false }: EdgePageRequest,
  shard: number,
  reader: TextReader,
  before: number,
): EdgeRow | null {
  const toId = reader.lineId();
  const key = reader.key();
  const difference = key === null ? reader.difference() : null;
  const isShort = difference !== null;
  const pos = isShort ? (reverse ? before - difference : before + difference) : key === null ? reader.number() : 0;
  const srcVersion = isShort ? 1 : reader.number();
  const createdUs = isShort ? pos : reader.number();
  const updatedUs = isShort ? pos : reader.number();
  const codec = isShort ? CODEC_JSON : reader.number();
  const body = isShort ? '' : reader.restOfLine();
  if (parseId(toId) !== toId || Number.isNaN(pos + srcVersion + createdUs + updatedUs + codec)) return null;
  return {
    edgeId,
    fromId,
    toId,
    shard,
    pos,
    ...(key !== null && { key }),
    srcVersion,
    state: LIVE,
    createdUs,
    updatedUs,
    codec,
    body: body === '' ? null : body,
    record: null,
  };
}

/** `N<count>`. */
export function countText(count: number): string {
  return `N${count}`;
}

/** `undefined` for a text that is none of ours. */
export function parseCount(text: unknown): number | undefined {
  return typeof text === 'string' && /^N\d{1,15}$/.test(text) ? Number(text.slice(1)) : undefined;
}

/** `S<sum>`: a number as JavaScript writes it. */
export function sumText(sum: number): string {
  return `S${sum}`;
}

/** `undefined` for a text that is none of ours, and for a sum that is no finite number. */
export function parseSum(text: unknown): number | undefined {
  const sum = typeof text === 'string' && /^S-?\d[\d.e+-]*$/.test(text) ? Number(text.slice(1)) : Number.NaN;
  return Number.isFinite(sum) ? sum : undefined;
}

/** The first entries of an index value, a line each; their end and the value come first. */
export function entriesText(value: string, end: string, rows: readonly EntryRow[]): string {
  const lines = rows.map(
    ({ targetId, srcVersion, createdUs, updatedUs }) => `\n${targetId} ${srcVersion} ${createdUs} ${updatedUs}`,
  );
  return `${end}${JSON.stringify(value)}${lines.join('')}`;
}

/** `undefined` for a text that is none of ours, or of another value with the same digest. */
export function parseEntries(index: string, value: string, text: unknown): KeptRows<readonly EntryRow[]> | undefined {
  if (typeof text !== 'string') return undefined;
  const end = text.charAt(0);
  const seen = JSON.stringify(value);
  if (!ends.has(end) || !text.startsWith(seen, 1)) return undefined;
  const shard = shardOfValue(value);
  const reader = new TextReader(text, 1 + seen.length);
  const rows: EntryRow[] = [];
  while (!reader.isAtEnd) {
    const targetId = reader.lineId();
    const srcVersion = reader.number();
    const createdUs = reader.number();
    const updatedUs = reader.number();
    if (parseId(targetId) !== targetId || Number.isNaN(srcVersion + createdUs + updatedUs)) return undefined;
    rows.push({ index, value, targetId, shard, srcVersion, state: LIVE, createdUs, updatedUs });
  }
  return { end, rows };
}
