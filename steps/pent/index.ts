export { authorizePent } from './authorizePent.ts';
export { chosenList } from './chosenList.ts';
export { addingEdge, removingEdge } from './edgeWrites.ts';
export { method } from './method.ts';
export { pentConnection, pentIndexConnection } from './pentConnection.ts';
export { pentHasEdge } from './pentHasEdge.ts';
export { planPent } from './planPent.ts';
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
export { creating, deleting, updating } from './writes.ts';
