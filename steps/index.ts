export { access } from '../src/step/builtin/AccessStep.ts';
export { constant } from '../src/step/builtin/ConstantStep.ts';
export { context, rootValue } from '../src/step/builtin/requestSteps.ts';
export { get } from '../src/step/get.ts';
export type { ConnectionData } from './connection/ConnectionStep.ts';
export { type ConnectionOptions, connection } from './connection/connection.ts';
export { assertNotNull } from './flow/assertNotNull.ts';
export { error } from './flow/error.ts';
export { exitIf } from './flow/exitIf.ts';
export { inhibitIf } from './flow/inhibitIf.ts';
export { inhibitOnEmpty } from './flow/inhibitOnEmpty.ts';
export { inhibitOnNull } from './flow/inhibitOnNull.ts';
export { TRAP_ERROR, TRAP_ERROR_OR_INHIBITED, TRAP_INHIBITED, trap } from './flow/trap.ts';
export { fn } from './fn.ts';
export { listen, type PubSub } from './listen.ts';
export { at } from './lists/at.ts';
export { each } from './lists/each.ts';
export { filter } from './lists/filter.ts';
export { first } from './lists/first.ts';
export { groupBy } from './lists/groupBy.ts';
export { last } from './lists/last.ts';
export { listLength } from './lists/listLength.ts';
export { reverse } from './lists/reverse.ts';
export type { BatchOptions } from './load/BatchOptions.ts';
export {
  type LoadEntry,
  type Loader,
  type LoaderConfig,
  type LoadFunction,
  type LoadInfo,
  loader,
  type Pagination,
} from './load/loader.ts';
export { loadMany } from './load/loadMany.ts';
export { loadOne } from './load/loadOne.ts';
export { multistep } from './multistep.ts';
export { node, planNode } from './node/node.ts';
export { decodeNodeId, encodeNodeId, type NodeReference, nodeId, nodeKey } from './node/nodeId.ts';
export { recordDependency } from './recordDependency.ts';
export { coalesce } from './values/coalesce.ts';
export { condition } from './values/condition.ts';
export { lambda } from './values/lambda.ts';
export { list } from './values/list.ts';
export { object } from './values/object.ts';
export { remapKeys } from './values/remapKeys.ts';
export { sideEffect } from './values/sideEffect.ts';
