import { NotFoundError, WrongTypeError } from '../errors.ts';
import { fromStore, type KvetchContext } from '../KvetchContext.ts';
import { attempt } from '../reads/attempt.ts';
import { RequestScope } from '../reads/RequestScope.ts';
import { readObjectRows } from '../reads/readObjects.ts';
import { LIVE, type ObjectRow } from '../shards/rows.ts';
import type { EndRow, Entry } from '../shards/ShardStore.ts';

/** An id that a row written by hand leads from or to. */
export interface End {
  readonly id: string;
  /** The caller's name for it: `"toId"`. */
  readonly name: string;
  readonly typeId: number;
  /** Of a stored id: its type and name, `"Item.list"`. */
  readonly attribute?: string;
}

/** The ends of a row by hand, or the stored ids of an object. */
export interface EndsOfWrite {
  /** The edge, index or type, for errors. */
  readonly place: string;
  readonly ends: readonly End[];
}

/** The same as `checkAllEnds` for one write: it throws. */
export async function checkEnds(context: KvetchContext, place: string, ends: readonly End[]): Promise<void> {
  const [answer = null] = await checkAllEnds(context, [{ place, ends }]);
  if (answer !== null) throw answer;
}

/**
 * Of each write `null` where each end is an object of its type, or the first error. The type of an object never changes,
 * so caches may answer; only an object that they do not know is looked for in the store. Checks of one turn of the event
 * loop are one call for each server.
 */
export async function checkAllEnds(
  context: KvetchContext,
  writes: readonly EndsOfWrite[],
): Promise<ReadonlyArray<Entry<null>>> {
  const ids = new Set(writes.flatMap(({ ends }) => ends.map(({ id }) => id)));
  if (ids.size === 0) return writes.map(() => null);
  const rows = await readEnds(context, [...ids]);
  return writes.map(({ place, ends }) => {
    const failure = attempt(() => {
      for (const end of ends) checkEnd(context, place, end, rows.get(end.id) ?? null);
    });
    return failure instanceof Error ? failure : null;
  });
}

/** The rows of ends, as far as they are there. */
export async function readEnds(
  context: KvetchContext,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Entry<ObjectRow | null>>> {
  const scope = context.scope ?? new RequestScope(context.checks, context.stats);
  const fresh = context.scope === null ? null : context.fresh; // all checks that go out together are equally fresh
  const known = await readObjectRows({ ...context, scope, fresh }, ids);
  const rows = new Map(ids.map((id, at): [string, Entry<ObjectRow | null>] => [id, known[at] ?? null]));
  const unknown = ids.filter((id) => !isLive(rows.get(id)));
  const found = unknown.length === 0 ? [] : await readObjectRows(fromStore(context), unknown);
  for (const [at, id] of unknown.entries()) rows.set(id, found[at] ?? null);
  return rows;
}

function isLive(row: Entry<ObjectRow | null> | undefined): boolean {
  return row !== undefined && row !== null && !(row instanceof Error) && row.state === LIVE;
}

/** Throws where the row of an end is not there, or is of another type than it must be. */
export function checkEnd(
  { schema }: KvetchContext,
  place: string,
  { id, name, typeId, attribute }: End,
  row: Entry<EndRow | null>,
): void {
  if (row instanceof Error) throw row;
  if (row === null || row.state !== LIVE) throw new NotFoundError(id, attribute ?? null);
  if (row.typeId === typeId) return;
  const nameOf = (type: number): string => schema.findType(type)?.name ?? `type ${type}`;
  throw new WrongTypeError(place, name, id, nameOf(typeId), nameOf(row.typeId));
}
