import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type OpenStore, openStore } from '../../examples/todo-by-hand/openStore.ts';
import { createTodoServer } from '../../examples/todo-by-hand/server.ts';
import { fill } from '../../examples/todo-by-hand/store.ts';
import { type Browser, startBrowser } from '../support/browser.ts';
import { needs } from '../support/needs.ts';
import { reported } from '../support/reported.ts';

const graphiql = suite('examples/todo-by-hand: GraphiQL and the panel of plans');
let store: OpenStore;
let server: Server;
let origin: string;

graphiql.before(
  reported(async () => {
    store = openStore({});
    await fill(store.kvetch);
    server = createTodoServer(store.kvetch).listen(0);
    origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  }),
);
graphiql.after(async () => {
  server.closeAllConnections();
  server.close();
  await store.close();
});

async function planOf(body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${origin}/plan`, { method: 'POST', headers, body: JSON.stringify(body) });
}

graphiql('all of GraphiQL comes from the server itself', async () => {
  const page = await (await fetch(`${origin}/graphql`)).text();
  const asked = [...page.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, url]) => url as string);
  assert.is(asked.length, 4);
  for (const url of asked) {
    const response = await fetch(new URL(url, origin));
    assert.is(response.status, 200, url);
    assert.ok((await response.text()).length > 10_000, url);
  }
  assert.is((await fetch(`${origin}/graphiql/package.json`)).status, 404);
});

graphiql('a query is run for its plan, a mutation is not, and what cannot be planned is told', async () => {
  const query = 'query ($name: String!) { todoUserByUsername(username: $name) { name } }';
  const page = await (await planOf({ query, variables: { name: 'user7' } })).text();
  assert.match(page, /"isMeasured":true.*loadOne/);
  const mutation = 'mutation { createTodoUser(data: { username: "no", name: "no" }) { todoUser { id } } }';
  const planned = await planOf({ query: mutation });
  const text = await planned.text();
  assert.match(text, /"isMeasured":false/);
  assert.equal((await store.kvetch.queryIndex('username', 'no')).ids, []);
  const refused = await planOf({ query: '{ nothing }' });
  assert.equal([refused.status, await refused.text()], [400, 'Cannot query field "nothing" on type "Query".']);
});

needs(graphiql, 'chromium')('the plan of the query that was run is shown beside it', async () => {
  const browser: Browser = await startBrowser({ width: 1280, height: 800 });
  try {
    const page = await browser.open(`${origin}/graphql`);
    await page.until(`document.querySelector('.graphiql-execute-button')`);
    await page.until(`document.body.textContent.includes('Run a query')`);
    await page.evaluate(`document.querySelector('.graphiql-execute-button').click()`);
    await page.until(`document.querySelector('iframe')?.srcdoc.includes('loadOne')`);
    await page.until(`document.querySelector('.result-window').textContent.includes('Tony Okafor')`);
    await page.screenshot('graphiql');
    // Beside the editor and the answer there is room to read it.
    const widths = `['iframe', '.graphiql-query-editor', '.result-window']
      .map((selector) => document.querySelector(selector).getBoundingClientRect().width)`;
    const [plan = 0, ...others] = await page.evaluate<number[]>(widths);
    assert.ok(plan >= 500 && Math.min(...others) >= 250, `${plan} beside ${others}`);
    // The frame is of no origin: scripts of a plan reach nothing of the page.
    assert.is(await page.evaluate(`document.querySelector('iframe').contentDocument`), null);
    assert.equal(page.errors, []);
  } finally {
    await browser.close();
  }
});

graphiql.run();
