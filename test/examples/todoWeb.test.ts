/** The page of examples/todo-web in a real browser: two windows see each other's changes. `UPDATE_SCREENSHOTS=1` keeps a picture. */
import { copyFileSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTodoWeb, type TodoWeb } from '../../examples/todo-web/server.ts';
import { type Browser, type BrowserPage, startBrowser } from '../support/browser.ts';
import { needs } from '../support/needs.ts';
import { reported } from '../support/reported.ts';
import { repositoryRoot } from '../support/repository.ts';

const test = needs(suite('the page of examples/todo-web'), 'chromium');
let web: TodoWeb;
let browser: Browser;
let address: string;
let windows: readonly [BrowserPage, BrowserPage];

test.before(
  reported(async () => {
    web = await createTodoWeb();
    await new Promise<void>((resolve) => web.server.listen(0, '127.0.0.1', resolve));
    const { port } = web.server.address() as AddressInfo;
    browser = await startBrowser({ width: 1280, height: 560 });
    address = `http://127.0.0.1:${port}`;
    const open = (): Promise<BrowserPage> => browser.open(`${address}/`);
    windows = [await open(), await open()];
    for (const page of windows) await page.until(`document.querySelectorAll('li').length === 4`);
  }),
);
test.after(async () => {
  await browser.close();
  await web.close();
});

const add = (list: string, text: string): string => `{
  const form = document.querySelector('[data-list="${list}"] form');
  form.elements.text.value = ${JSON.stringify(text)};
  form.requestSubmit();
}`;
const item = (text: string): string => `document.querySelector('[data-item="${text}"]')`;

test('what one window adds is in the other', async () => {
  const [left, right] = windows;
  await left.evaluate(add('Garden', 'Harvest'));
  for (const page of windows) await page.until(`${item('Harvest')} && !${item('Harvest')}.innerHTML.includes('new ')`);
  await right.evaluate(add('Analytical engine', 'Write a program'));
  for (const page of windows) await page.until(item('Write a program'));
});

test('a box is checked at once where it is clicked, and then in the other window', async () => {
  const [left, right] = windows;
  const isDone = `${item('Water')}.className === 'done'`;
  await left.evaluate(`${item('Water')}.querySelector('input').click()`);
  assert.is(await left.evaluate(isDone), true);
  await right.until(isDone);
  await right.evaluate(`${item('Water')}.querySelector('input').click()`);
  await left.until(`!(${isDone})`);
  await left.evaluate(`${item('Dig the bed')}.querySelector('input').click()`);
  for (const page of windows) await page.until(`${item('Dig the bed')}.className === 'done'`);
});

test('what is removed, and what a server writes, is seen by both', async () => {
  await windows[0].evaluate(`${item('Sow carrots')}.querySelector('button').click()`);
  for (const page of windows) await page.until(`!${item('Sow carrots')}`);
  await web.kvetch.updateObject(web.userId, { name: 'Ada Lovelace' });
  for (const page of windows) await page.until(`document.body.textContent.includes('Ada Lovelace’s lists')`);
});

test('a window that was offline shows what has changed as soon as it is online again', async () => {
  const [left, right] = windows;
  await left.setOffline(true);
  await right.evaluate(add('Garden', 'Mow'));
  await right.until(item('Mow'));
  // Attempts in vain: the next one would be some seconds away.
  await new Promise((resolve) => setTimeout(resolve, 4000));
  assert.ok(!(await left.evaluate(`Boolean(${item('Mow')})`)));
  await left.setOffline(false);
  const began = performance.now();
  await left.until(item('Mow'));
  console.log(`    ${Math.round(performance.now() - began)} ms after it was online`);
});

/** That something has been so for a second. */
function steady(condition: string): string {
  return `(() => {
    if (!(${condition})) window.since = undefined;
    else window.since ??= Date.now();
    return Date.now() - window.since > 1_000;
  })()`;
}

test('what is done offline is shown, taken back, and told; what is clicked again and again ends as it was clicked last', async () => {
  const [left, right] = windows;
  const box = `${item('Water')}.querySelector('input')`;
  await left.setOffline(true);
  await left.evaluate(`${box}.click()`);
  await left.until(`document.getElementById('notice').textContent.startsWith('Not saved')`);
  assert.is(await left.evaluate(`${box}.checked`), false);
  await left.setOffline(false);
  await left.evaluate(`{
    const send = fetch;
    window.answered = 0;
    window.fetch = async (url, options) => {
      const answer = await send(url, options);
      if (JSON.parse(options.body).query?.startsWith('mutation')) answered++;
      return answer;
    };
    for (let n = 0; n < 7; n++) ${box}.click();
  }`);
  await left.until('answered === 7');
  // Until then, and as long as an older answer is on its way, each click may be seen.
  for (const page of windows) await page.until(steady(`${box}.checked`));
  await left.until(`document.getElementById('notice').textContent === ''`);
  await right.evaluate(`${box}.click()`);
  for (const page of windows) await page.until(`!${box}.checked`);
});

