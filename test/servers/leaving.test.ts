import { once } from 'node:events';
import { request } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createEngine,
  type ExecuteExtra,
  eventStreamBody,
  incrementalTypeDefs,
  makeSchema,
  multipartBody,
  Step,
} from '../../src/index.ts';
import { closeHttp, listenHttp } from './httpServer.ts';

/** What happened at the server, for tests to wait for. */
class Log {
  readonly #entries: string[] = [];
  #onEntry = (): void => {};

  add(entry: string): void {
    this.#entries.push(entry);
    this.#onEntry();
  }

  get size(): number {
    return this.#entries.length;
  }

  async has(entry: string): Promise<void> {
    const end = Date.now() + 5_000;
    while (!this.#entries.includes(entry)) {
      assert.ok(Date.now() < end, `"${entry}" did not come; there is ${this.#entries}`);
      await Promise.race([new Promise<void>((resolve) => (this.#onEntry = resolve)), sleep(100)]);
    }
  }
}

/** Events that never come, of a source that can be closed. */
const silent = (log: Log): AsyncIterable<unknown> => ({
  [Symbol.asyncIterator]: () => ({
    next: () => {
      log.add('asked');
      return new Promise(() => {});
    },
    return: async () => {
      log.add('closed');
      return { value: undefined, done: true };
    },
  }),
});

/** Represents a value that never comes. Yields nothing until the request is aborted. */
class NeverStep extends Step<number> {
  static override readonly op = 'test.leaving.never';

  override execute(_count: number, _values: unknown, { context, signal }: ExecuteExtra): Promise<never> {
    const log = context as Log;
    return new Promise((_resolve, reject) => {
      log.add('asked');
      signal.addEventListener('abort', () => {
        log.add('closed');
        reject(signal.reason);
      });
    });
  }
}

const schema = makeSchema({
  typeDefs: [
    incrementalTypeDefs,
    'type Query { now: Int, never: Int } type Subscription { silent: Int, unopened: Int, stuck: Int }',
  ],
  objects: {
    Query: {
      plans: {
        now: { resolve: () => 1 },
        never: () => new NeverStep(),
      },
    },
    Subscription: {
      plans: {
        silent: { subscribe: (_root: unknown, _args: unknown, log: Log) => silent(log) },
        unopened: {
          subscribe: (_root: unknown, _args: unknown, log: Log) => {
            log.add('asked');
            return sleep(50).then(() => silent(log));
          },
        },
        stuck: {
          // A native generator: it can be told to end, and cannot.
          async *subscribe(_root: unknown, _args: unknown, log: Log) {
            yield { stuck: 1 };
            log.add('asked');
            await new Promise(() => {});
          },
        },
      },
    },
  },
});
const engine = createEngine({ schema });

type Body = (log: Log, query: string) => AsyncGenerator<Uint8Array, void, void>;

const payloads: Body = (log, query) => engine.executeToPayloads({ document: parse(query), contextValue: log });
const bodies: Readonly<Record<string, Body>> = {
  executeToPayloads: payloads,
  multipartBody: (log, query) => multipartBody(payloads(log, query)),
  eventStreamBody: (log, query) => eventStreamBody(payloads(log, query)),
};
const operations: Readonly<Record<string, string>> = {
  'a subscription without events': 'subscription { silent }',
  'a source that is being opened': 'subscription { unopened }',
  'a response that is not there yet': '{ never }',
  'a part that is not there yet': '{ now ... @defer { never } }',
};

const test = suite('clients that leave');

for (const [name, body] of Object.entries({
  ...bodies,
  executeToChunks: ((log, query) =>
    engine.executeToChunks({ document: parse(query), contextValue: log })) satisfies Body,
})) {
  for (const [what, query] of Object.entries(operations)) {
    if (name === 'executeToChunks' && query !== '{ never }') continue;

    test(`${name}: return() closes ${what} at once, behind a pending next()`, async () => {
      const log = new Log();
      const chunks = body(log, query);
      if (query.includes('@defer')) await chunks.next();
      const waiting = chunks.next();
      await log.has('asked');
      assert.equal(await chunks.return(), { value: undefined, done: true });
      assert.equal(await waiting, { value: undefined, done: true });
      await log.has('closed');
      assert.equal(await chunks.next(), { value: undefined, done: true });
    });

    test(`${name}: Readable.destroy() closes ${what}`, async () => {
      const log = new Log();
      const readable = Readable.from(body(log, query));
      readable.on('data', () => {});
      await log.has('asked');
      readable.destroy();
      await once(readable, 'close');
      await log.has('closed');
    });

    test(`${name}: a client that goes away closes ${what}`, async () => {
      const log = new Log();
      const { server, url } = await listenHttp((_request, response) => {
        response.flushHeaders();
        pipeline(Readable.from(body(log, query)), response, () => log.add('ended'));
      });
      const client = request(url);
      client.on('error', () => {});
      client.end();
      await once(client, 'response');
      await log.has('asked');
      client.destroy();
      await log.has('closed');
      await log.has('ended');
      await closeHttp(server);
    });
  }
}

test('a stream ends though a generator that it is made of cannot', async () => {
  const log = new Log();
  const readable = Readable.from(eventStreamBody(payloads(log, 'subscription { stuck }')));
  readable.on('data', () => {});
  await log.has('asked');
  readable.destroy();
  await once(readable, 'close');
});

test('closing what was never read runs nothing; an abort from outside still ends what runs', async () => {
  const unread = new Log();
  const chunks = payloads(unread, '{ never }');
  await chunks.return();
  assert.equal(await chunks.next(), { value: undefined, done: true });
  assert.is(unread.size, 0);

  const log = new Log();
  const controller = new AbortController();
  const aborted = engine.executeToPayloads({
    document: parse('{ never }'),
    contextValue: log,
    abortSignal: controller.signal,
    onAbort: 'RESPOND',
  });
  const waiting = aborted.next();
  await log.has('asked');
  controller.abort(new Error('gone'));
  await log.has('closed');
  const { value } = await waiting;
  assert.match(Buffer.from(value as Uint8Array).toString(), 'gone');
  assert.is((await aborted.next()).done, true);
});

test.run();
