/** `nodeHandler` in front of other listeners: requests that are not its own reach them whole. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, makeSchema } from '../../src/index.ts';
import { createInvalidationServer, createReactive, memoryVersions, nodeHandler } from '../../src/reactive.ts';

const test = suite('nodeHandler');
let server: Server;
let url: string;

async function lengthOf(message: IncomingMessage, response: ServerResponse): Promise<void> {
  let length = 0;
  for await (const part of message) length += part.length;
  response.end(`${length}`);
}

test.before(async () => {
  const engine = createEngine({ schema: makeSchema({ typeDefs: 'type Query { one: Int }' }) });
  const invalidator = createReactive({
    engine,
    versions: memoryVersions(),
    secrets: [{ id: 'a', secret: 'a secret of sufficient length' }],
  });
  const invalidations = createInvalidationServer({ invalidator, authenticate: () => 'ann' });
  const handle = nodeHandler(async (request) => {
    await new Promise((resolve) => setTimeout(resolve, 30)); // another handler was asked first
    return invalidations.handle(request);
  });
  server = createServer((message, response) => void handle(message, response, () => void lengthOf(message, response)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
test.after(() => {
  server.closeAllConnections();
  server.close();
});

const post = async (path: string, body: string): Promise<string> => {
  const response = await fetch(url + path, { method: 'POST', body, signal: AbortSignal.timeout(20_000) });
  return `${response.status} ${await response.text()}`;
};

for (const length of [10, 100_000, 5_000_000]) {
  test(`a body of ${length} bytes that is another listener's reaches it whole`, async () => {
    assert.is(await post('/graphql', 'x'.repeat(length)), `200 ${length}`);
  });
}

test('a body of its own is read, and refused where it is too long', async () => {
  assert.match(await post('/deps/poll', '{"v":1,"sets":[]}'), /^(200|400) /);
  assert.match(await post('/deps/poll', 'x'.repeat(2_000_000)), /^413 /);
});

test.run();
