export { authorizePent, PentVisibleStep, PentWorldStep } from './authorizePent.ts';
export { addingEdge, type EdgeSteps, removingEdge, WriteEdgeStep } from './edgeWrites.ts';
export { method, PentMethodStep, RootMethodStep } from './method.ts';
export { PentPageStep } from './PentPageStep.ts';
export { PentStep } from './PentStep.ts';
export { PentCountStep, pentConnection } from './pentConnection.ts';
export { PentTypeNameStep, planPent } from './planPent.ts';
export {
  browsePents,
  browsePentsPage,
  pent,
  pentEdge,
  pentEdgePage,
  pentFromIndex,
  pentIndexPage,
  pentStoredId,
  pentsFromIndex,
} from './reads.ts';
export { creating, deleting, updating, WritePentStep, type WriteSteps } from './writes.ts';
