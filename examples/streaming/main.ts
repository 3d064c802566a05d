/** Starts the server, asks it as a client would, and prints what comes, as it comes. With `serve` it stays. */
import type { AddressInfo } from 'node:net';
import { createStreamingServer } from './server.ts';

const operations = {
  'multipart/mixed':
    '{ products { name ... @defer(label: "reviews") { reviews } } stock @stream(initialCount: 1) { id } }',
  'text/event-stream': 'subscription { price(id: "2") }',
};

const stays = process.argv.includes('serve');
const calls: string[] = [];
const server = createStreamingServer({ calls });
await new Promise<void>((listening) => server.listen(stays ? 4000 : 0, '127.0.0.1', listening));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
console.log(`GraphQL on ${stays ? url : 'a free port'}`);

if (!stays) {
  for (const [accept, query] of Object.entries(operations)) {
    console.log(`\n== ${query}\n`);
    let shown = 0;
    for await (const chunk of await ask(accept, query)) {
      const parts = new TextDecoder().decode(chunk).match(/\{.*\}/g) ?? [];
      for (const part of parts) console.log(part);
      shown += parts.length;
      // A subscription goes on until its client leaves.
      if (accept === 'text/event-stream' && shown >= 3) break;
    }
  }
  server.closeAllConnections();
  server.close();
  console.log(`\n${calls.join('\n')}`);
}

async function ask(accept: string, query: string): Promise<AsyncIterable<Uint8Array>> {
  const headers = { accept, 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) });
  return response.body as unknown as AsyncIterable<Uint8Array>;
}
