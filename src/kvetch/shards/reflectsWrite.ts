import { isOrdered } from '../schema/listNumbers.ts';
import type { EdgePageRequest, EntryPageRequest } from './pageRequests.ts';
import { type EdgeRow, type EntryRow, type ObjectRow, TOMBSTONE } from './rows.ts';

/** The result of a write, as far as later reads must show it. */
export type ObjectFact = Pick<ObjectRow, 'id' | 'version'>;
export type EdgeFact = Pick<EdgeRow, 'edgeId' | 'fromId' | 'toId' | 'pos' | 'key' | 'srcVersion' | 'state'>;
export type EntryFact = Pick<EntryRow, 'targetId' | 'srcVersion' | 'state'>;

/** Whether an answer is as new as a write. */
export function objectReflects(row: ObjectRow | null, { version }: ObjectFact): boolean {
  return row !== null && row.version >= version;
}

/** Whether a page of a list is as new as a write to an edge of it: the edge is there, gone, or belongs elsewhere in the list. */
export function listReflects(request: EdgePageRequest, rows: readonly EdgeRow[], fact: EdgeFact): boolean {
  const found = rows.find(({ toId }) => toId === fact.toId);
  if (fact.state === TOMBSTONE || found !== undefined) return agrees(found, fact);
  if (fact.key === undefined && isOrdered(request.edgeId)) return false; // nobody knows its place
  if (!isBehind(fact, request)) return true;
  const last = rows.at(-1);
  return rows.length >= request.limit && (last === undefined || compareInTurn(last, fact, request) < 0);
}

/** The same for a page of an index value. */
export function entriesReflect(request: EntryPageRequest, rows: readonly EntryRow[], fact: EntryFact): boolean {
  const found = rows.find(({ targetId }) => targetId === fact.targetId);
  if (fact.state === TOMBSTONE || found !== undefined) return agrees(found, fact);
  if (!isEntryBehind(fact, request)) return true;
  const afterId = rows.at(-1)?.targetId ?? null;
  return rows.length >= request.limit && isEntryBehind(fact, { ...request, afterId });
}

/** Whether an entry lies behind the place where a page begins. */
export function isEntryBehind(
  { targetId }: Pick<EntryRow, 'targetId'>,
  { afterId, reverse = false }: Pick<EntryPageRequest, 'afterId' | 'reverse'>,
): boolean {
  return afterId === null || (reverse ? targetId < afterId : targetId > afterId);
}

/** Whether an edge lies behind the place where a page begins, and within its bounds. */
export function isBehind(edge: Place, request: EdgePageRequest): boolean {
  const { afterPos, afterId, afterKey, low, high } = request;
  const { key = '' } = edge;
  if ((low !== undefined && key < low) || (high !== undefined && key >= high)) return false;
  if (afterId === null || (afterPos === null && afterKey === undefined)) return true;
  return compareInTurn(edge, placeBefore(afterPos, afterKey, afterId), request) > 0;
}

/** A place in a list: where a page begins. */
export function placeBefore(pos: number | null, key: string | undefined, toId: string): Place {
  return key === undefined ? { pos: pos ?? 0, toId } : { pos: 0, key, toId };
}

export type Place = Pick<EdgeRow, 'pos' | 'key' | 'toId'>;

/** In the order in which a page is read. */
function compareInTurn(a: Place, b: Place, { reverse = false }: EdgePageRequest): number {
  return reverse ? compareEdges(b, a) : compareEdges(a, b);
}

function agrees(
  found: Pick<EdgeRow, 'srcVersion'> | undefined,
  { state, srcVersion }: Pick<EdgeFact, 'state' | 'srcVersion'>,
): boolean {
  if (state === TOMBSTONE) return found === undefined || found.srcVersion > srcVersion;
  return found !== undefined && found.srcVersion >= srcVersion;
}

/** In the order of their list. */
export function compareEdges(a: Place, b: Place): number {
  if (a.key !== b.key) return (a.key ?? '') < (b.key ?? '') ? -1 : 1;
  if (a.pos !== b.pos) return a.pos - b.pos;
  return a.toId < b.toId ? -1 : a.toId === b.toId ? 0 : 1;
}
