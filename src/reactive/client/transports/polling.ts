import { checkKeys } from '../../../utils/checkKeys.ts';
import type { NewVersions } from '../HeldSet.ts';
import { MAX_MESSAGE, textOf } from './readText.ts';
import { REQUEST_OPTIONS, type RequestOptions, requests } from './requests.ts';
import type { Transport } from './Transport.ts';

/** The options of `polling`. */
export interface PollOptions extends RequestOptions {
  /** How long a poll may wait for a change, in milliseconds; the server allows 25,000. Default 25,000. */
  readonly waitMs?: number;
  /** How long to wait between two polls, in milliseconds. Default 0; give it where `waitMs` is 0. */
  readonly everyMs?: number;
}

interface PollAnswer {
  readonly asOf: number;
  readonly stale: NewVersions;
  readonly expired?: readonly number[];
  readonly reset?: { readonly spreadMs: number };
}

/** Asks `https://…/deps/poll` again and again. Polls wait at the server for something to change. */
export function polling(options: PollOptions): Transport {
  checkKeys('polling', options, `${REQUEST_OPTIONS} waitMs everyMs`);
  const { waitMs = 25_000, everyMs = 0 } = options;
  return (events) =>
    requests(options, events, {
      ...{ body: { waitMs }, timeoutMs: waitMs + 10_000, isAlone: true },
      async read(response, { sets, signal, works }) {
        const { asOf, stale, expired = [], reset }: PollAnswer = JSON.parse(await textOf(response, MAX_MESSAGE));
        if (signal.aborted) return null;
        works();
        if (reset !== undefined) {
          events.reset(reset.spreadMs);
          return null;
        }
        for (const at of expired) {
          const set = sets[at];
          if (set !== undefined) events.expired(set);
        }
        events.stale(stale, asOf, sets);
        return everyMs;
      },
    });
}
