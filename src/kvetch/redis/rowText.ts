import { shardOfId, shardOfValue } from '../ids/routing.ts';
import { type EdgeRow, type EntryRow, LIVE, type ObjectRow, type RowState } from '../shards/rows.ts';
import type { EdgePageRequest } from '../shards/ShardStore.ts';
import { isBehind } from '../shards/shows.ts';

/** `<version, 16 hex digits> <state> <typeId> <codec> <createdUs> <updatedUs> <length of body>\n<body>`; version 0 says that there is no object. */
export function objectText(row: ObjectRow | null): string {
  if (row === null) return `${hex16(0)} 0 0 0 0 0 0\n`;
  const { version, state, typeId, codec, createdUs, updatedUs, body } = row;
  return `${hex16(version)} ${state} ${typeId} ${codec} ${createdUs} ${updatedUs} ${body.length}\n${body}`;
}

const objectHead = /^([0-9a-f]{16}) ([01]) (\d{1,16}) (\d{1,3}) (\d{1,16}) (\d{1,16}) (\d{1,9})\n/;

/** The row of a text, `null` for one that does not exist, `undefined` for a text that is none of ours. */
export function parseObject(id: string, text: unknown): ObjectRow | null | undefined {
  const head = typeof text === 'string' ? objectHead.exec(text) : null;
  if (head === null || typeof text !== 'string') return undefined;
  const [start, version = '', state, typeId, codec, createdUs, updatedUs, length] = head;
  const body = text.slice(start.length);
  if (body.length !== Number(length)) return undefined;
  if (/^0+$/.test(version)) return null;
  return {
    id,
    shard: shardOfId(id),
    typeId: Number(typeId),
    version: Number.parseInt(version, 16),
    state: Number(state) as RowState,
    codec: Number(codec),
    createdUs: Number(createdUs),
    updatedUs: Number(updatedUs),
    body,
    record: null,
  };
}

/** What is behind the last row that is kept: nothing, rows that may be kept too, or rows that are not kept any more. */
export const COMPLETE = 'C';
export const PREFIX = 'P';
export const FULL = 'F';

const ends: ReadonlySet<string> = new Set([COMPLETE, PREFIX, FULL]);

/** The first edges of a list, as many as `maxChars` has room for, a line each; what is behind them comes first. */
export function listText(rows: readonly EdgeRow[], end: string, maxChars: number): string {
  let text = '';
  for (const row of rows) {
    const line = edgeText(row);
    if (text.length + line.length > maxChars) return `${FULL}${text}`;
    text += `\n${line}`;
  }
  return `${end}${text}`;
}

/** The target, and the rest of the row. JSON has no line breaks. */
function edgeText({ toId, pos, srcVersion, createdUs, updatedUs, codec, body }: EdgeRow): string {
  return `${toId} ${JSON.stringify([pos, srcVersion, createdUs, updatedUs, codec, body])}`;
}

/** The rows of a list, at most as many as asked for: the rest of the text is not looked at. */
export function parseList(request: EdgePageRequest, text: unknown): KeptRows<EdgeRow> | undefined {
  if (typeof text !== 'string') return undefined;
  const end = text.charAt(0);
  if (!ends.has(end) || (text.length > 1 && text.charAt(1) !== '\n')) return undefined;
  const shard = shardOfId(request.fromId);
  const rows: EdgeRow[] = [];
  for (let at = 1; at < text.length && rows.length < request.limit; ) {
    const next = text.indexOf('\n', at + 1);
    const line = text.slice(at + 1, next === -1 ? text.length : next);
    const row = parseEdge(request, shard, line);
    if (row === undefined) return undefined;
    if (isBehind(row, request)) rows.push(row);
    at = next === -1 ? text.length : next;
  }
  return { end, rows };
}

function parseEdge({ edgeId, fromId }: EdgePageRequest, shard: number, line: string): EdgeRow | undefined {
  if (line.charAt(36) !== ' ') return undefined;
  const rest = parseArray(line.slice(37));
  if (rest?.length !== 6) return undefined;
  const [pos, srcVersion, createdUs, updatedUs, codec, body] = rest as [number, number, number, number, number, string];
  if (!areNumbers([pos, srcVersion, createdUs, updatedUs, codec]) || !(body === null || typeof body === 'string'))
    return undefined;
  const toId = line.slice(0, 36);
  const times = { createdUs, updatedUs };
  return { edgeId, fromId, toId, shard, pos, srcVersion, state: LIVE, ...times, codec, body, record: null };
}

/** The first rows of a list or an index value, and what follows them. */
export interface KeptRows<TRow> {
  readonly end: string;
  readonly rows: readonly TRow[];
}

export function entriesText(value: string, end: string, rows: readonly EntryRow[]): string {
  return JSON.stringify([
    value,
    end,
    rows.map(({ targetId, srcVersion, createdUs, updatedUs }) => [targetId, srcVersion, createdUs, updatedUs]),
  ]);
}

/** `undefined` for a text that is none of ours, or of another value with the same digest. */
export function parseEntries(index: string, value: string, text: unknown): KeptRows<EntryRow> | undefined {
  const [seen, end, list] = (typeof text === 'string' ? parseArray(text) : null) ?? [];
  if (seen !== value || typeof end !== 'string' || !ends.has(end) || !Array.isArray(list)) return undefined;
  const shard = shardOfValue(value);
  const rows: EntryRow[] = [];
  for (const item of list as unknown[]) {
    if (!Array.isArray(item) || typeof item[0] !== 'string' || !areNumbers(item.slice(1, 4))) return undefined;
    const [targetId, srcVersion, createdUs, updatedUs] = item as [string, number, number, number];
    rows.push({ index, value, targetId, shard, srcVersion, state: LIVE, createdUs, updatedUs });
  }
  return { end, rows };
}

function areNumbers(values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'number');
}

function parseArray(text: string): readonly unknown[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function hex16(value: number): string {
  return value.toString(16).padStart(16, '0');
}
