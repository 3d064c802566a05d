/** `planql/inspector`: the recent work of a server, and its effects, as a page and as JSON. */

export { createInspector, type Inspector, type InspectorOptions } from './inspector/createInspector.ts';
export { fromThisMachine } from './utils/fromThisMachine.ts';
