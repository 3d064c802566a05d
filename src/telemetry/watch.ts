import { loadChannel, planChannel, stepChannel, storeChannel } from './channels.ts';
import type { Traceable, Traced } from './traceable.ts';

/** Told of everything that planql does, by kind. */
export interface Watcher {
  /** Returns what is called when it is over. */
  begin(kind: TraceKind, message: Readonly<Record<string, unknown>>): (error: unknown) => void;
}

export type TraceKind = 'plan' | 'step' | 'load' | 'store';

const channels: Readonly<Record<TraceKind, Traceable<never>>> = {
  plan: planChannel,
  step: stepChannel,
  load: loadChannel,
  store: storeChannel,
};

/** Listens on all channels. Returns how to stop. */
export function watch(watcher: Watcher): () => void {
  const stops = Object.entries(channels).map(([kind, { channel }]) => {
    const open = new WeakMap<object, (error: unknown) => void>();
    const over = (message: object): void => {
      open.get(message)?.((message as Traced<object>).error);
      open.delete(message);
    };
    const subscribers = {
      start: (message: object) => {
        open.set(message, watcher.begin(kind as TraceKind, message as Readonly<Record<string, unknown>>));
      },
      // What is asynchronous has no result yet; it is over when its promise is.
      end: (message: object) => {
        if ('result' in message || 'error' in message) over(message);
      },
      asyncStart: () => {},
      asyncEnd: over,
      error: () => {},
    };
    channel.subscribe(subscribers);
    return () => {
      channel.unsubscribe(subscribers);
    };
  });
  return () => {
    for (const stop of stops) stop();
  };
}
