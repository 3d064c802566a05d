import { checkKeys } from '../../../utils/checkKeys.ts';
import type { HeldSet, NewVersions } from '../HeldSet.ts';
import { MAX_MESSAGE, readText } from './readText.ts';
import { REQUEST_OPTIONS, type RequestOptions, requests } from './requests.ts';
import type { Transport, TransportEvents } from './Transport.ts';

/** The options of `eventStream`. */
export interface EventStreamOptions extends RequestOptions {
  /** How often the server speaks, in milliseconds. After 2.5 times that it is taken for dead. Default 12,000. */
  readonly heartbeatMs?: number;
}

const SILENT_HEARTBEATS = 2.5;

/**
 * Hears of changes from `https://…/deps/stream` by server-sent events. Where sets come or go a new stream is opened, and then
 * the old one closed.
 */
export function eventStream(options: EventStreamOptions): Transport {
  checkKeys('eventStream', options, `${REQUEST_OPTIONS} heartbeatMs`);
  const timeoutMs = (options.heartbeatMs ?? 12_000) * SILENT_HEARTBEATS;
  return (events) =>
    requests(options, events, {
      ...{ body: {}, timeoutMs, isAlone: false },
      async read(response, { sets, stay, works }) {
        let rest = '';
        await readText(response, MAX_MESSAGE, (text) => {
          stay();
          works();
          const parts = (rest + text).split('\n\n');
          rest = parts.pop() ?? '';
          for (const event of parts) take(event, sets, events);
          return rest.length;
        });
        throw new Error(`The stream of ${options.url} ended.`);
      },
    });
}

function take(event: string, sets: readonly HeldSet[], events: TransportEvents): void {
  const [, type = '', data = '{}'] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
  const { keys, spreadMs, id }: { keys?: NewVersions; spreadMs?: number; id?: string } = JSON.parse(data);
  const set = sets[Number(id)];
  if (type === 'inv') events.stale(keys ?? {});
  if (type === 'reset') events.reset(spreadMs ?? 0);
  if (type === 'expired' && set !== undefined) events.expired(set);
}
