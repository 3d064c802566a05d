/** The page of the inspector in a real browser. `UPDATE_SCREENSHOTS=1` keeps a picture. */
import { copyFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeHandler } from '../../src/reactive.ts';
import { type Browser, type BrowserPage, startBrowser } from '../support/browser.ts';
import { needs } from '../support/needs.ts';
import { reported } from '../support/reported.ts';
import { repositoryRoot } from '../support/repository.ts';
import { asked, type Inspected, inspected, renameMutation, userQuery } from './world.ts';

const test = needs(suite('the page of the inspector'), 'chromium');
const evil = '</script><img src=x onerror="window.broken=1"><!--';
let web: Inspected;
let server: Server;
let browser: Browser;
let page: BrowserPage;
let id: string;
let live: AsyncGenerator<unknown>;

const contextValue = () => ({ kvetch: web.kvetch.forRequest() });
const args = () => ({ document: userQuery, variableValues: { id }, contextValue: contextValue() });

test.before(
  reported(async () => {
    web = inspected({ server: 'left', replay: () => ({ contextValue: contextValue() }) });
    const { engine, reactive, kvetch } = web;
    id = await kvetch.createObject('User', { name: 'Ada' });
    for (let n = 0; n < 12; n++) await kvetch.createObject('List', { owner: id, title: `List ${n}` });
    // Nobody's ids: with lists to resolve, the page would show these waits alone.
    const ids = Array.from({ length: 31 }, (_, n) => `${id.slice(0, -2)}${10 + n}`).filter((other) => other !== id);
    const users = ids.slice(0, 30).map((other, n) => `u${n}: user(id: "${other}") { lists { slow } shout }`);
    await engine.execute({ document: parse(`query Dashboard { ${users.join(' ')} }`), contextValue: contextValue() });
    const lists = parse('query Lists($id: ID!) { user(id: $id) { name shout lists { id title slow } } }');
    await engine.execute({ ...args(), document: lists });
    await engine.execute({ document: parse(`query Broken { fails(text: ${JSON.stringify(evil)}) }`) });
    live = reactive.live({ ...args(), context: contextValue });
    await live.next();
    const rename = { document: renameMutation, variableValues: { id, name: 'Grace' }, contextValue: contextValue() };
    await reactive.execute({ ...rename, ...asked });
    await live.next();
    await reactive.execute({ ...args(), extensions: { reactive: { v: 1, refetch: [{ at: 'user' }] } } });
    server = createServer(nodeHandler(web.inspector.handle));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await startBrowser();
    page = await browser.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}/__inspect`);
    await page.until(`document.querySelectorAll('tr.row').length === 7`);
  }),
);
test.after(async () => {
  await browser.close();
  await live.return(undefined);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await web.close();
});

const tab = (name: string): string => `document.getElementById('tab-${name.toLowerCase()}').click()`;
const rows = `[...document.querySelectorAll('tr.row')]`;
const row = (text: string): string => `${rows}.find((row) => row.textContent.includes(${JSON.stringify(text)}))`;
const aside = `document.querySelector('aside').textContent`;

test('it lists operations, the newest first, and moves by keys', async () => {
  const names = await page.evaluate<string[]>(`${rows}.map((row) => row.querySelector('span').textContent)`);
  assert.equal(names, ['User', 'User', 'Rename', 'User', 'Broken', 'Lists', 'Dashboard']);
  await page.evaluate(`document.querySelector('tr.row[tabindex="0"]').focus()`);
  await page.press('ArrowDown');
  await page.press('ArrowDown');
  await page.press('Enter');
  await page.until(`${aside}.includes('mutation, asked by a client')`);
  assert.match(await page.evaluate(aside), /Variables \(names\)\["id","name"\]/);
  await page.evaluate(`document.getElementById('tab-operations').focus()`);
  await page.press('ArrowRight');
  await page.until(`document.activeElement.textContent === 'Changes'`);
  await page.press('ArrowLeft');
  await page.press('/');
  assert.is(await page.evaluate('document.activeElement.type'), 'search');
  await page.press('Escape');
});

test('a change says who made it, who was told, and what it led to, with ways there and back', async () => {
  await page.evaluate(tab('Changes'));
  await page.evaluate(`${row('Rename')}.click()`);
  await page.until(`${aside}.includes('Led to2 runs: 1 refetch, 1 live run')`);
  assert.match(await page.evaluate(aside), /Told on left.*1 live query/);
  await page.evaluate(
    `[...document.querySelectorAll('aside .link')].find((one) => one.textContent.startsWith('refetch')).click()`,
  );
  await page.until(`${aside}.includes('parts that a client fetched again')`);
  await page.evaluate(
    `[...document.querySelectorAll('aside .link')].find((one) => one.textContent.includes('(Rename)')).click()`,
  );
  await page.until(`${aside}.includes('By')`);
});

test('what comes from clients is text', async () => {
  await page.evaluate(tab('Operations'));
  await page.evaluate(`${row('Broken')}.click()`);
  await page.until(`${aside}.includes('onerror')`);
  assert.equal(await page.evaluate(`[document.images.length, window.broken ?? null]`), [0, null]);
});

test('the plan of an operation of more than 85 steps is drawn', async () => {
  await page.evaluate(`${row('Dashboard')}.click()`);
  await page.until(`${aside}.includes('query Dashboard')`);
  await page.evaluate(`document.getElementById('show-plan').click()`);
  const frame = `document.querySelector('iframe').contentDocument`;
  await page.until(`${frame} && ${frame}.querySelectorAll('.rounds .wait').length > 10`);
  const facts = await page.evaluate<string>(`${frame}.querySelector('.facts').textContent`);
  assert.ok(Number(/(\d+) steps/.exec(facts)?.[1]) > 85, facts);
  assert.match(facts, /\d+ calls/, 'with what the run showed');
  await page.screenshot('inspector-plan');
});

test('advice leads to what it is about', async () => {
  await page.evaluate(tab('Advice'));
  await page.until(
    `document.querySelector('main').textContent.includes('List.slow in Lists: the resolver ran 12 times')`,
  );
  await page.evaluate(
    `[...document.querySelectorAll('main li')].find((one) => one.textContent.includes('List.slow')).querySelector('button').click()`,
  );
  await page.until(`${aside}.includes('query Lists')`);
  await page.screenshot('inspector-advice');
});

test('a query is run again, and what happens meanwhile comes by itself', async () => {
  await page.evaluate(`document.getElementById('show-replay').click()`);
  await page.evaluate(`document.querySelector('textarea').value = ${JSON.stringify(JSON.stringify({ id }))}`);
  await page.evaluate(`document.getElementById('replay').click()`);
  await page.until(`document.querySelector('form pre').textContent.includes('"Grace!"')`);
  await page.until(`${rows}.length === 8 && ${rows}[0].textContent.includes('replay')`);
  await web.engine.execute({ document: parse('query Later { bare }') });
  await page.until(`${rows}.length === 9 && ${rows}[0].textContent.includes('Later')`);
});

test('no script failed and nothing was refused, and a picture is made', async () => {
  await page.evaluate(`${row('Lists')}.click()`);
  await page.until(`${aside}.includes('query Lists')`);
  assert.equal(page.errors, []);
  await page.screenshot('inspector');
  if (process.env.UPDATE_SCREENSHOTS) {
    copyFileSync(
      join(repositoryRoot, '.tmp/screenshots/inspector.png'),
      join(repositoryRoot, 'docs/images/inspector.png'),
    );
  }
});

test.run();
