import { BadValueError, quote } from '../errors.ts';
import type { KvetchSchema } from '../schema/KvetchSchema.ts';
import { type EdgeRow, type EntryRow, LIVE, type ObjectRow, type StoredRows } from '../shards/rows.ts';
import { isDecision, isPrepared, isUndone, settledRow, unitOf } from '../writes/unit/prepared.ts';

/** One row of an export. */
export type TransferRow =
  | { readonly kind: 'object'; readonly row: ObjectRow }
  | { readonly kind: 'edge'; readonly row: EdgeRow }
  | { readonly kind: 'entry'; readonly row: EntryRow };

/** The rows of a page as lines of JSON without line breaks: names for people, everything that an import needs. */
export function toLines(schema: KvetchSchema, { objects, edges, entries }: StoredRows): readonly string[] {
  return [
    ...objects.flatMap((row) => shownRow(row) ?? []).map((row) => objectLine(schema, row)),
    ...edges.map((row) => edgeLine(schema, row)),
    ...entries.map(entryLine),
  ];
}

/** As readers see it: a unit that is not applied has changed nothing, and its decision is none of their rows. */
function shownRow(row: ObjectRow): ObjectRow | null {
  if (isDecision(row) || isUndone(row)) return null;
  if (!isPrepared(row)) return row;
  return row.state === LIVE ? settledRow(row, unitOf(row), 'aborted') : null;
}

function objectLine(schema: KvetchSchema, { body, record: _record, ...row }: ObjectRow): string {
  const at = body.indexOf('\n');
  const [envelope, attributes] = [body.slice(0, at), body.slice(at + 1)];
  const head = JSON.stringify({ kind: 'object', type: schema.findType(row.typeId)?.name ?? null, ...row });
  // both are JSON already, of one line each
  return `${head.slice(0, -1)},"envelope":${envelope || 'null'},"attributes":${attributes || 'null'}}`;
}

function edgeLine(schema: KvetchSchema, { body, record: _record, ...row }: EdgeRow): string {
  const head = JSON.stringify({ kind: 'edge', edge: schema.findEdge(row.edgeId)?.name ?? null, ...row });
  return `${head.slice(0, -1)},"data":${body ?? 'null'},"hasData":${body !== null}}`;
}

function entryLine(row: EntryRow): string {
  return JSON.stringify({ kind: 'entry', ...row });
}

/** The row of a line that `toLines` made. Throws a `BadValueError` for anything else. */
export function fromLine(line: string): TransferRow {
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(line) as Record<string, unknown>;
  } catch {
    throw new BadValueError(`The line ${quote(line)} of an export is not JSON.`);
  }
  const { kind, type: _type, edge: _edge, envelope, attributes, data, hasData, ...row } = parsed;
  const part = (value: unknown): string => (value === null || value === undefined ? '' : JSON.stringify(value));
  if (kind === 'object') {
    const body = `${part(envelope)}\n${part(attributes)}`;
    return {
      kind,
      row: checked(line, { ...row, body, record: null } as ObjectRow, ['id', 'typeId', 'version']),
    };
  }
  if (kind === 'edge') {
    const body = hasData === true ? JSON.stringify(data) : null;
    return {
      kind,
      row: checked(line, { ...row, body, record: null } as EdgeRow, ['edgeId', 'fromId', 'toId', 'pos']),
    };
  }
  if (kind === 'entry') return { kind, row: checked(line, row as unknown as EntryRow, ['index', 'value', 'targetId']) };
  throw new BadValueError(`The line ${quote(line)} of an export is of no known kind.`);
}

function checked<TRow extends ObjectRow | EdgeRow | EntryRow>(
  line: string,
  row: TRow,
  names: ReadonlyArray<keyof TRow & string>,
): TRow {
  const common = ['shard', 'state', 'createdUs', 'updatedUs'] as const;
  const missing = [...names, ...common].filter(
    (name) => (row as unknown as Record<string, unknown>)[name] === undefined,
  );
  if (missing.length === 0) return row;
  throw new BadValueError(
    `The line ${quote(line)} of an export has no ${missing.map((name) => `"${name}"`).join(', ')}.`,
  );
}
