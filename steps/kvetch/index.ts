export { browseObjects } from './browseObjects.ts';
export {
  type KvetchConnectionOptions,
  kvetchBrowseConnection,
  kvetchConnection,
  kvetchIndexConnection,
} from './connection/kvetchConnection.ts';
export { countEdges, countIndex } from './counts.ts';
export { hasEdge } from './hasEdge.ts';
export { type KvetchSteps, kvetchSteps } from './kvetchSteps.ts';
export { loadEdgeObjects, loadEdges } from './loadEdges.ts';
export { loadIndex, loadIndexObjects } from './loadIndex.ts';
export { loadObject } from './loadObject.ts';
export { loadObjects } from './loadObjects.ts';
export type { ListSteps } from './paging.ts';
