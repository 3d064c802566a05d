import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createKvetch, memoryShards } from 'planql/kvetch';
import { kvetchSchema } from '../generated/kvetchSchema.ts';
import { createApp, shutDown } from '../server.ts';

test('the server answers', async () => {
  const kvetch = createKvetch({ schema: kvetchSchema, shards: memoryShards(1) });
  const server = createApp(kvetch);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://localhost:${port}/graphql?query={__typename}`);
    assert.deepEqual(await response.json(), { data: { __typename: 'Query' } });
  } finally {
    await shutDown(server, () => kvetch.close());
  }
});
