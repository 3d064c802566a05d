/** However much a server sends, the client reads so much and no more; and however it fails, it is tried again (spec 12.5). */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { LiveSource } from '../../../src/reactive/client/liveWatch.ts';
import type { ClientSocket } from '../../../src/reactive/client/transports/webSocket.ts';
import {
  createReactiveClient,
  eventStream,
  polling,
  type ReactiveClient,
  type ReactiveClientOptions,
  type Transport,
  type TypedDocument,
  webSocket,
} from '../../../src/reactive-client.ts';
import { until } from '../../support/until.ts';

const test = suite('client, bounds');
const clients: ReactiveClient[] = [];
test.after.each(() => {
  for (const client of clients.splice(0)) client.close();
});

const USER = parse('query { user { id name } }') as TypedDocument<{ user: { name: string } }>;
const ANSWER = JSON.stringify({
  data: { user: { __typename: 'User', id: '1', name: 'Ann' } },
  extensions: {
    reactive: {
      ...{ v: 1, status: 'full', epoch: 'e', asOf: 1, keys: 'k'.repeat(16), versions: [1], grant: 'g' },
      groups: [{ at: 'user', scope: 'field', keys: [0, 1] }],
    },
  },
});
const backOff = { minMs: 4, maxMs: 8 };
const silent: Transport = () => ({ add() {}, remove() {}, close() {} });

function open(own: Partial<ReactiveClientOptions>, isLive = false) {
  const failures: string[] = [];
  const client = createReactiveClient({
    ...{ url: 'http://server/graphql', transport: silent, fetch: async () => new Response(ANSWER) },
    onError: (error) => void failures.push(String(error)),
    ...own,
  });
  clients.push(client);
  const watched = client.watch(USER, {}, { live: isLive });
  watched.subscribe(() => undefined);
  return { failures, name: () => watched.getSnapshot().data?.user.name };
}

/** Bodies without end, and how many bytes were read of the largest one. */
function endless() {
  const part = new TextEncoder().encode('{"data":'.padEnd(65_536));
  const read = { most: 0, bodies: 0 };
  const body = (): ReadableStream => {
    let size = 0;
    read.bodies++;
    return new ReadableStream({
      pull(controller) {
        size += part.length;
        read.most = Math.max(read.most, size);
        controller.enqueue(part);
      },
    });
  };
  return { read, body };
}

for (const [bound, own] of [
  [1 << 24, {}],
  [100_000, { maxLength: 100_000 }],
] as const) {
  test(`an answer without end is read to ${bound} characters, and asked for again [12.5.4]`, async () => {
    const { read, body } = endless();
    const answers = [body(), body(), ANSWER];
    const page = open({ ...own, fetch: async () => new Response(answers.shift()) });
    await until('the right answer is shown', () => page.name() === 'Ann');
    assert.is(read.bodies, 2);
    assert.ok(read.most > bound && read.most < bound + 5 * 65_536, `${read.most} bytes`);
    assert.is(page.failures.length, 2);
    assert.match(page.failures[0] ?? '', `more than ${bound} characters`);
  });
}

test('an answer that is as long as it may be is read, whatever its characters are', async () => {
  const text = ANSWER.replace('Ann', 'ä€😀'.repeat(1000));
  const parts = Array.from(new TextEncoder().encode(text), (byte) => new Uint8Array([byte]));
  const page = open({
    maxLength: text.length,
    fetch: async () =>
      new Response(
        new ReadableStream({
          start(controller) {
            for (const part of parts) controller.enqueue(part);
            controller.close();
          },
        }),
      ),
  });
  await until('it is shown', () => page.name() === 'ä€😀'.repeat(1000));
  assert.equal(page.failures, []);
});

test('where fetch gives no streams the whole text is read, and has the same bound', async () => {
  const answers = [ANSWER.replace('Ann', 'x'.repeat(1000)), ANSWER];
  const page = open({
    maxLength: 1000,
    fetch: async () => {
      const text = answers.shift() ?? '';
      return { status: 200, url: 'http://server/graphql', text: async () => text } as Response;
    },
  });
  await until('the right answer is shown', () => page.name() === 'Ann');
  assert.match(page.failures.join(), 'more than 1000 characters');
});

