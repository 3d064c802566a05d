import type { HeldSet, NewVersions } from '../HeldSet.ts';
import { type RequestOptions, requests } from './requests.ts';
import type { Transport, TransportEvents } from './Transport.ts';

export interface EventStreamOptions extends RequestOptions {
  /** How often the server speaks, in milliseconds. After 2.5 times that it is taken for dead. Default 12,000. */
  readonly heartbeatMs?: number;
}

const SILENT_HEARTBEATS = 2.5;
/** No event is so long. */
const MAX_EVENT = 1 << 20;

/**
 * Hears of changes from `https://…/deps/stream` by server-sent events. Where sets come or go a new stream is opened, and then
 * the old one closed.
 */
export function eventStream(options: EventStreamOptions): Transport {
  const silentMs = (options.heartbeatMs ?? 12_000) * SILENT_HEARTBEATS;
  return (events) =>
    requests(options, events, {
      ...{ body: {}, timeoutMs: silentMs, isAlone: false },
      async read({ body }, { sets, signal, stay, works }) {
        stay();
        if (body !== null) await readEvents(body, silentMs, signal, works, (event) => take(event, sets, events));
        throw new Error(`The stream of ${options.url} ended.`);
      },
    });
}

/** Reads events until the stream ends, or says nothing for too long. */
async function readEvents(
  body: ReadableStream<Uint8Array>,
  silentMs: number,
  signal: AbortSignal,
  onPart: () => void,
  onEvent: (event: string) => void,
): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', cancel);
  let text = '';
  try {
    for (;;) {
      const silence = setTimeout(cancel, silentMs);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done || signal.aborted) return;
      onPart();
      text += decoder.decode(value, { stream: true });
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const event of parts) onEvent(event);
      if (text.length > MAX_EVENT) throw new Error('An event has no end.');
    }
  } finally {
    cancel();
  }
}

function take(event: string, sets: readonly HeldSet[], events: TransportEvents): void {
  const [, type = '', data = '{}'] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
  const { keys, spreadMs, id }: { keys?: NewVersions; spreadMs?: number; id?: string } = JSON.parse(data);
  const set = sets[Number(id)];
  if (type === 'inv') events.stale(keys ?? {});
  if (type === 'reset') events.reset(spreadMs ?? 0);
  if (type === 'expired' && set !== undefined) events.expired(set);
}
