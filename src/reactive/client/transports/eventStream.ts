import { checkKeys } from '../../../utils/checkKeys.ts';
import { MAX_MESSAGE, readText } from './readText.ts';
import { REQUEST_OPTIONS, type RequestOptions, requests } from './requests.ts';
import type { Transport } from './Transport.ts';
import { type News, tell } from './tell.ts';

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
          for (const event of parts) {
            const [, type = '', data = '{}'] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
            const message: Omit<News, 'type'> & { readonly id?: string } = JSON.parse(data);
            tell(events, { ...message, type }, sets[Number(message.id)]);
          }
          return rest.length;
        });
        throw new Error(`${options.url} ended.`);
      },
    });
}
