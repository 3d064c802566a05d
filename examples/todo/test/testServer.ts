/** The application on a store in memory, and browsers that talk to it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKvetch, type Kvetch, memoryShards } from 'planql/kvetch';
import { WebSocket } from 'ws';
import type { Letter } from '../auth/mail.ts';
import { kvetchSchema } from '../generated/kvetchSchema.ts';
import { openReactive } from '../reactive.ts';
import { type AppParts, createApp } from '../server.ts';
import { readSettings, type Settings } from '../settings.ts';

export const ORIGIN = 'https://app.example';
export const PASSWORD = 'a long enough password';

/** Guesses of passwords cost little here. */
const fast = { passwordCost: 2 ** 10 };

export interface TestServer {
  readonly url: string;
  readonly kvetch: Kvetch;
  /** What was mailed. */
  readonly letters: readonly Letter[];
  /** The time of the application, in milliseconds since 1970. */
  now: number;
  close(): Promise<void>;
}

export async function startTestServer(
  changed: Partial<Settings> = {},
  parts: Pick<AppParts, 'recheckMs'> = {},
): Promise<TestServer> {
  const uploads = mkdtempSync(join(tmpdir(), 'uploads-'));
  const settings = { ...readSettings({ ORIGINS: ORIGIN }), uploads, ...fast, ...changed };
  const live = await openReactive(settings);
  const kvetch = createKvetch({ schema: kvetchSchema, shards: memoryShards(2), changes: live.reactive.changes });
  const letters: Letter[] = [];
  const mailer = { send: async (letter: Letter) => void letters.push(letter) };
  const app = await createApp({ ...live, kvetch, settings, mailer, now: () => server.now, ...parts });
  await new Promise<void>((resolve) => app.server.listen(0, resolve));
  const server: TestServer = {
    url: `http://localhost:${(app.server.address() as AddressInfo).port}`,
    ...{ kvetch, letters },
    now: Date.now(),
    async close() {
      await app.close();
      await live.close();
      await kvetch.close();
      rmSync(uploads, { recursive: true, force: true });
    },
  };
  return server;
}

interface SocketMessage {
  readonly type: string;
  readonly [name: string]: unknown;
}

/** A socket that has said its first words. */
export class TestSocket {
  /** The code that the server closed it with, or the text of the refusal. */
  readonly ended: Promise<number | string>;
  readonly messages: SocketMessage[] = [];
  readonly #socket: WebSocket;

  constructor(url: string, path: '/deps/socket' | '/live', headers: Record<string, string>) {
    const isLive = path === '/live';
    this.#socket = new WebSocket(url, isLive ? 'graphql-transport-ws' : 'planql-deps.v1', { headers });
    this.#socket.on('open', () => this.say({ type: isLive ? 'connection_init' : 'init' }));
    this.#socket.on('message', (text) => this.messages.push(JSON.parse(String(text))));
    this.ended = new Promise((resolve) => {
      this.#socket.on('close', (code) => resolve(code));
      this.#socket.on('error', ({ message }) => resolve(message));
    });
  }

  say(message: SocketMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** The first message that is so. */
  async next(isIt: (message: SocketMessage) => boolean): Promise<SocketMessage> {
    for (const end = Date.now() + 10_000; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
      const found = this.messages.find(isIt);
      if (found !== undefined) return found;
      assert.ok(Date.now() < end, `It did not come; there came ${JSON.stringify(this.messages)}`);
    }
  }

  close(): void {
    this.#socket.terminate();
  }
}

/** What a browser keeps: the cookie. */
export class Browser {
  cookie: string | null = null;
  readonly #server: TestServer;

  constructor(server: TestServer) {
    this.#server = server;
  }

  async send(
    path: string,
    options: RequestInit & { readonly headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const own = this.cookie === null ? {} : { cookie: this.cookie };
    const headers = { origin: ORIGIN, ...own, ...options.headers };
    const response = await fetch(`${this.#server.url}${path}`, { ...options, headers });
    const given = response.headers.get('set-cookie');
    if (given !== null) this.cookie = given.includes('Max-Age=0') ? null : (given.split(';')[0] ?? null);
    return response;
  }

  post(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
    const json = { 'content-type': 'application/json', ...headers };
    return this.send(path, { method: 'POST', headers: json, body: JSON.stringify(body) });
  }

  /** Opens a WebSocket as a page would. */
  socket(path: '/deps/socket' | '/live', origin: string = ORIGIN): TestSocket {
    const headers = { origin, ...(this.cookie !== null && { cookie: this.cookie }) };
    return new TestSocket(`${this.#server.url.replace('http', 'ws')}${path}`, path, headers);
  }

  /** Signs up and in; the id of the viewer. */
  async signUp(login: string, more: { readonly email?: string } = {}): Promise<string> {
    const response = await this.post('/auth/sign-up', { login, password: PASSWORD, name: login, ...more });
    const body = (await response.json()) as { viewer: { id: string } };
    assert.equal(response.status, 200, JSON.stringify(body));
    return body.viewer.id;
  }

  // biome-ignore lint/suspicious/noExplicitAny: a response has the shape of its query
  async ask(query: string, variables: Record<string, unknown> = {}): Promise<any> {
    return (await this.post('/graphql', { query, variables })).json();
  }

  /** The id of the viewer, or null. */
  async me(): Promise<string | null> {
    return (await this.ask('{ me { id } }')).data.me?.id ?? null;
  }
}
