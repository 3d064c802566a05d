import { type OperationDefinitionNode, versionInfo } from 'graphql';
import type { ErrorMode } from '../execution/state/Request.ts';

/** What errors do where the request does not say it: what the directive that graphql-js 17 has for that says. */
export function errorModeOf({ directives }: OperationDefinitionNode): ErrorMode {
  if (versionInfo.major < 17 || directives === undefined || directives.length === 0) return 'PROPAGATE';
  return directives.some(({ name }) => name.value === 'experimental_disableErrorPropagation') ? 'NULL' : 'PROPAGATE';
}
