import { shardOfId, shardOfValue } from '../ids/routing.ts';
import { type EdgeRow, type EntryRow, LIVE, type ObjectRow, type RowState } from '../shards/rows.ts';

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

/** The members behind the last edge of a list: it ends here, it may go on in the store, or it goes on and no more of it is kept. */
export const COMPLETE = 'C';
export const PREFIX = 'P';
export const FULL = 'F';

/** A member of a list: the target, by which members of one position are ordered, and the rest of the row. */
export function edgeText({ toId, pos, srcVersion, createdUs, updatedUs, codec, body }: EdgeRow): string {
  return `${toId} ${JSON.stringify([pos, srcVersion, createdUs, updatedUs, codec, body])}`;
}

export function parseEdge(edgeId: number, fromId: string, text: string): EdgeRow | undefined {
  if (text.charAt(36) !== ' ') return undefined;
  const rest = parseArray(text.slice(37));
  if (rest?.length !== 6) return undefined;
  const [pos, srcVersion, createdUs, updatedUs, codec, body] = rest;
  if (!areNumbers([pos, srcVersion, createdUs, updatedUs, codec]) || !(body === null || typeof body === 'string'))
    return undefined;
  return {
    edgeId,
    fromId,
    toId: text.slice(0, 36),
    shard: shardOfId(fromId),
    pos: pos as number,
    srcVersion: srcVersion as number,
    state: LIVE,
    createdUs: createdUs as number,
    updatedUs: updatedUs as number,
    codec: codec as number,
    body,
    record: null,
  };
}

/** The first entries of an index value, and what follows them. */
export interface EntriesText {
  readonly end: string;
  readonly rows: readonly EntryRow[];
}

export function entriesText(value: string, end: string, rows: readonly EntryRow[]): string {
  return JSON.stringify([
    value,
    end,
    rows.map(({ targetId, srcVersion, createdUs, updatedUs }) => [targetId, srcVersion, createdUs, updatedUs]),
  ]);
}

/** `undefined` for a text that is none of ours, or of another value with the same digest. */
export function parseEntries(index: string, value: string, text: unknown): EntriesText | undefined {
  const [seen, end, list] = (typeof text === 'string' ? parseArray(text) : null) ?? [];
  if (seen !== value || (end !== COMPLETE && end !== PREFIX && end !== FULL) || !Array.isArray(list)) return undefined;
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
