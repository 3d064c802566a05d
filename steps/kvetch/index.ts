export { browseObjects } from './browseObjects.ts';
export { FilledPageStep, FillStep, ReadOnStep } from './connection/FillStep.ts';
export {
  type KvetchConnectionArgs,
  type KvetchConnectionData,
  type KvetchConnectionOptions,
  kvetchBrowseConnection,
  kvetchConnection,
  kvetchIndexConnection,
} from './connection/kvetchConnection.ts';
export { ListEdgesStep } from './connection/ListEdgesStep.ts';
export { ListInfoStep } from './connection/ListInfoStep.ts';
export { ListPageStep } from './connection/ListPageStep.ts';
export { ListWindowStep } from './connection/ListWindowStep.ts';
export { type CountSteps, countEdges, countIndex } from './counts.ts';
export { hasEdge } from './hasEdge.ts';
export { type KvetchSteps, kvetchSteps } from './kvetchSteps.ts';
export { loadEdgeObjects, loadEdges } from './loadEdges.ts';
export { loadIndex, loadIndexObjects } from './loadIndex.ts';
export { loadObject } from './loadObject.ts';
export { loadObjects } from './loadObjects.ts';
export type { ListSteps, PageSteps } from './paging.ts';
export { RangeStep, type RangeSteps } from './RangeStep.ts';
export type { KvetchRequestContext, StoreWithReads } from './storeOf.ts';
