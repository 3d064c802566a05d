import { documentChannel, loadChannel, operationChannel, planChannel, stepChannel, storeChannel } from './channels.ts';
import { dependencyChannel, invalidationChannel, propagationChannel, reactiveChannel } from './reactiveChannels.ts';

/**
 * The tracing channels, with the types of their messages: `channels.load` is `tracing:planql:load:start` and so on of
 * `node:diagnostics_channel`. `document`, `dependencies` and `propagation` report events that have no duration.
 */
export const channels: {
  readonly document: typeof documentChannel;
  readonly operation: typeof operationChannel;
  readonly plan: typeof planChannel;
  readonly step: typeof stepChannel;
  readonly load: typeof loadChannel;
  readonly store: typeof storeChannel;
  readonly reactive: typeof reactiveChannel;
  readonly dependencies: typeof dependencyChannel;
  readonly invalidation: typeof invalidationChannel;
  readonly propagation: typeof propagationChannel;
} = {
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
};
