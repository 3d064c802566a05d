import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from 'graphql-sse';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { products } from '../../examples/streaming/schema.ts';
import { createStreamingServer } from '../../examples/streaming/server.ts';
import { mergePayloads } from '../conformance/mergePayloads.ts';
import { closeHttp } from '../servers/httpServer.ts';
import { printed } from './printed.ts';

const test = suite('examples/streaming');

let server: Server;
let url: string;
let calls: string[];

test.before.each(async () => {
  calls = [];
  server = createStreamingServer({ calls });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
});
test.after.each(() => closeHttp(server));

const deferred = '{ products { name ... @defer(label: "reviews") { reviews } } stock @stream(initialCount: 1) { id } }';
const whole = {
  products: products.map(({ id, name }) => ({ name, reviews: [`${id} is good`, `${id} is too dear`] })),
  stock: products.map(({ id }) => ({ id })),
};

function ask(query: unknown, accept = 'application/json', more: RequestInit = {}): Promise<Response> {
  const headers = { accept, 'content-type': 'application/json' };
  return fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }), ...more });
}

/** Waits for something that the server does when it notices that its client is gone. */
async function until(holds: () => boolean): Promise<void> {
  for (let turns = 0; turns < 2_000 && !holds(); turns++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(holds(), `${holds} after ${calls}`);
}

test('a multipart response, as its client reads it from the socket [R18]', async () => {
  const response = await ask(deferred, 'multipart/mixed');
  assert.is(response.headers.get('content-type'), 'multipart/mixed; boundary="-"');
  const [preamble, ...parts] = (await response.text()).split('\r\n---');
  assert.is(preamble, '');
  assert.is(parts.pop(), '--\r\n');
  const payloads = parts.map((part) => {
    const [head, body] = part.split('\r\n\r\n') as [string, string];
    assert.is(head.trim(), 'Content-Type: application/json; charset=utf-8');
    return JSON.parse(body);
  });
  assert.ok(payloads.length > 1, 'in more than one part');
  const merged = mergePayloads(payloads);
  assert.equal(merged.data, whole);
  assert.equal(merged.errors, []);
  assert.equal(calls, ['reviews of 1,2,3', 'stock closed'], 'one load for all products');
});

test('the same as server-sent events, to a client of graphql-sse [R18]', async () => {
  const client = createClient({ url, retryAttempts: 0 });
  const payloads: unknown[] = [];
  for await (const payload of client.iterate({ query: deferred })) payloads.push(payload);
  assert.equal(mergePayloads(payloads).data, whole);
  client.dispose();
});

test('a subscription to a client of graphql-sse; its source is closed when the client leaves [R15 R18]', async () => {
  const client = createClient({ url, retryAttempts: 0 });
  const seen: unknown[] = [];
  for await (const { data } of client.iterate({ query: 'subscription { price(id: "3") }' })) {
    seen.push(data);
    if (seen.length === 3) break;
  }
  assert.equal(seen, [{ price: 210 }, { price: 211 }, { price: 212 }]);
  await until(() => calls.includes('prices closed'));
  client.dispose();
});

test('a client that leaves in the middle closes what is streamed to it [R15 R18]', async () => {
  const controller = new AbortController();
  const response = await ask('{ stock @stream { id } }', 'multipart/mixed', { signal: controller.signal });
  await response.body?.getReader().read();
  controller.abort();
  await until(() => calls.includes('stock closed'));
});

test('errors of an operation come in the form that was asked for', async () => {
  const query = 'query ($on: Boolean!) { products { id @include(if: $on) } }';
  const { errors } = mergePayloads([
    JSON.parse(/\{.*\}/.exec(await (await ask(query, 'multipart/mixed')).text())?.[0] ?? ''),
  ]);
  assert.match(errors.join(), /Variable .*\$on.* was not provided|Variable .*\$on.* has invalid value/);
  assert.match(
    await (await ask(query, 'text/event-stream')).text(),
    /event: next\ndata: \{"errors":.*\n\nevent: complete/,
  );
});

test('an ordinary response, and requests that are refused', async () => {
  assert.equal(await (await ask('{ products { id } }')).json(), {
    data: { products: products.map(({ id }) => ({ id })) },
  });
  const refused = async (response: Response): Promise<unknown> => [
    response.status,
    (await response.json()).errors[0].message,
  ];
  assert.equal(await refused(await ask('{ products { no } }')), [400, 'Cannot query field "no" on type "Product".']);
  assert.equal(await refused(await ask(7)), [400, 'The body must have a "query".']);
  assert.equal(await refused(await ask('', 'application/json', { body: '{' })), [400, 'The body must be JSON.']);
  assert.equal(await refused(await fetch(url)), [405, 'Send operations by POST.']);
  assert.equal(await refused(await ask('x'.repeat(200_000))), [413, 'A request may have 100000 bytes.']);
});

test('its program prints what comes', async () => {
  const output = await printed('example:streaming');
  assert.match(output, /"pending":\[\{"id":"0","path":\["products",0\],"label":"reviews"\}/);
  assert.match(output, /\{"data":\{"price":77\}\}/);
  assert.match(output, /reviews of 1,2,3/);
});

test.run();
