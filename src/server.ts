import { federationSteps } from './schema/federation/entitySteps.ts';
import { registerOwnSteps } from './step/stepClasses.ts';

export { federate } from './schema/federation/federate.ts';
export { type SubgraphConfig, subgraph } from './schema/federation/subgraph.ts';
export { type ApolloDocuments, apolloDocuments } from './server/apolloDocuments.ts';
export { incrementalFormatOf } from './server/incrementalFormatOf.ts';
export { type MaskOptions, maskErrors } from './server/maskErrors.ts';
export { type GatewayOptions, type PlanqlGateway, planqlGateway } from './server/planqlGateway.ts';
export { type PlanqlPlugin, type PlanqlPluginOptions, usePlanql } from './server/usePlanql.ts';

registerOwnSteps(...federationSteps);