test('an answer to a poll without end is read to 1 MiB, and asked for again [12.5.4]', async () => {
  const { read, body } = endless();
  const fetch = async (): Promise<Response> => new Response(body());
  const page = open({ transport: polling({ url: 'http://server/deps/poll', fetch, backOff }) });
  await until('it was asked three times', () => read.bodies > 2);
  assert.ok(read.most < 2 << 20, `${read.most} bytes`);
  assert.match(page.failures[0] ?? '', 'more than 1048576 characters');
});

test('an event stream without a line break is ended at 1 MiB, and opened again [12.5.4]', async () => {
  const { read, body } = endless();
  const fetch = async (): Promise<Response> => new Response(body());
  const page = open({ transport: eventStream({ url: 'http://server/deps/stream', fetch, backOff }) });
  await until('two streams have ended', () => read.bodies > 2);
  assert.ok(read.most < 2 << 20, `${read.most} bytes`);
  assert.match(page.failures[0] ?? '', 'more than 1048576 characters');
});

test('a message of more than 1 MiB ends the connection: another one is opened [12.5.4]', async () => {
  const sockets: ClientSocket[] = [];
  let closed = 0;
  const transport = webSocket({
    url: 'ws://server',
    open: () => {
      const socket: ClientSocket = {
        ...{ send: () => undefined, close: () => void closed++ },
        ...{ onopen: null, onmessage: null, onclose: null, onerror: null },
      };
      sockets.push(socket);
      return socket;
    },
    backOff,
  });
  const page = open({ transport });
  await until('there is a socket', () => sockets.length === 1);
  const message = (length: number): never => ({ data: '{"type":"inv","keys":{}}'.padEnd(length) }) as never;
  sockets[0]?.onmessage?.(message(1 << 20));
  assert.is(closed, 0);
  sockets[0]?.onmessage?.(message((1 << 20) + 1));
  assert.is(closed, 1);
  await until('there is another', () => sockets.length === 2);
  assert.match(page.failures.join(), 'more than 1048576 characters');
});

test('an event stream that falls silent is taken for dead after 2.5 heartbeats, one that speaks is not [12.5.2]', async () => {
  let streams = 0;
  const fetch = async (_url: unknown, init?: RequestInit): Promise<Response> => {
    const isFirst = streams++ === 0;
    const heartbeat = new TextEncoder().encode('event: hb\ndata: {}\n\n');
    let sent = 0;
    return new Response(
      new ReadableStream({
        start(controller) {
          init?.signal?.addEventListener('abort', () => controller.error(init.signal?.reason));
          const timer = setInterval(() => {
            if (isFirst && ++sent === 20) clearInterval(timer);
            if (!init?.signal?.aborted) controller.enqueue(heartbeat);
          }, 10);
          init?.signal?.addEventListener('abort', () => clearInterval(timer));
        },
      }),
    );
  };
  const page = open({
    transport: eventStream({ url: 'http://server/deps/stream', fetch, heartbeatMs: 40, backOff }),
  });
  await until('another is opened', () => streams === 2);
  assert.equal(
    page.failures.map((failure) => /did not answer in 100 ms/.test(failure)),
    [true],
  );
});

test('a live query that is lost is tried again after pauses that grow, and at once when the device is online [12.6.3]', async () => {
  const listeners = new Set<() => void>();
  const page = globalThis as { addEventListener?: unknown; removeEventListener?: unknown };
  page.addEventListener = (_type: string, listener: () => void) => listeners.add(listener);
  page.removeEventListener = (_type: string, listener: () => void) => listeners.delete(listener);
  const pauses: number[] = [];
  const { setTimeout: own } = globalThis;
  try {
    let subscribed = 0;
    const live: LiveSource = {
      subscribe(_payload, { error }) {
        subscribed++;
        globalThis.setTimeout = ((call: () => void, milliseconds: number) => {
          pauses.push(milliseconds);
          return own(call, milliseconds);
        }) as typeof setTimeout;
        error(new Error('offline'));
        globalThis.setTimeout = own;
        return () => undefined;
      },
    };
    open({ live }, true);
    for (let n = 1; n <= 8; n++) {
      assert.is(subscribed, n);
      // Twice as long each time, less a part of up to a half.
      const most = Math.min(500 * 2 ** (n - 1), 30_000);
      assert.ok(
        pauses.some((time) => time >= most / 2 && time <= most),
        `${most} ms: ${pauses}`,
      );
      pauses.length = 0;
      for (const listener of [...listeners]) listener();
    }
  } finally {
    globalThis.setTimeout = own;
    delete page.addEventListener;
    delete page.removeEventListener;
  }
});

test.run();
