import { documentChannel, loadChannel, operationChannel, planChannel, stepChannel, storeChannel } from './channels.ts';
import { dependencyChannel, invalidationChannel, propagationChannel, reactiveChannel } from './reactiveChannels.ts';

/**
 * The tracing channels, with the types of their messages: `channels.load` is `tracing:planql:load:start` and so on of
 * `node:diagnostics_channel`. `document`, `dependencies` and `propagation` report events that have no duration.
 */
export const channels = {
  document: documentChannel,
  operation: operationChannel,
  plan: planChannel,
  step: stepChannel,
  load: loadChannel,
  store: storeChannel,
  reactive: reactiveChannel,
  dependencies: dependencyChannel,
  invalidation: invalidationChannel,
  propagation: propagationChannel,
} as const;
