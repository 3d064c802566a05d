export type { DocumentStore } from './plan/DocumentStore.ts';
export type { PlanStore } from './plan/PlanStore.ts';
export { type FileDocumentStoreOptions, fileDocumentStore } from './planStores/fileDocumentStore.ts';
export { type FilePlanStoreOptions, filePlanStore } from './planStores/filePlanStore.ts';
export { memoryPlanStore } from './planStores/memoryPlanStore.ts';
export { type RedisPlanStoreOptions, redisPlanStore } from './planStores/redisPlanStore.ts';
