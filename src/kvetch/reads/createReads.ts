import type { KvetchContext } from '../KvetchContext.ts';
import type { KvetchReads } from './KvetchReads.ts';
import { readBrowse } from './readBrowse.ts';
import { readCounts, readEdges } from './readEdges.ts';
import { readIndex } from './readIndex.ts';
import { readObjects } from './readObjects.ts';
import { readEdgeObjects, readIndexObjects } from './readTargets.ts';

/** The batched reads of one store. */
export function createReads(context: KvetchContext): KvetchReads {
  return {
    objects: (ids, extra) => readObjects(context, ids, extra),
    edges: (requests, extra) => readEdges(context, requests, extra),
    edgeObjects: (requests, extra) => readEdgeObjects(context, requests, extra),
    counts: (requests, extra) => readCounts(context, requests, extra),
    index: (requests, extra) => readIndex(context, requests, extra),
    indexObjects: (requests, extra) => readIndexObjects(context, requests, extra),
    browse: (requests, extra) => readBrowse(context, requests, extra),
  };
}
