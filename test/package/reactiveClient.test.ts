/** `planql/reactive/client` as its user has it: installed from the tarball, in Node, and bundled by esbuild in Chromium. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openTodo, type TodoServer } from '../reactive/client/world.ts';
import { startBrowser } from '../support/browser.ts';
import { needs } from '../support/needs.ts';
import { reported } from '../support/reported.ts';
import { install } from './built.ts';
import { run } from './run.ts';

const test = suite('planql/reactive/client, installed from its tarball');
let folder: string;
let todo: TodoServer;
let list: string;
let item: string;

/** Shows a list, changes its item, waits until the change is shown, and closes. */
const APP = `import { parse } from 'graphql';
import { createReactiveClient, eventStream, webSocket } from 'planql/reactive/client';
import { refetchByDocument } from 'planql/reactive/client/documents';

const LIST = parse('query ($id: UUID!) { todoList(id: $id) { id name todoItems { id text } } }');
const SET = parse('mutation ($id: UUID!, $text: String!) { updateTodoItem(id: $id, data: { text: $text }) { todoItem { id } } }');

export async function work(origin, id, item, text) {
  const transport =
    typeof document === 'undefined'
      ? eventStream({ url: origin + '/deps/stream' })
      : webSocket({ url: origin.replace('http', 'ws') + '/deps/socket' });
  const client = createReactiveClient({ url: origin + '/graphql', transport, keepMs: 0 });
  const { subscribe, getSnapshot } = client.watch(LIST, { id });
  const seen = [];
  const shows = (wanted) =>
    new Promise((resolve) => {
      const stop = subscribe(() => {
        const now = getSnapshot().data?.todoList.todoItems[0].text;
        if (now !== undefined && seen.at(-1) !== now) seen.push(now);
        if (wanted === undefined ? now !== undefined : now === wanted) setTimeout(() => resolve(stop));
      });
    });
  const first = await shows();
  const changed = shows(text);
  first();
  await client.mutate(SET, { id: item, text }, {
    optimistic: (draft) => draft.set({ __typename: 'TodoItem', id: item }, { text }),
  });
  (await changed)();
  client.close();
  return JSON.stringify([...seen, typeof refetchByDocument({ nodeTypes: [] })]);
}
`;

test.before(
  reported(async () => {
    ({ folder } = await install());
    todo = await openTodo();
    list = await todo.kvetch.createObject('TodoList', { name: 'Garden' });
    item = await todo.kvetch.createObject('TodoItem', { text: 'dig', todoItemStatus: 'OPEN', todoList: list });
    writeFileSync(join(folder, 'reactiveApp.mjs'), APP);
    writeFileSync(
      join(folder, 'reactiveNode.mjs'),
      `import { work } from './reactiveApp.mjs';\nconsole.log(await work(...process.argv.slice(2)));\n`,
    );
    writeFileSync(
      join(folder, 'reactivePage.mjs'),
      `import { work } from './reactiveApp.mjs';\nglobalThis.work = work;\n`,
    );
  }),
);
test.after(() => todo.end());

test('in Node: it shows what changes, and holds the process no longer than it is open', async () => {
  const origin = `http://127.0.0.1:${todo.port}`;
  const printed = await run(folder, process.execPath, 'reactiveNode.mjs', origin, list, item, 'dig in Node');
  assert.equal(JSON.parse(printed), ['dig', 'dig in Node', 'function']);
});

needs(test, 'chromium')('in Chromium, bundled by esbuild for browsers', async () => {
  await todo.kvetch.updateObject(item, { text: 'dig' });
  const { outputFiles } = await build({
    ...{ absWorkingDir: folder, entryPoints: ['reactivePage.mjs'], bundle: true, minify: true, write: false },
    ...{ platform: 'browser', format: 'iife' },
  });
  const browser = await startBrowser();
  try {
    const origin = `http://127.0.0.1:${todo.port}`;
    const page = await browser.open(`${origin}/healthz`);
    await page.evaluate(`${outputFiles[0]?.text ?? ''}; true`);
    const given = [origin, list, item, 'dig in Chromium'].map((one) => JSON.stringify(one)).join();
    assert.equal(JSON.parse(await page.evaluate<string>(`work(${given})`)), ['dig', 'dig in Chromium', 'function']);
    // The server of the test has no picture for the page.
    assert.equal(
      page.errors.filter((error) => !error.includes('favicon.ico')),
      [],
    );
  } finally {
    await browser.close();
  }
});

test.run();
