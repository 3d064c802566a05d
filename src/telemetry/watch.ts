import { loadChannel, operationChannel, planChannel, stepChannel, storeChannel } from './channels.ts';
import { invalidationChannel, reactiveChannel } from './reactiveChannels.ts';
import type { Traced } from './traceable.ts';

/** A listener for the work of planql, by kind. */
export interface Watcher {
  /** Returns a function to call at the end. */
  begin(kind: TraceKind, message: Readonly<Record<string, unknown>>): (error: unknown) => void;
}

export type TraceKind = 'plan' | 'step' | 'load' | 'store' | 'operation' | 'reactive' | 'invalidation';

interface Listened {
  listen(begin: (message: Traced<object>) => () => void): () => void;
}

const channels: Readonly<Record<TraceKind, Listened>> = {
  plan: planChannel,
  step: stepChannel,
  load: loadChannel,
  store: storeChannel,
  operation: operationChannel,
  reactive: reactiveChannel,
  invalidation: invalidationChannel,
};

const CALLS: readonly TraceKind[] = ['plan', 'step', 'load', 'store'];

/** Listens on channels: by default on those of plans, steps, loads and stores. Returns a function that stops it. */
export function watch(watcher: Watcher, kinds: readonly TraceKind[] = CALLS): () => void {
  const stops = kinds.map((kind) =>
    channels[kind].listen((message) => {
      const over = watcher.begin(kind, message as Readonly<Record<string, unknown>>);
      return () => over(message.error);
    }),
  );
  return () => {
    for (const stop of stops) stop();
  };
}
