import { NotFoundError, WrongTypeError } from '../errors.ts';
import { fromStore, type KvetchContext } from '../KvetchContext.ts';
import { RequestScope } from '../reads/RequestScope.ts';
import { readObjectRows } from '../reads/readObjects.ts';
import { LIVE, type ObjectRow } from '../shards/rows.ts';
import type { Entry } from '../shards/ShardStore.ts';

/** An id that a row written by hand leads from or to. */
export interface End {
  readonly id: string;
  /** The caller's name for it: `"toId"`. */
  readonly name: string;
  readonly typeId: number;
}

/**
 * Throws unless each end is an object of its type. `place` names the edge or index. The type of an object never changes,
 * so caches may answer; only an object that they do not know is looked for in the store. Checks of one turn of the event
 * loop are one call for each server.
 */
export async function checkEnds(context: KvetchContext, place: string, ends: readonly End[]): Promise<void> {
  const scope = context.scope ?? new RequestScope(context.checks, context.stats);
  const fresh = context.scope === null ? null : context.fresh; // all checks that go out together are equally fresh
  const known = await readObjectRows(
    { ...context, scope, fresh },
    ends.map(({ id }) => id),
  );
  const unknown = ends.filter((_, at) => !isLive(known[at]));
  for (const [at, end] of ends.entries()) checkType(context, place, end, known[at]);
  if (unknown.length === 0) return;
  const found = await readObjectRows(
    fromStore(context),
    unknown.map(({ id }) => id),
  );
  for (const [at, end] of unknown.entries()) {
    const row = found[at];
    if (row instanceof Error) throw row;
    if (!isLive(row)) throw new NotFoundError(end.id);
    checkType(context, place, end, row);
  }
}

function isLive(row: Entry<ObjectRow | null> | undefined): boolean {
  return row !== undefined && row !== null && !(row instanceof Error) && row.state === LIVE;
}

/** Throws where a row is of another type than an end must be. */
export function checkType(
  { schema }: KvetchContext,
  place: string,
  { id, name, typeId }: End,
  row: Entry<ObjectRow | null> | undefined,
): void {
  if (row === undefined || row === null || row instanceof Error || row.typeId === typeId) return;
  const nameOf = (type: number): string => schema.findType(type)?.name ?? `type ${type}`;
  throw new WrongTypeError(place, name, id, nameOf(typeId), nameOf(row.typeId));
}
