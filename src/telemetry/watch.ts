import { loadChannel, planChannel, stepChannel, storeChannel } from './channels.ts';
import type { Traced } from './traceable.ts';

/** Told of everything that planql does, by kind. */
export interface Watcher {
  /** Returns what is called when it is over. */
  begin(kind: TraceKind, message: Readonly<Record<string, unknown>>): (error: unknown) => void;
}

export type TraceKind = 'plan' | 'step' | 'load' | 'store';

interface Listened {
  listen(begin: (message: Traced<object>) => () => void): () => void;
}

const channels: Readonly<Record<TraceKind, Listened>> = {
  plan: planChannel,
  step: stepChannel,
  load: loadChannel,
  store: storeChannel,
};

const allKinds = Object.keys(channels) as TraceKind[];

/** Listens on channels. Returns how to stop. */
export function watch(watcher: Watcher, kinds: readonly TraceKind[] = allKinds): () => void {
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
