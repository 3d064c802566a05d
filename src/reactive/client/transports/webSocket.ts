import { checkKeys } from '../../../utils/checkKeys.ts';
import type { HeldSet } from '../HeldSet.ts';
import { type BackOffOptions, backOff } from './backOff.ts';
import { MAX_MESSAGE, tooLong } from './readText.ts';
import type { Connection, Transport, TransportEvents } from './Transport.ts';
import { type News, tell } from './tell.ts';

/** The part of a WebSocket that is needed: browsers, Node 22 and `ws` have one. */
export interface ClientSocket {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: never) => unknown) | null;
  onmessage: ((event: never) => unknown) | null;
  onclose: ((event: never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
}

/** The options of `webSocket`. */
export interface WebSocketOptions {
  /** `wss://…/deps/socket`. */
  readonly url: string;
  /** Sent in `init`, for servers that do not know the client by its cookies. */
  readonly token?: () => unknown;
  /** Default: the global `WebSocket`. */
  readonly open?: (url: string, protocol: string) => ClientSocket;
  /** The pauses before a lost connection is opened again. Default 0.5 to 30 s. */
  readonly backOff?: BackOffOptions;
}

type Timer = ReturnType<typeof setTimeout> | undefined;

const PROTOCOL = 'planql-deps.v1';
const INIT_HEARTBEAT_MS = 12_000;
const SILENT_HEARTBEATS = 2.5;
/** The server takes 50 messages a second: at most so many are sent in so many milliseconds. */
const BURST = 20;
const PACE_MS = 500;
const MAX_HEARTBEAT_MS = 600_000;

interface Message extends News {
  readonly id?: string;
  readonly heartbeatMs?: number;
}

/** Watches sets over one WebSocket, which is opened again when it ends. It is closed while there are none. */
export function webSocket(options: WebSocketOptions): Transport {
  checkKeys('webSocket', options, 'url token open backOff');
  checkKeys('webSocket backOff', options.backOff ?? {}, 'minMs maxMs');
  return (events) => connection(options, events);
}

function connection(options: WebSocketOptions, events: TransportEvents): Connection {
  const { url, open = (address: string, protocol: string) => new WebSocket(address, protocol) } = options;
  const attempts = backOff(options.backOff);
  const sets = new Map<string, HeldSet>();
  /** The messages to send, in their order; of each set the newest only. */
  const queue = new Map<string, 'sub' | 'unsub'>();
  let current: ClientSocket | null = null;
  let isReady = false;
  let heartbeatMs = INIT_HEARTBEAT_MS;
  let silence: Timer;
  /** Until it is over, `said` counts. */
  let pace: Timer;
  let said = 0;

  function connect(): void {
    if (current !== null || sets.size === 0) return;
    let socket: ClientSocket;
    try {
      socket = open(url, PROTOCOL);
    } catch (error) {
      events.failed(error);
      return attempts.retry(connect);
    }
    current = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: 'init', token: options.token?.() }));
    socket.onmessage = ({ data }: { readonly data: unknown }) => {
      if (current === socket) take(String(data));
    };
    socket.onclose = ({ code, reason }: { readonly code?: number; readonly reason?: string }) => {
      if (current !== socket) return;
      // 4401, a session that has ended, say: the server has a reason, which attempts do not change.
      if (code !== undefined && code >= 4000) {
        events.failed(Object.assign(new Error(`${url} was closed by the server: ${code} ${reason}`), { code }));
      }
      lost();
    };
    socket.onerror = () => events.failed(new Error(`${url} failed.`));
    listen();
  }

  function take(text: string): void {
    listen();
    let message: Message;
    try {
      if (text.length > MAX_MESSAGE) throw tooLong(MAX_MESSAGE, url);
      message = JSON.parse(text);
      if (typeof message?.type !== 'string') throw new Error(`No message: ${text.slice(0, 100)}`);
    } catch (error) {
      events.failed(error);
      return lost();
    }
    if (message.type !== 'ready') return tell(events, message, sets.get(message.id ?? ''));
    if (isReady) return;
    heartbeatMs = Math.min(Number(message.heartbeatMs) || INIT_HEARTBEAT_MS, MAX_HEARTBEAT_MS);
    isReady = true;
    attempts.reset();
    queue.clear();
    for (const id of sets.keys()) queue.set(id, 'sub');
    flush();
  }

  function say(id: string, word: 'sub' | 'unsub'): void {
    if (!isReady) return;
    queue.set(id, word);
    flush();
  }

  /** Sends the queue, no faster than the server takes it. */
  function flush(): void {
    for (const [id, type] of queue) {
      if (said === BURST) return;
      said++;
      queue.delete(id);
      current?.send(JSON.stringify({ type, id, ...(type === 'sub' && sets.get(id)?.wire()) }));
      pace ??= setTimeout(() => {
        pace = undefined;
        said = 0;
        flush();
      }, PACE_MS);
    }
  }

  /** A server that says nothing for so long is gone. */
  function listen(): void {
    clearTimeout(silence);
    silence = setTimeout(lost, heartbeatMs * SILENT_HEARTBEATS);
  }

  function lost(): void {
    drop();
    if (sets.size > 0) attempts.retry(connect);
  }

  function drop(): void {
    const socket = current;
    current = null;
    isReady = false;
    queue.clear();
    clearTimeout(silence);
    clearTimeout(pace);
    pace = undefined;
    said = 0;
    socket?.close(1000);
  }

  return {
    add(set) {
      sets.set(set.id, set);
      say(set.id, 'sub');
      connect();
    },

    remove({ id }) {
      if (!sets.delete(id)) return;
      if (queue.get(id) === 'sub') queue.delete(id);
      else say(id, 'unsub');
    },

    close() {
      sets.clear();
      attempts.cancel();
      drop();
    },
  };
}
