import { type OperationDefinitionNode, versionInfo } from 'graphql';
import type { ErrorMode } from '../execution/state/Request.ts';

/** The error mode of an operation where the request has none: that of graphql-js 17's directive. */
export function errorModeOf({ directives }: OperationDefinitionNode): ErrorMode {
  if (versionInfo.major < 17 || directives === undefined || directives.length === 0) return 'PROPAGATE';
  return directives.some(({ name }) => name.value === 'experimental_disableErrorPropagation') ? 'NULL' : 'PROPAGATE';
}
