/** `planql/inspector`: the recent work of a server, and its effects, as a page and as JSON. */

export { createInspector, type Inspector, type InspectorOptions } from './inspector/createInspector.ts';
export type { InspectedEngine, InspectorStats } from './inspector/InspectedEngine.ts';
export type { PlanPrinter } from './inspector/planPage.ts';
export type { ShownOptions } from './inspector/records.ts';
export { fromThisMachine, type Peer } from './utils/fromThisMachine.ts';
