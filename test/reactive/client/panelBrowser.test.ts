/** The panel of `fetchPanel` in Chromium (spec 12.11): under a strict policy, with names that would be markup. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeHandler } from '../../../src/reactive.ts';
import { type Browser, type BrowserPage, startBrowser } from '../../support/browser.ts';
import { needs } from '../../support/needs.ts';
import { repositoryRoot } from '../../support/repository.ts';
import { openTodo, type TodoServer } from './world.ts';

const test = needs(suite('client, why data was fetched, in Chromium'), 'chromium');
let browser: Browser;
let todo: TodoServer;
let site: Server;
let origin: string;
let list: string;
let item: string;

const APP = `import { createReactiveClient, polling } from './src/reactive-client.ts';
import { fetchPanel } from './src/reactive-client-panel.ts';
import { parse } from 'graphql';

const LIST = parse('query List($id: UUID!, $title: String) { todoList(id: $id) { id name todoItems { id text } } }');
const HOSTILE = '<img src=x onerror="hacked = true"><script>hacked = true</script>';
Object.assign(globalThis, {
  start(options) {
    globalThis.panel = fetchPanel(options);
    globalThis.client = createReactiveClient({
      url: '/graphql', transport: polling({ url: '/deps/poll' }), panel,
      onError: () => {},
    });
    return true;
  },
  show(id, title = HOSTILE) {
    const { subscribe, getSnapshot } = client.watch(LIST, { id, title });
    subscribe(() => {});
    globalThis.shown = () => getSnapshot().data?.todoList?.todoItems[0].text;
    return true;
  },
  document_: parse('{ __typename }'),
  root: () => document.querySelector('planql-fetches')?.shadowRoot,
  toggle: () => root()?.querySelector('.toggle'),
  lines: () => [...root().querySelectorAll('li')].map((line) => [...line.querySelectorAll('p')].map((p) => p.textContent)),
});
`;

const scriptOf = async (define: Readonly<Record<string, string>>): Promise<string> => {
  const { outputFiles } = await build({
    stdin: { contents: APP, resolveDir: repositoryRoot, loader: 'ts' },
    ...{ bundle: true, write: false, platform: 'browser', format: 'iife', define },
  });
  return outputFiles[0]?.text ?? '';
};
const scripts = new Map<string, string>();
const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'";

test.before(async () => {
  scripts.set('/development.js', await scriptOf({}));
  scripts.set('/production.js', await scriptOf({ 'process.env.NODE_ENV': '"production"' }));
  // Nobody replaces it: as in a page without a bundler.
  scripts.set('/unknown.js', await scriptOf({ 'process.env.NODE_ENV': 'process.env.NODE_ENV' }));
  todo = await openTodo();
  list = await todo.kvetch.createObject('TodoList', { name: 'Garden' });
  item = await todo.kvetch.createObject('TodoItem', { text: 'dig', todoItemStatus: 'OPEN', todoList: list });
  site = createServer(
    nodeHandler(async (request) => {
      const { pathname, search } = new URL(request.url);
      const headers = { 'content-security-policy': POLICY };
      const script = scripts.get(pathname);
      if (script !== undefined) {
        return new Response(script, { headers: { ...headers, 'content-type': 'text/javascript; charset=utf-8' } });
      }
      if (pathname === '/page') {
        const html = `<!doctype html><title>page</title><body><p>text</p><script src="/${search.slice(1)}.js"></script>`;
        return new Response(html, { headers: { ...headers, 'content-type': 'text/html; charset=utf-8' } });
      }
      if (pathname === '/favicon.ico') return new Response(null, { status: 204 });
      const body = request.method === 'POST' ? { body: await request.text() } : {};
      const to = `http://127.0.0.1:${todo.port}${pathname}`;
      return fetch(to, { method: request.method, headers: { 'content-type': 'application/json' }, ...body });
    }),
  );
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  browser = await startBrowser();
});
test.after(async () => {
  await browser?.close();
  site.closeAllConnections();
  site.close();
  await todo.end();
});

async function open(kind: string, options: object = {}): Promise<BrowserPage> {
  const page = await browser.open(`${origin}/page?${kind}`);
  await page.evaluate(`start(${JSON.stringify(options)})`);
  return page;
}

test('it shows each fetch and its cause, the newest first, as text, under a strict policy [12.11.1, 12.11.2]', async () => {
  const page = await open('development');
  await page.evaluate(`show(${JSON.stringify(list)})`);
  await page.until(`shown() === 'dig'`);
  await page.until(`toggle()?.textContent === 'Fetches: 1'`);
  assert.is(await page.evaluate('toggle().getBoundingClientRect().width > 20'), true);
  assert.is(await page.evaluate(`root().querySelector('section').getBoundingClientRect().height`), 0);
  await todo.kvetch.updateObject(item, { text: 'dig deep' });
  await page.until(`shown() === 'dig deep'`);
  await page.evaluate('toggle().click(), true');
  await page.until('lines().length === 2 && lines()[0][1].includes(" bytes")');
  const [told, first] = await page.evaluate<string[][]>('lines()');
  assert.match(told?.[0] ?? '', new RegExp(`^TodoItem:${item} changed: version \\d+ -> \\d+\\.$`));
  assert.match(told?.[1] ?? '', new RegExp(` · todoList\\.todoItems\\.\\* \\(${item}\\) · \\d+ ms · \\d+ bytes$`));
  assert.is(first?.[0], 'Somebody began to watch it.');
  const summary = await page.evaluate<string>(`root().querySelector('summary').textContent`);
  assert.match(summary, /^List \{"id":".*<img src=x onerror=.*<script>.* was fetched 2 times$/);
  assert.is(
    await page.evaluate(`root().querySelectorAll('img, script').length + (typeof hacked === 'undefined' ? 0 : 1)`),
    0,
  );
  // Its style is there though the policy forbids elements with style.
  assert.is(await page.evaluate(`getComputedStyle(document.querySelector('planql-fetches')).position`), 'fixed');
  assert.is(await page.evaluate(`root().querySelector('section').getBoundingClientRect().height > 50`), true);
  await page.screenshot('fetch-panel');

  // Folded queries stay folded when it is drawn anew; a page that replaces its body keeps the panel.
  await page.evaluate(`root().querySelector('summary').click(), true`);
  await page.until(`!root().querySelector('details').open`);
  await page.evaluate(`document.body.replaceChildren(), true`);
  await todo.kvetch.updateObject(item, { text: 'dig deeper' });
  await page.until(`root() && lines().length === 3`);
  assert.is(await page.evaluate(`root().querySelector('details').open`), false);
  await page.evaluate(
    `[...root().querySelectorAll('button')].find((one) => one.textContent === 'Clear').click(), true`,
  );
  await page.until(`lines().length === 0 && toggle().textContent === 'Fetches: 0'`);
  assert.equal(page.errors, []);
  await page.evaluate('client.close(), true');
});

test('the network goes and comes back: the failed attempt and its cause are told [12.11.1]', async () => {
  const page = await open('development');
  await page.evaluate(`show(${JSON.stringify(list)})`);
  await page.until('shown() !== undefined');
  await page.setOffline(true);
  await page.evaluate(`show('01a21dec-793d-8549-8c7b-f3964ce03fa1', 'away')`);
  await page.until(`panel.getSnapshot()[0].error !== null && toggle() !== undefined`);
  await page.evaluate('toggle().click(), true');
  await page.until(`root().querySelector('.bad') !== null`);
  // An attempt that is under way when the network comes back is not repeated for that.
  await page.until(
    `dispatchEvent(new Event('online')) && panel.getSnapshot().some(({ causes }) => causes.includes('online'))`,
  );
  await page.setOffline(false);
  await page.until(`panel.getSnapshot()[0].error === null && panel.getSnapshot()[0].bytes > 0`);
  const causes = await page.evaluate<string[]>(`panel.getSnapshot().filter(({ query }) => query === 2)[0].causes`);
  assert.ok(causes.includes('failed'), causes.join());
  await page.evaluate('client.close(), true');
});

test('a script that runs again leaves one panel; a list of 200 fetches is drawn [12.11.2]', async () => {
  const page = await open('development');
  await page.evaluate(`show(${JSON.stringify(list)})`);
  await page.until('toggle() != null');
  // The panel that was there before is drawn once more, after the next one was made.
  await page.evaluate('globalThis.former = client, start({}), true');
  await page.evaluate(`former.watch(document_, {}).subscribe(() => {}), true`);
  await page.evaluate(`Array.from({ length: 250 }, (_, n) => show(${JSON.stringify(list)}, 'n' + n)).length`);
  await page.until(`toggle()?.textContent === 'Fetches: 200'`);
  assert.is(await page.evaluate(`document.querySelectorAll('planql-fetches').length`), 1);
  await page.evaluate('toggle().click(), true');
  await page.until('lines().length === 200');
  await page.evaluate('former.close(), true');
  await page.evaluate('client.close(), true');
});

for (const kind of ['production', 'unknown']) {
  test(`${kind}: nothing is shown unless it is asked for [12.11.2]`, async () => {
    const page = await open(kind);
    await page.evaluate(`show(${JSON.stringify(list)})`);
    await page.until('shown() !== undefined');
    assert.equal(await page.evaluate('panel.getSnapshot()'), []);
    await page.evaluate('client.close(), start({ inProduction: true })');
    await page.evaluate(`show(${JSON.stringify(list)})`);
    await page.until(`toggle()?.textContent === 'Fetches: 1'`);
    // Of the panel before nothing was there.
    assert.is(await page.evaluate(`document.querySelectorAll('planql-fetches').length`), 1);
    await page.evaluate('client.close(), true');
  });
}

test.run();
