import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ReadExtra } from '../../src/kvetch/reads/KvetchReads.ts';
import type { Kvetch, KvetchOptions } from '../../src/kvetch.ts';
import { memoryShards } from '../../src/kvetch.ts';
import { wrapStore } from './backends.ts';
import { todoStore } from './todo.ts';

type Reads = Kvetch['reads'];
type Read = (reads: Reads, user: string, extra?: ReadExtra) => unknown;

const reads: Readonly<Record<string, Read>> = {
  objects: (of, user, extra) => of.objects([user], extra),
  edges: (of, user, extra) => of.edges([{ edge: 'user_to_list', fromId: user }], extra),
  edgeObjects: (of, user, extra) => of.edgeObjects([{ edge: 'user_to_list', fromId: user }], extra),
  counts: (of, user, extra) => of.counts([{ edge: 'user_to_list', fromId: user }], extra),
  index: (of, _user, extra) => of.index([{ index: 'username', value: 'anne' }], extra),
  indexObjects: (of, _user, extra) => of.indexObjects([{ index: 'username', value: 'anne' }], extra),
  browse: (of, _user, extra) => of.browse([{ type: 'User' }], extra),
};

const boom = (): never => {
  throw new Error('the callback failed');
};

/** Throws when it is called with this. */
const boomAt = (wanted: string) => (name: string) => (name.startsWith(wanted) ? boom() : undefined);

const callbacks: Readonly<Record<string, ReadExtra>> = {
  trace: { trace: boom },
  'trace of a later count': { trace: boomAt('keys at') },
  'trace of a shared call': { trace: boomAt('requests in call') },
  recordDependency: { recordDependency: boom },
  'recordDependency of an object': { recordDependency: boomAt('o:') },
  recordDependencies: { recordDependencies: boom },
  onTargets: { onTargets: boom },
};

const roads: Readonly<Record<string, { readonly count: number; readonly options: Partial<KvetchOptions> }>> = {
  'on its own': { count: 1, options: {} },
  'with shared calls': { count: 1, options: { batching: {} } },
  'with shared calls of one key': { count: 3, options: { batching: { maxSize: 1, maxCalls: 1 } } },
  'with a memory': { count: 3, options: { batching: {}, processCache: true } },
};

async function open(
  { count, options }: (typeof roads)[string],
  isLate: boolean,
): Promise<{ kvetch: Kvetch; user: string }> {
  const late = wrapStoreLate(isLate);
  const kvetch = todoStore(memoryShards(count).map(late), options);
  const user = await kvetch.createObject('User', { username: 'anne' });
  for (let n = 0; n < 3; n++) await kvetch.createObject('List', { owner: user, n });
  return { kvetch, user };
}

function wrapStoreLate(isLate: boolean) {
  return (shard: ReturnType<typeof memoryShards>[number]) =>
    isLate
      ? wrapStore(shard, async (_method, run) => {
          await new Promise((resolve) => setImmediate(resolve));
          return run();
        })
      : shard;
}

/** The entries of an answer, or the error of all. */
async function answerOf(read: () => unknown): Promise<unknown> {
  const tooLate = new Promise((resolve) => setTimeout(resolve, 1000, 'no answer').unref());
  try {
    return await Promise.race([read(), tooLate]);
  } catch (error) {
    return [error];
  }
}

const test = suite('callbacks of reads that throw');

for (const [road, how] of Object.entries(roads)) {
  for (const isLate of [false, true]) {
    test(`cost only their own request, ${road}${isLate ? ', on shards that answer later' : ''}`, async () => {
      const { kvetch, user } = await open(how, isLate);
      const told: string[] = [];
      const escaped: unknown[] = [];
      const note = (error: unknown): void => void escaped.push(error);
      process.on('uncaughtException', note).on('unhandledRejection', note);
      for (const [kind, read] of Object.entries(reads)) {
        const expected = await answerOf(() => read(kvetch.forRequest().reads, user));
        for (const [name, extra] of Object.entries(callbacks)) {
          const where = `${kind}, ${name}`;
          const [own, other] = [kvetch.forRequest().reads, kvetch.forRequest().reads];
          const [mine, theirs] = await Promise.all([
            answerOf(() => read(own, user, extra)),
            answerOf(() => read(other, user)),
          ]);
          assert.equal(theirs, expected, where);
          assert.equal(await answerOf(() => read(kvetch.forRequest().reads, user)), expected, `after ${where}`);
          assert.equal(await answerOf(() => read(own, user)), expected, `again ${where}`);
          const failed = (mine as readonly unknown[])[0] instanceof Error;
          if (failed) {
            const { message, cause } = (mine as readonly Error[])[0] as Error;
            assert.match(`${message} ${(cause as Error | undefined)?.message}`, 'the callback failed', where);
            told.push(where);
          } else assert.equal(mine, expected, where);
        }
      }
      process.off('uncaughtException', note).off('unhandledRejection', note);
      assert.equal(escaped, []);
      assert.ok(
        told.includes('objects, trace') && told.includes('edgeObjects, recordDependency of an object'),
        told.join(),
      );
    });
  }
}

test.run();
