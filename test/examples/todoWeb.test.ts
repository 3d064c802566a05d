/** The page of examples/todo-web in a real browser: two windows see each other's changes. `UPDATE_SCREENSHOTS=1` keeps a picture. */
import { copyFileSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTodoWeb, type TodoWeb } from '../../examples/todo-web/server.ts';
import { type Browser, type BrowserPage, chromium, startBrowser } from '../support/browser.ts';
import { reported } from '../support/reported.ts';
import { repositoryRoot } from '../support/repository.ts';

const suiteOfPage = suite('the page of examples/todo-web');
const test = chromium === null ? suiteOfPage.skip : suiteOfPage;
let web: TodoWeb;
let browser: Browser;
let windows: readonly [BrowserPage, BrowserPage];

if (chromium !== null) {
  suiteOfPage.before(
    reported(async () => {
      web = await createTodoWeb();
      await new Promise<void>((resolve) => web.server.listen(0, '127.0.0.1', resolve));
      const { port } = web.server.address() as AddressInfo;
      browser = await startBrowser();
      const open = (): Promise<BrowserPage> => browser.open(`http://127.0.0.1:${port}/`);
      windows = [await open(), await open()];
      for (const page of windows) await page.until(`document.querySelectorAll('li').length === 4`);
    }),
  );
  suiteOfPage.after(async () => {
    await browser.close();
    await web.close();
  });
}

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

test('nothing failed in the pages, and a picture is made of one', async () => {
  for (const page of windows) assert.equal(page.errors, []);
  await windows[1].screenshot('todo-web');
  const picture = join(repositoryRoot, '.tmp/screenshots/todo-web.png');
  assert.is(readFileSync(picture).subarray(1, 4).toString(), 'PNG');
  if (process.env.UPDATE_SCREENSHOTS) copyFileSync(picture, join(repositoryRoot, 'docs/images/todo-web.png'));
});

suiteOfPage.run();
