export type { Functions } from './server/Functions.ts';
export { type Maskable, type MaskOptions, maskErrors } from './server/maskErrors.ts';
export { type GatewayOptions, type GatewayRequest, type PlanqlGateway, planqlGateway } from './server/planqlGateway.ts';
export { type PlanqlPlugin, usePlanql } from './server/usePlanql.ts';
