/** The application on a store in memory, and browsers that talk to it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKvetch, type Kvetch, memoryShards } from 'planql/kvetch';
import { kvetchSchema } from '../generated/kvetchSchema.ts';
import { createApp } from '../server.ts';
import { readSettings, type Settings } from '../settings.ts';

export const ORIGIN = 'https://app.example';
export const PASSWORD = 'a long enough password';

export interface TestServer {
  readonly url: string;
  readonly kvetch: Kvetch;
  /** The time of the application, in milliseconds since 1970. */
  now: number;
  close(): Promise<void>;
}

export async function startTestServer(changed: Partial<Settings> = {}): Promise<TestServer> {
  const uploads = mkdtempSync(join(tmpdir(), 'uploads-'));
  const settings = { ...readSettings({ ORIGINS: ORIGIN }), uploads, ...changed };
  const kvetch = createKvetch({ schema: kvetchSchema, shards: memoryShards(2) });
  const app = await createApp(kvetch, settings, () => server.now);
  await new Promise<void>((resolve) => app.server.listen(0, resolve));
  const server: TestServer = {
    url: `http://localhost:${(app.server.address() as AddressInfo).port}`,
    kvetch,
    now: Date.now(),
    async close() {
      await app.close();
      await kvetch.close();
      rmSync(uploads, { recursive: true, force: true });
    },
  };
  return server;
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

  /** Signs up and in; the id of the viewer. */
  async signUp(login: string): Promise<string> {
    const response = await this.post('/auth/sign-up', { login, password: PASSWORD, name: login });
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
