import type { Invalidator } from '../Invalidator.ts';
import type { SealedSet } from '../keys/SealedSets.ts';
import type { ServerLimits } from './limits.ts';
import { type Notice, Session } from './Session.ts';

export interface OpenStream {
  readonly response: Response;
  readonly session: Session;
}

const utf8 = new TextEncoder();
/** More than this waits in the stream: the client does not keep up. */
const FULL_BYTES = 64 * 1024;

/** Answers with server-sent events: `expired`, `inv`, `reset` and `hb`, as JSON, as long as the client reads. */
export function openStream(
  invalidator: Invalidator,
  subject: string,
  sets: readonly SealedSet[],
  limits: ServerLimits,
  onEnd: (session: Session) => void,
): OpenStream {
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  const end = (): void => {
    session.close();
    onEnd(session);
    try {
      controller?.close();
    } catch {
      // the client has closed it
    }
  };
  const send = ({ type, ...data }: Notice): void => {
    try {
      controller?.enqueue(utf8.encode(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`));
    } catch {
      end();
    }
  };
  const outlet = {
    get isFull() {
      return (controller?.desiredSize ?? 1) <= 0;
    },
    send,
    end,
  };
  const session = new Session(invalidator, subject, outlet, limits);
  const body = new ReadableStream<Uint8Array>(
    {
      start(own) {
        controller = own;
        send({ type: 'hb' }); // headers leave with the first bytes
        for (const [at, set] of sets.entries()) {
          if (!session.subscribe(String(at), set)) send({ type: 'expired', id: String(at) });
        }
      },
      cancel: end,
    },
    new ByteLengthQueuingStrategy({ highWaterMark: FULL_BYTES }),
  );
  return { session, response: new Response(body, { headers: { ...HEADERS, 'content-type': 'text/event-stream' } }) };
}

/** The headers of answers that no cache may keep. */
export const HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};
