/** Servers that are broken, or mean harm: the client throws nothing into the page, asks in measure, and works when they are right again. */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { LiveSource } from '../../../src/reactive/client/liveWatch.ts';
import { patched } from '../../../src/reactive/client/patch.ts';
import type { TransportEvents } from '../../../src/reactive/client/transports/Transport.ts';
import type { ClientSocket } from '../../../src/reactive/client/transports/webSocket.ts';
import {
  createReactiveClient,
  polling,
  type ReactiveClient,
  type Transport,
  type TypedDocument,
  webSocket,
} from '../../../src/reactive-client.ts';
import { until } from '../../support/until.ts';

const test = suite('client, hostile servers');

type Data = { readonly user: { readonly id: string; readonly name: string } };
const USER = parse('query User { user { __typename id name } }') as TypedDocument<Data>;
const user = (name: string): object => ({ user: { __typename: 'User', id: '1', name } });
const KEY = 'k'.repeat(16);
const deps = (more: object = {}): object => ({
  reactive: {
    ...{ v: 1, status: 'full', epoch: 'e', asOf: 1, keys: KEY, versions: [1], grant: 'g' },
    ...{ groups: [{ at: 'user', scope: 'field', keys: [0, 1] }], ...more },
  },
});

const unasked: unknown[] = [];
const note = (error: unknown): void => void unasked.push(error);
let clients: ReactiveClient[] = [];
test.before.each(() => {
  unasked.length = 0;
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
});
test.after.each(async () => {
  for (const client of clients) client.close();
  clients = [];
  await pause(20);
  process.off('unhandledRejection', note);
  process.off('uncaughtException', note);
  assert.equal(unasked, []);
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Page {
  readonly client: ReactiveClient;
  readonly failures: unknown[];
  /** How many requests of GraphQL there were. */
  asked: number;
  /** What the server answers now. */
  answer: () => string;
  events: TransportEvents;
  readonly shown: () => Data | undefined;
}

/** A client whose server answers what it is told to. */
function open(answer: object | string, transport?: Transport, live?: LiveSource): Page {
  const failures: unknown[] = [];
  const none: Transport = (events) => {
    page.events = events;
    return { add: () => undefined, remove: () => undefined, close: () => undefined };
  };
  const page: { -readonly [key in keyof Page]: Page[key] } = {
    ...{ failures, asked: 0, events: null as never, client: null as never, shown: () => undefined },
    answer: () => (typeof answer === 'string' ? answer : JSON.stringify(answer)),
  };
  page.client = createReactiveClient({
    url: 'http://server/graphql',
    transport: transport ?? none,
    ...(live !== undefined && { live }),
    fetch: async () => {
      page.asked++;
      return new Response(page.answer());
    },
    onError: (error) => void failures.push(error),
  });
  clients.push(page.client);
  const watched = page.client.watch(USER, {}, { live: live !== undefined });
  watched.subscribe(() => undefined);
  page.shown = () => watched.getSnapshot().data;
  return page;
}

const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
const answers: Readonly<Record<string, string>> = {
  'a page of HTML': '<!doctype html><h1>Welcome</h1>',
  'half of a JSON': '{"data":{"user":',
  null: 'null',
  'a list': '[1,2]',
  'errors that are a number': '{"data":{},"errors":5}',
  'errors that are null': '{"data":{},"errors":[null]}',
  'paths that are none': '{"data":{},"errors":[{"path":5}]}',
  'lists in lists in lists': `{"data":{"user":${deep}}}`,
  'objects that are no list': JSON.stringify({ data: user('x'), extensions: deps({ objects: {} }) }),
  'groups that are a number': JSON.stringify({ data: user('x'), extensions: deps({ groups: 7 }) }),
  'groups of null': JSON.stringify({ data: user('x'), extensions: deps({ groups: [null] }) }),
  'positions that are none': JSON.stringify({
    ...{ data: user('x'), extensions: deps({ groups: [{ at: 5, scope: 'self', keys: [0, 1] }] }) },
  }),
  'more than a million dependencies': JSON.stringify({
    data: user('x'),
    extensions: deps({
      ...{ keys: 'k'.repeat(16 * 2000), versions: [] },
      groups: Array.from({ length: 600 }, (_, n) => ({ at: `a${n}`, scope: 'field', keys: [0, 2000] })),
    }),
  }),
};
for (const [what, answer] of Object.entries(answers)) {
  test(`${what}: it is asked again in measure, until the answer can be read`, async () => {
    const page = open(answer);
    await until('it is asked three times', () => page.asked >= 3);
    assert.ok(page.failures.length >= 2 && page.failures.every((error) => error instanceof Error));
    await pause(200);
    assert.ok(page.asked < 8, `${page.asked} requests`);
    page.answer = () => JSON.stringify({ data: user('Ann'), extensions: deps() });
    await until('Ann is shown', () => page.shown()?.user.name === 'Ann');
  });
}

const ranges: Readonly<Record<string, unknown>> = {
  'a range of 10^9 keys': [0, 1e9],
  'many ranges of 10^9 keys': Array.from({ length: 2000 }, () => 1e9),
  'a range without an end': [0, '1e999'],
  'ranges that are a text': 'keys',
  'a range that begins before the first key': [-1e9, 2e9],
};
for (const [what, keys] of Object.entries(ranges)) {
  test(`${what}: it stands for the keys that there are`, async () => {
    const page = open({ data: user('Ann'), extensions: deps({ groups: [{ at: 'user', scope: 'field', keys }] }) });
    await until('Ann is shown', () => page.shown()?.user.name === 'Ann');
    page.events.stale({ [KEY]: 2 });
    await pause(100);
    assert.ok(page.asked < 6, `${page.asked} requests`);
  });
}

test("prototypes are not polluted, and what they have is nobody's data", async () => {
  const document = parse('query Team { constructor { __typename id toString } team { __typename id } }');
  const answer =
    '{"data":{"__proto__":{"polluted":1},"constructor":{"__typename":"Team","id":"1","toString":"x","__proto__":{"polluted":1}},"team":{"__typename":"__proto__","id":"__proto__"}},"extensions":{"reactive":{"__proto__":{"polluted":1}}}}';
  const page = open(answer);
  const watched = page.client.watch(document as TypedDocument<{ constructor: object; team: object }>);
  watched.subscribe(() => undefined);
  await until('there is data', () => watched.getSnapshot().status === 'ready');
  assert.is(
    JSON.stringify(watched.getSnapshot().data),
    '{"constructor":{"__typename":"Team","id":"1","toString":"x"},"team":{"__typename":"__proto__","id":"__proto__"}}',
  );
  page.events.stale(JSON.parse('{"__proto__":5,"constructor":7}'));
  assert.is(Reflect.get({}, 'polluted'), undefined);
  const operations = [
    { op: 'add', path: '/__proto__', value: { polluted: 1 } },
    { op: 'add', path: '/user/__proto__/polluted', value: 1 },
    { op: 'replace', path: '/constructor/prototype/polluted', value: 1 },
    { op: 'move', from: '/constructor', path: '/user' },
    { op: 'add', path: '/user/length', value: 1 },
    { op: 'move', path: 5 },
    null,
  ];
  for (const operation of operations) {
    try {
      patched({ user: { id: '1' } }, [operation as never]);
    } catch {
      // It does not fit.
    }
    assert.is(Reflect.get({}, 'polluted'), undefined, JSON.stringify(operation));
  }
});

test('a part of an answer without a field called constructor has none', async () => {
  const document = parse('query Race { race { __typename id constructor { __typename id } name } }');
  const race = (name: string): object => ({ __typename: 'Race', id: '1', name });
  const extensions = deps({
    groups: [
      { at: 'race', scope: 'field', keys: [0, 1] },
      { at: 'race.constructor', scope: 'field', keys: [1, 1] },
      { at: 'race.name', scope: 'field', keys: [2, 1] },
    ],
    ...{ keys: `${KEY}${'l'.repeat(16)}${'m'.repeat(16)}`, versions: [1, 1, 1] },
  });
  const team = { __typename: 'Team', id: '7' };
  const page = open({ data: { race: { ...race('Spa'), constructor: team } }, extensions });
  const watched = page.client.watch(document as TypedDocument<{ race: { constructor: object; name: string } }>);
  watched.subscribe(() => undefined);
  await until('there is data', () => watched.getSnapshot().status === 'ready');
  page.answer = () => JSON.stringify({ data: { race: race('Monza') }, extensions: deps({ groups: [] }) });
  page.events.stale({ ['m'.repeat(16)]: 2 });
  await until('the change is shown', () => watched.getSnapshot().data?.race.name === 'Monza');
  assert.equal(watched.getSnapshot().data?.race.constructor, team);
});

test('a server that disowns what it has just given is told to onError the second time, with the place to look', async () => {
  let disown = (): void => undefined;
  const page = open({ data: user('Ann'), extensions: deps() }, (events) => ({
    add: (set) => {
      disown = () => events.expired(set);
    },
    remove: () => undefined,
    close: () => undefined,
  }));
  await until('there is data', () => page.shown() !== undefined);
  disown();
  await until('it has asked again', () => page.asked === 2);
  await pause(20);
  assert.equal(page.failures, [], 'a grant may be too old once');
  disown();
  assert.equal(
    page.failures.map((error) => /refused its own grant twice.*planql_deps_expired_total/.test(String(error))),
    [true],
  );
});

test('without onError the console hears of an error, and not again of the same one', async () => {
  const { warn } = console;
  const heard: unknown[] = [];
  console.warn = (text) => heard.push(text);
  let told: TransportEvents | null = null;
  try {
    const client = createReactiveClient({
      url: 'http://server/graphql',
      transport: (events) => {
        told = events;
        return { add: () => undefined, remove: () => undefined, close: () => undefined };
      },
    });
    clients.push(client);
    const { failed } = told as unknown as TransportEvents;
    for (const text of ['away', 'away', 'another', 'another', 'away']) failed(new Error(text));
  } finally {
    console.warn = warn;
  }
  assert.equal(heard, ['planql: Error: away', 'planql: Error: another', 'planql: Error: away']);
});

test('a socket that the server closes for a reason is told with its code; one that ends is opened again without a word', async () => {
  const sockets: ClientSocket[] = [];
  const transport = webSocket({
    url: 'ws://server/deps/socket',
    backOff: { minMs: 1, maxMs: 2 },
    open: () => {
      const socket = { send: () => undefined, close: () => undefined } as unknown as ClientSocket;
      sockets.push(socket);
      return socket;
    },
  });
  const page = open({ data: user('Ann'), extensions: deps() }, transport);
  const codes = [1001, 1006, 4401, 4408];
  for (const [at, code] of codes.entries()) {
    await until(`socket ${at} is open`, () => sockets.length === at + 1);
    sockets[at]?.onclose?.({ code, reason: 'why' } as never);
  }
  await until('it is opened again', () => sockets.length === codes.length + 1);
  const seen = page.failures.map((error) => [(error as { code?: number }).code, String(error)]);
  assert.equal(seen, [
    [4401, 'Error: ws://server/deps/socket was closed by the server: 4401 why'],
    [4408, 'Error: ws://server/deps/socket was closed by the server: 4408 why'],
  ]);
});

test('a storm of resets and of sets that are disowned: two requests at once, then one in five seconds', async () => {
  const page = open({ data: user('Ann'), extensions: deps() }, (events) => ({
    add: (set) => void setTimeout(() => events.expired(set)),
    remove: () => undefined,
    close: () => undefined,
  }));
  await pause(500);
  assert.ok(page.asked <= 3, `${page.asked} requests`);
  const other = open({ data: user('Ann'), extensions: deps() });
  await until('there is data', () => other.shown() !== undefined);
  for (let n = 0; n < 1000; n++) {
    other.events.reset(n % 2 === 0 ? 0 : Number.NaN);
    if (n % 50 === 0) await pause(10);
  }
  await pause(100);
  assert.ok(other.asked <= 4, `${other.asked} requests`);
});

test('changes told faster than they can be fetched: one request at a time', async () => {
  let open_ = 0;
  let most = 0;
  const page = open({ data: user('Ann'), extensions: deps() });
  await until('there is data', () => page.shown() !== undefined);
  const answer = page.answer;
  page.answer = () => {
    most = Math.max(most, ++open_);
    open_--;
    return answer();
  };
  for (let version = 2; version < 20_000; version++) page.events.stale({ [KEY]: version });
  for (let n = 0; n < 20_000; n++) page.events.stale({ [`unknown ${n}`]: 1 });
  await pause(150);
  assert.is(most, 1);
  assert.ok(page.asked < 10, `${page.asked} requests`);
});

const frames: readonly string[] = [
  ...['', 'null', '5', '"text"', '[]', '{}', '{"type":5}', '{"type":"inv"}', '{"type":"inv","keys":5}'],
  ...['{"type":"inv","keys":{"__proto__":1e999}}', '{"type":"inv","keys":null}', '{"type":"hb","id":null}'],
  ...['{"type":"expired","id":{}}', '{"type":"err","id":[]}', '{"type":"ready","heartbeatMs":"x"}', '{"type":"other"}'],
  ...[`{"type":"inv","keys":${deep}}`, '{"type":"ready","heartbeatMs":1e999}', '\u0000', '{'],
];
test('frames of every wrong shape: the socket is opened again in measure', async () => {
  let opened = 0;
  const transport = webSocket({
    url: 'ws://server',
    open: () => {
      const socket: ClientSocket = { send: () => undefined, close: () => undefined, ...handlers };
      const frame = frames[opened++ % frames.length];
      setTimeout(() => {
        socket.onopen?.({} as never);
        socket.onmessage?.({ data: '{"type":"ready"}' } as never);
        socket.onmessage?.({ data: frame } as never);
        socket.onclose?.({} as never);
      });
      return socket;
    },
    backOff: { minMs: 4, maxMs: 8 },
  });
  open({ data: user('Ann'), extensions: deps() }, transport);
  await until('each frame was sent', () => opened > frames.length);
});
const handlers = { onopen: null, onmessage: null, onclose: null, onerror: null };

const bodies: readonly (string | object)[] = [
  ...['', '<h1>Welcome</h1>', 'null', '5', '{}', '{"stale":5}', '{"stale":null}', '{"stale":{},"expired":5}'],
  ...['{"stale":{},"reset":{}}', '{"stale":{},"reset":null}', '{"stale":{},"expired":[-1,1e9,"x"],"asOf":"x"}'],
];
test('polls that are answered with nonsense', async () => {
  let polls = 0;
  const answer = async (): Promise<Response> => new Response(String(bodies[polls++ % bodies.length]));
  const transport = polling({ url: 'http://server/deps/poll', fetch: answer, backOff: { minMs: 4, maxMs: 8 } });
  const page = open({ data: user('Ann'), extensions: deps() }, transport);
  await until('there were five polls', () => polls > 5);
  assert.is(page.shown()?.user.name, 'Ann');
});

const results: readonly unknown[] = [
  ...[null, 5, 'text', [], { data: 5 }, { errors: 7, data: {} }, { extensions: { live: null } }],
  { extensions: { live: { rev: 2, base: 1, patch: 'x' } } },
  { extensions: { live: { rev: 2, base: 1, patch: [null] } } },
  { extensions: { live: { rev: 2, base: 1, patch: [{ op: 'replace', path: '/nobody/name', value: 1 }] } } },
  { extensions: { live: { rev: 9, base: 8, patch: [] } } },
];
for (const result of results) {
  test(`a live query whose result is ${JSON.stringify(result)}: it is asked for again in measure`, async () => {
    let subscribed = 0;
    const live: LiveSource = {
      subscribe: (_payload, sink) => {
        subscribed++;
        setTimeout(() => {
          sink.next({ data: user('Ann'), extensions: { live: { rev: 1 } } });
          sink.next(result);
        });
        return () => undefined;
      },
    };
    const page = open({ data: user('Ann'), extensions: deps() }, undefined, live);
    await pause(250);
    assert.ok(subscribed <= 2, `${subscribed} subscriptions`);
    assert.ok(page.asked < 5, `${page.asked} requests`);
  });
}

test('a clock that jumps changes nothing', async () => {
  const now = Date.now;
  try {
    const sent: string[] = [];
    const transport = webSocket({
      url: 'ws://server',
      open: () => {
        const socket: ClientSocket = { send: (text) => void sent.push(text), close: () => undefined, ...handlers };
        setTimeout(() => socket.onmessage?.({ data: '{"type":"ready"}' } as never));
        return socket;
      },
    });
    const page = open({ data: user('Ann'), extensions: deps() }, transport);
    await until('a set is watched', () => sent.length === 1);
    Date.now = () => now() - 3_600_000;
    page.answer = () => JSON.stringify({ data: { other: null }, extensions: deps({ asOf: 2 }) });
    page.client.watch(parse('query Other { other }') as TypedDocument<object>).subscribe(() => undefined);
    await until('another set is watched', () => sent.length === 2);
    Date.now = () => now() + 3_600_000;
    page.client.watch(parse('query Third { other }') as TypedDocument<object>).subscribe(() => undefined);
    await until('a third set is watched', () => sent.length === 3);
  } finally {
    Date.now = now;
  }
});

test.run();