test('a title is text, however it looks and however long it is; none is no title', async () => {
  const count = `document.querySelectorAll('[data-list="Garden"] li').length`;
  const before = await windows[0].evaluate<number>(count);
  const list = `document.querySelector('[data-list="Garden"]')`;
  await windows[0].evaluate(add('Garden', ''));
  await windows[0].evaluate(add('Garden', '<img src=x onerror="window.broken = 1">'));
  for (const page of windows) await page.until(`${count} === ${before + 1} && !${list}.innerHTML.includes('new ')`);
  assert.equal(await windows[1].evaluate(`[document.images.length, window.broken ?? null]`), [0, null]);
  const body = JSON.stringify({
    query:
      'mutation ($text: String!, $id: UUID!) { updateTodoItem(id: $id, data: { text: $text }) { todoItem { id } } }',
    variables: {
      text: 'x'.repeat(1_000_000),
      id: await windows[0].evaluate(`${list}.querySelector('li:last-child input').id`),
    },
  });
  const answer = await fetch(`${address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  assert.is(((await answer.json()) as { errors?: unknown }).errors, undefined);
  for (const page of windows) {
    await page.until(`${list}.textContent.length > 1_000_000`);
    assert.ok((await page.evaluate<number>('document.body.scrollWidth')) <= 1280);
  }
  await windows[1].evaluate(`${list}.querySelector('li:last-child button').click()`);
  for (const page of windows) await page.until(`${count} === ${before}`);
});

test('the inspector shows what the windows did, and which of them made the other fetch again', async () => {
  const page = await browser.open(`${address}/__inspect`);
  await page.until(`document.querySelectorAll('tr.row').length > 5`);
  await page.evaluate(`document.getElementById('tab-changes').click()`);
  const change = `[...document.querySelectorAll('tr.row')].find((row) => /AddItem.*refetch/.test(row.textContent))`;
  await page.until(change);
  await page.evaluate(`${change}.click()`);
  await page.until(`document.querySelector('aside').textContent.includes('refetch of Lists')`);
  assert.equal(page.errors, []);
});

test('two windows side by side, for a picture', async () => {
  const { port } = web.server.address() as AddressInfo;
  const page = await browser.open(`http://127.0.0.1:${port}/`);
  await page.until(`document.querySelector('li')`);
  const frame =
    '<iframe src="/" style="flex: 1; border: 1px solid #8fa1b0; border-radius: 8px; background: #f5f7f9"></iframe>';
  await page.evaluate(`void (document.documentElement.innerHTML =
    '<body style="margin: 0; padding: 16px; box-sizing: border-box; height: 100vh; display: flex; gap: 16px; background: #dbe2e8">${frame}${frame}</body>')`);
  const inFrame = (n: number, selector: string): string => `frames[${n}].document.querySelector('${selector}')`;
  for (const n of [0, 1]) await page.until(`frames.length === 2 && ${inFrame(n, '[data-item="Harvest"]')}`);
  await page.evaluate(`${inFrame(0, '[data-item="Harvest"] input')}.click()`);
  await page.evaluate(add('Garden', 'Rest').replaceAll('document.', 'frames[1].document.'));
  for (const n of [0, 1]) {
    await page.until(`${inFrame(n, '[data-item="Harvest"].done')} && ${inFrame(n, '[data-item="Rest"]')}`);
    await page.until(`!${inFrame(n, '[data-item="Rest"]')}.innerHTML.includes('new ')`);
  }
  assert.equal(page.errors, []);
  await page.screenshot('todo-web');
});

test('nothing failed in the pages, and a picture was made', async () => {
  const errors = windows.flatMap((page) => page.errors.filter((error) => !error.includes('ERR_INTERNET_DISCONNECTED')));
  assert.equal(errors, []);
  const picture = join(repositoryRoot, '.tmp/screenshots/todo-web.png');
  assert.is(readFileSync(picture).subarray(1, 4).toString(), 'PNG');
  if (process.env.UPDATE_SCREENSHOTS) copyFileSync(picture, join(repositoryRoot, 'docs/images/todo-web.png'));
});

test.run();
