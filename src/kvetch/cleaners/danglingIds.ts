import { attributesOf } from '../codec/objectBody.ts';
import { HasChildrenError } from '../errors.ts';
import { parseId } from '../ids/parseId.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import { readObjectRows } from '../reads/readObjects.ts';
import { type EdgeType, isBound, type KvetchSchema } from '../schema/KvetchSchema.ts';
import { LIVE, type ObjectRow } from '../shards/rows.ts';
import type { Entry } from '../shards/ShardStore.ts';
import { type Child, leavesChildren } from '../writes/children.ts';
import { inParts } from '../writes/inParts.ts';
import { releaseChild } from '../writes/releaseChild.ts';
import { newCounters } from './CleanCounters.ts';
import { type Look, lookAt } from './lookAt.ts';
import type { CleanPage } from './runPass.ts';

type Dangling = Pick<CleanPage, 'context' | 'counters'> & {
  readonly settings: Pick<CleanPage['settings'], 'onDangling' | 'dryRun'>;
};

/**
 * Looks for stored ids that name no live object of their type. Those of a deleted object go the way of their edge's
 * `onDelete`, where no note has seen to it. The others are counted and named, if the edge says that there are none.
 * Returns the objects that it has left alone.
 */
export async function releaseDangling(page: Dangling, rows: readonly ObjectRow[]): Promise<readonly ObjectRow[]> {
  const { context, settings, counters } = page;
  const named = rows.flatMap((row) => storedIdsOf(context.schema, row));
  const ids = [...new Set(named.map(({ parentId }) => parentId))];
  const found = await readObjectRows(context, ids);
  const parents = new Map(ids.map((id, at): [string, Entry<ObjectRow | null>] => [id, found[at] ?? null]));
  const tell = ({ edge, row, parentId }: Child): void => {
    counters.danglingIds++;
    settings.onDangling({ edge: edge.name, id: row.id, storedId: parentId });
  };
  const children: Child[] = [];
  for (const child of named) {
    const { edge, parentId } = child;
    const parent = parents.get(parentId) ?? null;
    if (parent instanceof Error) counters.errors++;
    else if (parent?.state === LIVE && parent.typeId === edge.fromTypeId) continue;
    else if (isBound(edge) && parent?.typeId === edge.fromTypeId && leavesChildren(context.schema, parent))
      children.push(child);
    else if (edge.mustExist || edge.onDelete === 'refuse') tell(child);
  }
  const answers = settings.dryRun
    ? children.map(() => true)
    : await inParts(children, (child) => releaseChild(context, child));
  const gone = new Set<ObjectRow>();
  for (const [at, answer] of answers.entries()) {
    const child = children[at];
    if (child === undefined) continue;
    gone.add(child.row);
    if (answer instanceof HasChildrenError) tell(child);
    else if (answer instanceof Error) counters.errors++;
    else if (answer) counters.cascaded++;
  }
  return rows.filter((row) => !gone.has(row));
}

/** What a look at stored ids has found. */
export interface DanglingReport extends Look {
  readonly danglingIds: number;
  /** Children of deleted objects that are to go with them. */
  readonly waiting: number;
}

/**
 * Looks at objects for so long, and changes nothing. A store that fails is left out. `context` must read past caches.
 */
export async function findDangling(
  context: KvetchContext,
  withinMs: number,
  onDangling: Dangling['settings']['onDangling'],
): Promise<DanglingReport> {
  const counters = newCounters();
  const page: Dangling = { context, counters, settings: { dryRun: true, onDangling } };
  const look = context.schema.edges.some(isChecked)
    ? await lookAt(context, withinMs, (rows) => releaseDangling(page, rows))
    : { scanned: 0, isWhole: true };
  const { danglingIds, cascaded, errors } = counters;
  return { scanned: look.scanned, isWhole: look.isWhole && errors === 0, danglingIds, waiting: cascaded };
}

function storedIdsOf(schema: KvetchSchema, row: ObjectRow): readonly Child[] {
  const edges = schema.findType(row.typeId)?.storedIdEdges.filter(isChecked) ?? [];
  const attributes = edges.length === 0 || row.state !== LIVE ? null : attributesOf(row);
  return edges.flatMap((edge) => {
    const parentId = parseId(attributes?.[edge.storedIdAttr ?? '']);
    return parentId === null ? [] : [{ edge, row, parentId }];
  });
}

function isChecked({ mustExist, onDelete }: EdgeType): boolean {
  return mustExist || onDelete !== 'keep';
}
