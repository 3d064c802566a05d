import type { HeldSet, WireSet } from '../HeldSet.ts';
import { type BackOffOptions, backOff } from './backOff.ts';
import { post } from './post.ts';
import type { Connection, TransportEvents } from './Transport.ts';

/** How sets are asked about over HTTP. */
export interface RequestOptions {
  readonly url: string;
  /** Headers of each request, to authenticate it. */
  readonly headers?: () => Readonly<Record<string, string>>;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
  readonly backOff?: BackOffOptions;
}

export const REQUEST_OPTIONS = 'url headers fetch backOff';

/** One request about sets. */
export interface Asking {
  readonly sets: readonly HeldSet[];
  readonly signal: AbortSignal;
  /** Something has come: the time that the answer may take begins anew. */
  stay(): void;
  /** The server answers: the request before is not needed any more. */
  works(): void;
}

/** The request beside the sets, the time limit of an answer, and its reader, which returns when to ask again, or throws. */
interface Manner {
  readonly body: object;
  readonly timeoutMs: number;
  /** Whether the request before ends when the next one begins, and not when it is answered. */
  readonly isAlone: boolean;
  read(response: Response, asking: Asking): Promise<number | null>;
}

/** Sets that come together are one request. */
const SETTLE_MS = 20;

/** Watches sets by requests that have all of them: where some come or go, the next request takes the place of the last. */
export function requests(options: RequestOptions, events: TransportEvents, manner: Manner): Connection {
  const sets = new Set<HeldSet>();
  const attempts = backOff(options.backOff);
  let current: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const again = (afterMs = 0): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), Math.max(afterMs, SETTLE_MS));
  };

  async function ask(): Promise<void> {
    timer = undefined;
    const own = [...sets];
    const former = current;
    const controller = new AbortController();
    current = controller;
    if (manner.isAlone || own.length === 0) former?.abort();
    if (own.length === 0) return;
    const { signal } = controller;
    const works = (): void => {
      attempts.reset();
      former?.abort();
    };
    const wire: WireSet[] = own.map((set) => set.wire());
    try {
      const body = { v: 1, sets: wire, ...manner.body };
      const pause = await post({ ...options, body, signal }, manner.timeoutMs, async (response, stay) => {
        if (response.status === 413 || response.status === 400) {
          for (const set of own) events.refused(set);
          return null;
        }
        if (!response.ok) throw new Error(`${options.url} answered with ${response.status}.`);
        return manner.read(response, { sets: own, signal, stay, works });
      });
      if (pause !== null && current === controller && timer === undefined) again(pause);
    } catch (error) {
      former?.abort();
      if (current !== controller || sets.size === 0) return;
      events.failed(error);
      attempts.retry(again);
    }
  }

  return {
    add(set) {
      sets.add(set);
      again();
    },

    remove(set) {
      // The request under way may tell of it: nobody listens. The next one has it no more.
      if (sets.delete(set) && sets.size === 0) current?.abort();
    },

    close() {
      sets.clear();
      attempts.cancel();
      clearTimeout(timer);
      current?.abort();
    },
  };
}
