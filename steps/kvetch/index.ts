export { browseObjects } from './browseObjects.ts';
export { type KvetchSteps, kvetchSteps } from './kvetchSteps.ts';
export { countEdges, loadEdgeObjects, loadEdges } from './loadEdges.ts';
export { loadIndex, loadIndexObjects } from './loadIndex.ts';
export { loadObject } from './loadObject.ts';
export { loadObjects } from './loadObjects.ts';
export type { PageSteps } from './paging.ts';
export type { KvetchRequestContext, StoreWithReads } from './storeOf.ts';
