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

const allKinds = Object.keys(channels) as TraceKind[];

/** Listens on channels. Returns how to stop. */
export function watch(watcher: Watcher, kinds: readonly TraceKind[] = allKinds): () => void {
  const stops = kinds.map((kind) => {
    const { channel } = channels[kind];
    // Of this watcher alone, on the message itself: a map of what is open costs more than what is measured.
    const open = Symbol(kind);
    const over = (message: object): void => {
      const told = message as Traced<object> & { [open]?: (error: unknown) => void };
      told[open]?.(told.error);
    };
    const subscribers = {
      start: (message: object) => {
        const told = message as Record<string | symbol, unknown>;
        told[open] = watcher.begin(kind, told);
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
