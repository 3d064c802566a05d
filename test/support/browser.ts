import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { find } from './needs.ts';
import { repositoryRoot } from './repository.ts';

/** A page in a real browser, spoken to by the DevTools protocol. */
export interface BrowserPage {
  /** Errors of scripts, and what the page's policy refused, so far. */
  readonly errors: readonly string[];
  /** The value of an expression in the page, promises waited for. It must be JSON. */
  evaluate<T>(expression: string): Promise<T>;
  /** Waits until an expression is true in the page. */
  until(expression: string): Promise<void>;
  press(key: string): Promise<void>;
  click(x: number, y: number): Promise<void>;
  /** Takes the page's network away, or gives it back. */
  setOffline(isOffline: boolean): Promise<void>;
  /** How much the page's origin may store. */
  limitStorage(bytes: number): Promise<void>;
  /** Loads the page again. */
  reload(): Promise<void>;
  /** Keeps a picture of the page in `.tmp/screenshots`, for people to look at. */
  screenshot(name: string): Promise<void>;
}

export interface Browser {
  open(url: string): Promise<BrowserPage>;
  close(): Promise<void>;
}

/** In pixels. */
export interface PageSize {
  readonly width: number;
  readonly height: number;
}

type Reply = { readonly id?: number; readonly method?: string; readonly params?: unknown; readonly result?: unknown };

/** Starts a browser without a window, with pages of this size: it needs `chromium`. */
export async function startBrowser(size: PageSize = { width: 1500, height: 863 }): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'planql-browser-'));
  const given = ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0'];
  const child = spawn(find('chromium') as string, [...given, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const port = new URL(await addressOf(child)).port;
  return {
    async open(url) {
      const response = await fetch(`http://127.0.0.1:${port}/json/new?about:blank`, { method: 'PUT' });
      const { webSocketDebuggerUrl } = (await response.json()) as { webSocketDebuggerUrl: string };
      return openPage(webSocketDebuggerUrl, url, size);
    },

    async close() {
      // Its other processes write on after it; with them ends what they hold of its output.
      const gone = once(child, 'close');
      child.kill();
      await gone;
      await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

async function addressOf(child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stderr as NonNullable<ChildProcess['stderr']> });
  for await (const line of lines) {
    const [, address] = /DevTools listening on (\S+)/.exec(line) ?? [];
    if (address !== undefined) {
      child.stderr?.resume();
      return address;
    }
  }
  throw new Error('Chromium ended before it listened.');
}

async function openPage(address: string, url: string, size: PageSize): Promise<BrowserPage> {
  const socket = new WebSocket(address);
  await once(socket, 'open');
  const waiting = new Map<number, (reply: Reply) => void>();
  const errors: string[] = [];
  let last = 0;
  let onLoad: () => void;
  const nextLoad = (): Promise<void> =>
    new Promise((resolve) => {
      onLoad = resolve;
    });
  const loaded = nextLoad();
  socket.on('message', (text) => {
    const reply = JSON.parse(String(text)) as Reply;
    if (reply.id !== undefined) waiting.get(reply.id)?.(reply);
    if (reply.method === 'Page.loadEventFired') onLoad();
    if (reply.method === 'Runtime.exceptionThrown' || isErrorEntry(reply)) errors.push(JSON.stringify(reply.params));
  });
  const send = async (method: string, params: object = {}): Promise<Record<string, unknown>> => {
    const id = ++last;
    const reply = await new Promise<Reply>((resolve) => {
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params }));
    });
    waiting.delete(id);
    if (reply.result === undefined) throw new Error(`${method}: ${JSON.stringify(reply)}`);
    return reply.result as Record<string, unknown>;
  };
  for (const domain of ['Page', 'Runtime', 'Log']) await send(`${domain}.enable`);
  await send('Emulation.setDeviceMetricsOverride', { ...size, deviceScaleFactor: 1, mobile: false });
  await send('Page.navigate', { url });
  await loaded;
  const evaluate = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = await send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return (result as { value: T }).value;
  };
  return {
    errors,
    evaluate,
    until: async (expression) => {
      const end = Date.now() + 30_000;
      while (!(await evaluate<boolean>(`Boolean(${expression})`))) {
        if (Date.now() > end) throw new Error(`Not after 30 s: ${expression}. ${errors.join('; ')}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    press: async (key) => {
      const text = key.length === 1 ? { text: key } : null;
      await send('Input.dispatchKeyEvent', { type: 'keyDown', key, ...text });
      await send('Input.dispatchKeyEvent', { type: 'keyUp', key });
    },
    click: async (x, y) => {
      for (const type of ['mousePressed', 'mouseReleased']) {
        await send('Input.dispatchMouseEvent', { type, x, y, button: 'left', buttons: 1, clickCount: 1 });
      }
    },
    setOffline: async (offline) => {
      await send('Network.enable');
      const unlimited = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
      await send('Network.emulateNetworkConditions', { offline, ...unlimited });
    },
    limitStorage: async (bytes) => {
      await send('Storage.overrideQuotaForOrigin', { origin: new URL(url).origin, quotaSize: bytes });
    },
    reload: async () => {
      const again = nextLoad();
      await send('Page.reload');
      await again;
    },
    screenshot: async (name) => {
      const { data } = await send('Page.captureScreenshot', { format: 'png' });
      const folder = join(repositoryRoot, '.tmp/screenshots');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${name}.png`), Buffer.from(data as string, 'base64'));
    },
  };
}

function isErrorEntry({ method, params }: Reply): boolean {
  return method === 'Log.entryAdded' && (params as { entry: { level: string } }).entry.level === 'error';
}
