export { authorizePent, PentVisibleStep, PentWorldStep } from './authorizePent.ts';
export { ChosenListStep, chosenList, type ListChoice, type ListRef } from './chosenList.ts';
export { addingEdge, type EdgeSteps, removingEdge, WriteEdgeStep } from './edgeWrites.ts';
export { method, PentMethodStep, RootMethodStep } from './method.ts';
export { PentCountStep } from './PentCountStep.ts';
export { PentPageStep } from './PentPageStep.ts';
export { PentStep } from './PentStep.ts';
export { PentWindowStep } from './PentWindowStep.ts';
export { pentConnection, pentIndexConnection } from './pentConnection.ts';
export { pentHasEdge, ViewerIdStep } from './pentHasEdge.ts';
export { PentTypeNameStep, planPent } from './planPent.ts';
export {
  browsePents,
  browsePentsPage,
  type PentListSteps,
  pent,
  pentEdge,
  pentEdgePage,
  pentFromIndex,
  pentIndexPage,
  pentStoredId,
  pentsFromIndex,
} from './reads.ts';
export { creating, deleting, updating, WritePentStep, type WriteSteps } from './writes.ts';
