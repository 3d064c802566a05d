import type { KvetchContext } from '../KvetchContext.ts';
import type { KvetchReads } from './KvetchReads.ts';
import { RequestScope } from './RequestScope.ts';
import { readBrowse } from './readBrowse.ts';
import { readCounts, readEdges } from './readEdges.ts';
import { readIndex } from './readIndex.ts';
import { readObjects } from './readObjects.ts';
import { readEdgeObjects, readIndexObjects } from './readTargets.ts';
import { Turn } from './Turn.ts';

/** The batched reads of one store. */
export function createReads(context: KvetchContext): KvetchReads {
  const { scope } = context;
  let isBegun = false;
  const reads: KvetchReads = {
    get answersAtOnce() {
      return context.sharing === null && context.shards.answerAtOnce;
    },
    objects: (ids, extra) => readObjects(context, ids, extra),
    edges: (requests, extra) => readEdges(context, requests, extra),
    edgeObjects: (requests, extra) => readEdgeObjects(context, requests, extra),
    counts: (requests, extra) => readCounts(context, requests, extra),
    index: (requests, extra) => readIndex(context, requests, extra),
    indexObjects: (requests, extra) => readIndexObjects(context, requests, extra),
    browse: (requests, extra) => readBrowse(context, requests, extra),
    forRequest() {
      if (scope === null) return createReads(scoped(context));
      if (isBegun) scope.forget();
      isBegun = true;
      return reads;
    },
  };
  return reads;
}

/** The same store for one request. */
export function scoped(context: KvetchContext): KvetchContext {
  const { shards, stats, sharing } = context;
  return { ...context, scope: new RequestScope(sharing ?? new Turn(shards, stats), stats) };
}
