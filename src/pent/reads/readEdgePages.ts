import { parseId } from '../../kvetch/ids/parseId.ts';
import type { KvetchObject } from '../../kvetch/KvetchObject.ts';
import type { EdgeObjectsPage, EdgesRequest, KvetchReads, ReadExtra } from '../../kvetch/reads/KvetchReads.ts';
import { isTargetOf } from '../../kvetch/reads/readTargets.ts';
import { chain } from '../../kvetch/shards/chain.ts';
import type { Batch, Entry } from '../../kvetch/shards/ShardStore.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { Context } from '../contract.ts';
import { isAnyHidden } from '../privacy/hiddenFields.ts';
import { mayHideEntries } from '../privacy/readability.ts';
import { toldByEdge } from '../privacy/toldAttributes.ts';
import { admit } from './admit.ts';

/** No list has an entry with this id: a page behind it is empty. */
const ID_OF_NOTHING = '00000000-0000-0000-0000-000000000000';

/** Nobody keeps these reads but the page's reader. */
const OF_STEP: ReadExtra = { isOfStep: true };

/** Reads pages of edges with their objects, for the viewer: where a page begins tells nothing of hidden entries. */
export function readEdgePages(
  context: Context,
  reads: KvetchReads,
  requests: readonly EdgesRequest[],
  extra?: ReadExtra,
): Batch<EdgeObjectsPage> {
  const starts = requests.map((request) => startOf(context, request));
  if (starts.every((id) => id === null)) return reads.edgeObjects(requests, extra);
  // Rules run when it is known that the page is needed; until then a failure reaches nobody.
  if (extra?.isAhead === true) return requests.map(() => new Error('A page behind a bare id is read in its turn.'));
  const checked = readableStarts(context, requests, starts, extra === undefined ? undefined : OF_STEP);
  return chain(checked, (given): Batch<EdgeObjectsPage> => {
    const asked = given.filter((request): request is EdgesRequest => !(request instanceof Error));
    return chain(reads.edgeObjects(asked, extra), (pages) => {
      let next = 0;
      return given.map(
        (request): Entry<EdgeObjectsPage> => (request instanceof Error ? request : itemAt(pages, next++)),
      );
    });
  });
}

/**
 * Pages as the viewer may ask for them. A bare id as `after` would find the place of an entry that the viewer may not
 * read. Such an id, one of nothing, and one of an object that is not in the list become the same: the page is empty, and
 * the store is asked the same. An error stands for a page whose start could not be read.
 */
function readableStarts(
  context: Context,
  requests: readonly EdgesRequest[],
  starts: ReadonlyArray<string | null>,
  extra: ReadExtra | undefined,
): MaybePromise<ReadonlyArray<EdgesRequest | Error>> {
  const ids = [...new Set(starts.filter((id) => id !== null))];
  return chain(context.kvetch.reads.objects(ids, extra), (records) =>
    chain(admit(context, records), (pents) =>
      requests.map((request, at): EdgesRequest | Error => {
        const start = starts[at] ?? null;
        if (start === null) return request;
        const place = ids.indexOf(start);
        const record = itemAt(records, place);
        if (record instanceof Error) return record;
        const pent = itemAt(pents, place);
        const isShown = record !== null && pent !== null && !(pent instanceof Error);
        return isShown && isEntry(context, request, record, pent.$record)
          ? request
          : { ...request, after: ID_OF_NOTHING };
      }),
    ),
  );
}

/** The bare id behind which a page begins; null where that tells nothing: for cursors, and where no target can be hidden. */
function startOf(context: Context, { edge, after }: EdgesRequest): string | null {
  if (!context.isRestricted || typeof after !== 'string') return null;
  const { model } = context;
  const target = model.find(model.schema.edge(edge).toTypeId);
  return mayHideEntries(context, target, toldByEdge(model.schema, edge)) ? parseId(after) : null;
}

/**
 * Whether an object may be an entry of a list: a tombstone keeps the place of those that have left it.
 *
 * @param shown - the record as the viewer sees it.
 */
function isEntry(
  { model }: Context,
  { edge, fromId }: EdgesRequest,
  record: KvetchObject,
  shown: KvetchObject,
): boolean {
  const edgeType = model.schema.edge(edge);
  if (record.typeId !== edgeType.toTypeId || !isTargetOf(edgeType, fromId, record)) return false;
  return !isAnyHidden(shown, toldByEdge(model.schema, edge));
}
