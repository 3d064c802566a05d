import type { HeldSet, NewVersions } from '../HeldSet.ts';
import { BackOff, type BackOffOptions } from './BackOff.ts';
import type { Connection, Transport, TransportEvents } from './Transport.ts';

/** What is needed of a WebSocket: browsers, Node 22 and `ws` have one. */
export interface ClientSocket {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: never) => unknown) | null;
  onmessage: ((event: never) => unknown) | null;
  onclose: ((event: never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
}

export interface WebSocketOptions {
  /** `wss://…/deps/socket`. */
  readonly url: string;
  /** Sent in `init`, for servers that do not know the client by its cookies. */
  readonly token?: () => unknown;
  /** Default: the global `WebSocket`. */
  readonly open?: (url: string, protocol: string) => ClientSocket;
  readonly backOff?: BackOffOptions;
}

const PROTOCOL = 'planql-deps.v1';
const INIT_HEARTBEAT_MS = 12_000;
const SILENT_HEARTBEATS = 2.5;
/** The server takes 50 messages a second. */
const BURST = 20;
const MESSAGE_MS = 50;

/** Watches sets over one WebSocket, which is opened again when it ends. It is closed while there are none. */
export function webSocket(options: WebSocketOptions): Transport {
  return (events) => new SocketConnection(options, events);
}

interface Message {
  readonly type: 'ready' | 'ok' | 'inv' | 'reset' | 'expired' | 'err' | 'hb';
  readonly id?: string;
  readonly keys?: NewVersions;
  readonly spreadMs?: number;
  readonly heartbeatMs?: number;
}

class SocketConnection implements Connection {
  readonly #options: WebSocketOptions;
  readonly #events: TransportEvents;
  readonly #backOff: BackOff;
  readonly #sets = new Map<string, HeldSet>();
  /** What is to be said, in its order; the newest words about a set only. */
  readonly #queue = new Map<string, 'sub' | 'unsub'>();
  #socket: ClientSocket | null = null;
  #isReady = false;
  #heartbeatMs = INIT_HEARTBEAT_MS;
  #silence: ReturnType<typeof setTimeout> | null = null;
  #pace: ReturnType<typeof setTimeout> | null = null;
  #allowance = BURST;
  #refilled = 0;

  constructor(options: WebSocketOptions, events: TransportEvents) {
    this.#options = options;
    this.#events = events;
    this.#backOff = new BackOff(options.backOff);
  }

  add(set: HeldSet): void {
    this.#sets.set(set.id, set);
    this.#say(set.id, 'sub');
    this.#open();
  }

  remove(set: HeldSet): void {
    if (!this.#sets.delete(set.id)) return;
    if (this.#queue.get(set.id) === 'sub') this.#queue.delete(set.id);
    else this.#say(set.id, 'unsub');
  }

  close(): void {
    this.#sets.clear();
    this.#backOff.cancel();
    this.#drop();
  }

  #open(): void {
    if (this.#socket !== null || this.#sets.size === 0) return;
    const { url, open = (address: string, protocol: string) => new WebSocket(address, protocol) } = this.#options;
    let socket: ClientSocket;
    try {
      socket = open(url, PROTOCOL);
    } catch (error) {
      this.#events.failed(error);
      return this.#backOff.retry(() => this.#open());
    }
    this.#socket = socket;
    const ended = (): void => {
      if (this.#socket === socket) this.#lost();
    };
    socket.onopen = () => socket.send(JSON.stringify({ type: 'init', token: this.#options.token?.() }));
    socket.onmessage = ({ data }: { readonly data: unknown }) => {
      if (this.#socket === socket) this.#take(String(data));
    };
    socket.onclose = ended;
    socket.onerror = () => this.#events.failed(new Error(`The WebSocket to ${url} failed.`));
    this.#listen();
  }

  #take(text: string): void {
    this.#listen();
    let message: Message;
    try {
      message = JSON.parse(text);
      if (typeof message?.type !== 'string')
        throw new Error(`The server said ${text.slice(0, 100)}, which is no message.`);
    } catch (error) {
      this.#events.failed(error);
      return this.#lost();
    }
    const set = this.#sets.get(message.id ?? '');
    switch (message.type) {
      case 'ready':
        if (this.#isReady) return;
        this.#heartbeatMs = message.heartbeatMs ?? this.#heartbeatMs;
        this.#isReady = true;
        this.#backOff.reset();
        this.#queue.clear();
        for (const id of this.#sets.keys()) this.#queue.set(id, 'sub');
        return this.#flush();
      case 'inv':
        return this.#events.stale(message.keys ?? {});
      case 'reset':
        return this.#events.reset(message.spreadMs ?? 0);
      case 'expired':
        return set && this.#events.expired(set);
      case 'err':
        return set && this.#events.refused(set);
      default:
    }
  }

  #say(id: string, word: 'sub' | 'unsub'): void {
    if (!this.#isReady) return;
    this.#queue.set(id, word);
    this.#flush();
  }

  /** Says what is to be said, no faster than the server takes it. */
  #flush(): void {
    if (this.#pace !== null) return;
    const now = Date.now();
    this.#allowance = Math.min(BURST, this.#allowance + (now - this.#refilled) / MESSAGE_MS);
    this.#refilled = now;
    for (const [id, type] of this.#queue) {
      if (this.#allowance < 1) {
        this.#pace = setTimeout(() => {
          this.#pace = null;
          this.#flush();
        }, MESSAGE_MS);
        return;
      }
      this.#allowance--;
      this.#queue.delete(id);
      this.#socket?.send(JSON.stringify({ type, id, ...(type === 'sub' && this.#sets.get(id)?.wire()) }));
    }
  }

  /** A server that says nothing for so long is gone. */
  #listen(): void {
    if (this.#silence !== null) clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lost(), this.#heartbeatMs * SILENT_HEARTBEATS);
  }

  #lost(): void {
    this.#drop();
    if (this.#sets.size > 0) this.#backOff.retry(() => this.#open());
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#isReady = false;
    this.#queue.clear();
    for (const timer of [this.#silence, this.#pace]) if (timer !== null) clearTimeout(timer);
    this.#silence = null;
    this.#pace = null;
    socket?.close(1000);
  }
}
