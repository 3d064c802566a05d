/** What a process remembers of a store is no part of what is tracked (spec 11.4.4). */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ReadExtra } from '../../src/kvetch/reads/KvetchReads.ts';
import { createKvetch, defineKvetchSchema, type Kvetch, memoryShards, type ShardStore } from '../../src/kvetch.ts';
import { createInvalidator, heldVersion, type Moment, memoryVersions } from '../../src/reactive.ts';
import { wrapStore } from '../kvetch/backends.ts';
import { until } from '../support/until.ts';

const test = suite('process caches and dependencies');

const schema = defineKvetchSchema({ objects: [{ typeId: 1, name: 'User' }], edges: [] });

interface World {
  readonly writer: Kvetch;
  readonly reader: Kvetch;
  readonly id: string;
  /** The next read of the reader's store has read, and its answer waits for the returned function. */
  hold(): () => void;
  /** The name that a tracked read sees, and the version that is said of it. */
  tracked(kvetch: Kvetch): Promise<{ name: unknown; version: number }>;
}

/** Two processes on the same servers, the reader behind a process cache that keeps everything. */
async function open(): Promise<World> {
  const versions = memoryVersions();
  const secrets = [{ id: 'a', secret: 'a secret of sufficient length' }];
  const [shard] = memoryShards(1) as [ShardStore];
  let gate: Promise<void> = Promise.resolve();
  const late = wrapStore(shard, async (method, run) => {
    const answer = await run();
    if (method.startsWith('read')) await gate;
    return answer;
  });
  const { changes, wireKeys } = createInvalidator({ versions, secrets });
  const options = { schema, changes, outboxPollMs: 0 };
  const writer = createKvetch({ ...options, shards: [shard] });
  const reader = createKvetch({ ...options, shards: [late], processCache: { ttlMs: 60_000 } });
  const id = await writer.createObject('User', { name: 'old' });
  return {
    ...{ writer, reader, id },
    hold() {
      let release = (): void => undefined;
      gate = new Promise((resolve) => {
        release = resolve;
      });
      return () => {
        gate = Promise.resolve();
        release();
      };
    },
    async tracked(kvetch) {
      const asOf = versions.seen as Moment;
      const keys: string[] = [];
      const extra: ReadExtra = {
        recordDependencies: (prefix, names) => void keys.push(...names.map((n) => prefix + n)),
      };
      const [object] = await kvetch.reads.objects([id], extra);
      const reading = await versions.read(keys.map((key) => wireKeys.of(key)));
      assert.is(keys.length, 1);
      return { name: (object as { name?: unknown } | null)?.name, version: heldVersion(asOf, reading, 0) };
    },
  };
}

test('what was remembered before a write of another process is not called fresh [11.4.4]', async () => {
  const { writer, reader, id, tracked } = await open();
  assert.is((await reader.getObject(id))?.name, 'old');
  await writer.updateObject(id, { name: 'new' });
  assert.is((await reader.getObject(id))?.name, 'old', 'nobody tracks: the cache may answer');
  assert.equal(await tracked(reader), { name: 'new', version: 2 });
  assert.is((await reader.getObject(id))?.name, 'old', 'and goes on');
});

test('a read that was under way before the write is not joined [11.4.4]', async () => {
  const { writer, reader, id, tracked, hold } = await open();
  const release = hold();
  const early = reader.getObject(id);
  await until('it has read', () => reader.stats.keysAsked > 0);
  await new Promise((resolve) => setTimeout(resolve, 5));
  await writer.updateObject(id, { name: 'new' });
  const answer = tracked(reader);
  release();
  assert.equal(await answer, { name: 'new', version: 2 });
  assert.is((await early)?.name, 'old');
});

test('nor is what the same request has read before it was tracked', async () => {
  const { writer, reader, id, tracked } = await open();
  const request = reader.forRequest();
  assert.is((await request.getObject(id))?.name, 'old');
  await writer.updateObject(id, { name: 'new' });
  assert.equal(await tracked(request), { name: 'new', version: 2 });
});

test('a change is told behind its commit and the caches, and before its writer is answered [11.2.3, 11.4.2]', async () => {
  const log: unknown[] = [];
  let id = '';
  const kvetch = createKvetch({
    ...{ schema, shards: memoryShards(1), outboxPollMs: 0, processCache: { ttlMs: 60_000 } },
    changes: {
      recorder: () => null,
      async invalidate(keys) {
        if (id !== '') log.push([keys, (await kvetch.getObject(id))?.name]);
        await new Promise((resolve) => setImmediate(resolve));
        log.push('told');
        return true;
      },
    },
  });
  id = await kvetch.createObject('User', { name: 'old' });
  await kvetch.getObject(id);
  log.length = 0;
  await kvetch.updateObject(id, { name: 'new' });
  log.push('answered');
  assert.equal(log, [[[`o:${id}`], 'new'], 'told', 'answered']);
});

test.run();
