import type { EdgePageRequest, EntryPageRequest } from './pageRequests.ts';
import { type EdgeRow, type EntryRow, type ObjectRow, TOMBSTONE } from './rows.ts';

/** The result of a write, as far as later reads must show it. */
export type ObjectFact = Pick<ObjectRow, 'id' | 'version'>;
export type EdgeFact = Pick<EdgeRow, 'edgeId' | 'fromId' | 'toId' | 'pos' | 'srcVersion' | 'state'>;
export type EntryFact = Pick<EntryRow, 'targetId' | 'srcVersion' | 'state'>;

/** Whether an answer is as new as a write. */
export function objectReflects(row: ObjectRow | null, { version }: ObjectFact): boolean {
  return row !== null && row.version >= version;
}

/** Whether a page of a list is as new as a write to an edge of it: the edge is there, gone, or belongs elsewhere in the list. */
export function listReflects(request: EdgePageRequest, rows: readonly EdgeRow[], fact: EdgeFact): boolean {
  const found = rows.find(({ toId }) => toId === fact.toId);
  if (fact.state === TOMBSTONE || found !== undefined) return agrees(found, fact);
  if (!isBehind(fact, request)) return true;
  const last = rows.at(-1);
  return rows.length >= request.limit && (last === undefined || compareInTurn(last, fact, request) < 0);
}

/** The same for a page of an index value. */
export function entriesReflect(request: EntryPageRequest, rows: readonly EntryRow[], fact: EntryFact): boolean {
  const found = rows.find(({ targetId }) => targetId === fact.targetId);
  if (fact.state === TOMBSTONE || found !== undefined) return agrees(found, fact);
  if (request.afterId !== null && fact.targetId <= request.afterId) return true;
  const last = rows.at(-1);
  return rows.length >= request.limit && (last === undefined || last.targetId < fact.targetId);
}

/** Whether an edge lies behind the place where a page begins. */
export function isBehind(edge: Place, request: EdgePageRequest): boolean {
  const { afterPos, afterId } = request;
  if (afterId === null || afterPos === null) return true;
  return compareInTurn(edge, { pos: afterPos, toId: afterId }, request) > 0;
}

type Place = Pick<EdgeRow, 'pos' | 'toId'>;

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

export function compareEdges(a: Place, b: Place): number {
  if (a.pos !== b.pos) return a.pos - b.pos;
  return a.toId < b.toId ? -1 : a.toId === b.toId ? 0 : 1;
}
