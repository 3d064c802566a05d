import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BrowserPage } from '../support/browser.ts';
import { needs } from '../support/needs.ts';
import { reported } from '../support/reported.ts';
import {
  buildPage,
  button,
  emptyDirectory,
  fillIn,
  PLANQL,
  runInstalled,
  runTests,
  signUp,
  withPages,
  write,
} from './applications.ts';

const test = suite('the market, made by the packed tarball from an empty directory');
let root: string;
let app: string;

test.before(
  reported(async () => {
    root = await emptyDirectory();
    await runInstalled(root, root, PLANQL, 'init', 'bazaar', '--template', 'market', '--no-install');
    app = join(root, 'bazaar');
  }),
);

test('it passes tsc --strict and its own tests: offers, blocks, chats, sessions, sockets', async () => {
  await runInstalled(root, app, 'typescript/bin/tsc', '--noEmit');
  for (const file of ['market', 'signUp', 'sockets'])
    assert.match(await runTests(app, `test/${file}.test.ts`), /# fail 0/);
});

needs(test, 'chromium')(
  'two people sell, offer and chat in two browsers, each sees at once what the other does',
  async () => {
    await buildPage(root, app);
    await withPages(app, async (open) => {
      const [seller, buyer] = [await open('seller'), await open('buyer')];
      await signUp(seller, 'ada', 'Ada <b>');
      await signUp(buyer, 'ben', 'Ben');
      const click = async (page: BrowserPage, expression: string): Promise<void> => {
        await page.until(expression);
        await page.evaluate(`(${expression}).click()`);
      };
      const link = (text: string): string =>
        `[...document.links].find(({ textContent }) => textContent === ${JSON.stringify(text)})`;

      await click(seller, link('Sell'));
      await fillIn(seller, { title: 'Red bike', amount: '90' });
      await seller.until(`document.querySelector('[data-status="OPEN"]')`);
      await click(buyer, link('Red bike'));
      await write(buyer, 'Your offer', '80');
      await buyer.until(`document.querySelector('[data-offer="OPEN"]')`);

      await click(buyer, button('Write to Ada <b>'));
      await write(buyer, 'Message', 'Is it still there?');
      await seller.until(`document.querySelector('[data-unread="2"]')`);
      await click(seller, link('Inbox'));
      await click(seller, link('Ben, Red bike'));
      for (const [page, text] of [
        [seller, 'Yes.'],
        [buyer, 'Good <i>'],
      ] as const) {
        await write(page, 'Message', text);
        for (const window of [seller, buyer]) await window.until(`document.querySelector('[data-message="${text}"]')`);
      }
      const texts = "[...document.querySelectorAll('[data-message]')].map(({ textContent }) => textContent)";
      for (const page of [seller, buyer])
        assert.equal(await page.evaluate(texts), ['Is it still there?', 'Yes.', 'Good <i>']);

      await click(seller, link('Red bike'));
      await click(buyer, link('Red bike'));
      await click(seller, button('Accept'));
      for (const page of [seller, buyer])
        await page.until(`document.querySelector('[data-status="SOLD"] [data-offer="ACCEPTED"]')`);

      await seller.evaluate('history.back()');
      await click(seller, button('Block'));
      await seller.until(button('Unblock'));
      await buyer.evaluate('history.back()');
      await write(buyer, 'Message', 'Hello?');
      await buyer.until(
        `document.querySelector('[role=alert]')?.textContent === 'This user takes no messages from you.'`,
      );
      assert.equal([...seller.errors, ...buyer.errors], []);
    });
  },
);

test.run();
