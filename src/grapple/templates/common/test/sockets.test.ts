/** Attacks on what stays open: news of changes, and live queries. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, ORIGIN, PASSWORD, startTestServer, type TestServer } from './testServer.ts';

const DAY = 24 * 60 * 60_000;
const ME = 'query @live { me { id } }';
const paths = ['/deps/socket', '/live'] as const;

let server: TestServer;
before(async () => {
  server = await startTestServer({}, { recheckMs: 50 });
});
after(() => server.close());

const isReady = ({ type }: { type: string }): boolean => type === 'ready' || type === 'connection_ack';

test('sockets are for viewers: strangers, made-up cookies and signed-out sessions are refused', async () => {
  const browser = new Browser(server);
  const refused = async (): Promise<readonly unknown[]> => Promise.all(paths.map((path) => browser.socket(path).ended));
  assert.deepEqual(await refused(), [4401, 4403]);
  browser.cookie = `session=${'a'.repeat(43)}`;
  assert.deepEqual(await refused(), [4401, 4403]);
  await browser.signUp('ada');
  const { cookie } = browser;
  await browser.post('/auth/sign-out', {});
  browser.cookie = cookie;
  assert.deepEqual(await refused(), [4401, 4403]);
  for (const path of ['/deps/poll', '/deps/stream']) {
    assert.equal((await browser.post(path, { v: 1, sets: [] })).status, 401);
  }
});

test('a page of another origin opens no socket, though the browser sends the cookie', async () => {
  const browser = new Browser(server);
  await browser.signUp('grace');
  for (const path of paths) {
    for (const origin of ['https://evil.example', `${ORIGIN}.evil.example`, 'null']) {
      assert.match(String(await browser.socket(path, origin).ended), /403/, `${path} ${origin}`);
    }
    const own = browser.socket(path);
    await own.next(isReady);
    own.close();
  }
});

test('a live query sees its viewer, and nobody else', async () => {
  const [one, other] = [new Browser(server), new Browser(server)];
  const ids = [await one.signUp('alan'), await other.signUp('alonzo')];
  for (const [at, browser] of [one, other].entries()) {
    const socket = browser.socket('/live');
    await socket.next(isReady);
    socket.say({ type: 'subscribe', id: 'a', payload: { query: ME } });
    const { payload } = await socket.next(({ type }) => type === 'next');
    assert.deepEqual((payload as { data: unknown }).data, { me: { id: ids[at] } });
    socket.close();
  }
});

test('news of an answer are for its viewer: with the cookie of another one its keys are good for nothing', async () => {
  const [owner, thief] = [new Browser(server), new Browser(server)];
  await owner.signUp('barbara');
  await thief.signUp('mallory');
  const body = { query: '{ me { id name } }', extensions: { reactive: { v: 1 } } };
  const answer = (await (await owner.post('/graphql', body)).json()) as { extensions: { reactive: object } };
  const { epoch, asOf, keys, versions, grant } = answer.extensions.reactive as Record<string, unknown>;
  const set = { type: 'sub', id: 'a', epoch, asOf, keys, versions, grant };
  const told = async (browser: Browser): Promise<readonly string[]> => {
    const socket = browser.socket('/deps/socket');
    await socket.next(isReady);
    socket.say(set);
    await socket.next(({ type }) => type === 'ok');
    socket.say({ ...set, id: 'b' });
    await socket.next(({ type, id }) => type === 'ok' && id === 'b');
    socket.close();
    return socket.messages.filter(({ id }) => id === 'a').map(({ type }) => type);
  };
  assert.deepEqual(await told(thief), ['ok', 'expired']);
  assert.deepEqual(await told(owner), ['ok']);
  const stranger = (await (await new Browser(server).post('/graphql', body)).json()) as object;
  assert.equal('extensions' in stranger, false, 'a stranger is told nothing');
});

test('who asks for news again and again is told to wait; others are not', async () => {
  const [browser, other] = [new Browser(server), new Browser(server)];
  await browser.signUp('donald');
  await other.signUp('frances');
  const poll = async (one: Browser): Promise<number> => (await one.post('/deps/poll', { v: 1, sets: [] })).status;
  const statuses: number[] = [];
  while (statuses.length < 700 && statuses.at(-1) !== 429)
    statuses.push(...(await Promise.all(Array.from({ length: 50 }, () => poll(browser)))));
  assert.deepEqual([statuses[0], statuses.at(-1)], [200, 429]);
  assert.equal(await poll(other), 200);
  const stream = await browser.post('/deps/stream', { v: 1, sets: [] });
  assert.match(await stream.text(), /Too many requests/);
});

test('sign-out everywhere closes the sockets of the account, and of no other', async () => {
  const [one, two, other] = [new Browser(server), new Browser(server), new Browser(server)];
  await one.signUp('linus');
  await two.post('/auth/sign-in', { login: 'linus', password: PASSWORD });
  await other.signUp('ken');
  const open = [one, two].flatMap((browser) => paths.map((path) => browser.socket(path)));
  const kept = paths.map((path) => other.socket(path));
  for (const socket of [...open, ...kept]) await socket.next(isReady);
  await two.post('/auth/sign-out-everywhere', {});
  assert.deepEqual(await Promise.all(open.map(({ ended }) => ended)), [4401, 4403, 4401, 4403]);
  const ends = kept.map(({ ended }) =>
    Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 200, 'open'))]),
  );
  assert.deepEqual(await Promise.all(ends), ['open', 'open']);
  for (const socket of kept) socket.close();
});

test('a session that expires ends its open sockets; an old one is not renewed by them', async () => {
  const browser = new Browser(server);
  await browser.signUp('edsger');
  const sockets = paths.map((path) => browser.socket(path));
  for (const socket of sockets) await socket.next(isReady);
  const start = server.now;
  try {
    server.now = start + 2 * DAY;
    await new Promise((resolve) => setTimeout(resolve, 200)); // they were asked about meanwhile
    assert.notEqual(await browser.me(), null);
    server.now = start + 40 * DAY;
    assert.deepEqual(await Promise.all(sockets.map(({ ended }) => ended)), [4401, 4403]);
  } finally {
    server.now = start;
  }
});

test('an account has so many sockets, and others go on', async () => {
  const calm = await startTestServer(); // asks for sessions each minute: not for those of a hundred sockets all the time
  try {
    const [browser, other] = [new Browser(calm), new Browser(calm)];
    await browser.signUp('grete');
    await other.signUp('emmy');
    const sockets = Array.from({ length: 100 }, (_, at) => browser.socket(paths[at % 2] as (typeof paths)[number]));
    for (const socket of sockets) await socket.next(isReady);
    assert.deepEqual(await Promise.all(paths.map((path) => browser.socket(path).ended)), [4429, 4429]);
    const kept = other.socket('/live');
    await kept.next(isReady);
    for (const socket of [...sockets, kept]) socket.close();
  } finally {
    await calm.close();
  }
});

test('in production the live socket tells nothing of the schema', async () => {
  const production = await startTestServer({ isProduction: true });
  try {
    const browser = new Browser(production);
    await browser.signUp('tony');
    const socket = browser.socket('/live');
    await socket.next(isReady);
    socket.say({ type: 'subscribe', id: 'guess', payload: { query: '{ mee }' } });
    const { payload: guess } = await socket.next(({ id }) => id === 'guess');
    assert.match(JSON.stringify(guess), /Cannot query field/);
    assert.doesNotMatch(JSON.stringify(guess), /Did you mean/);
    for (const query of ['{ __schema { types { name } } }', 'query @live { __type(name: "Query") { name } }']) {
      socket.say({ type: 'subscribe', id: query, payload: { query } });
      const { type, payload } = await socket.next(({ id }) => id === query);
      assert.match(JSON.stringify(payload), /introspection/, type);
      assert.doesNotMatch(JSON.stringify(payload), /"types"|"data":\{"__type"/);
    }
    socket.close();
  } finally {
    await production.close();
  }
});
