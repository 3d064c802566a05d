import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { GraphQLError } from 'graphql';
import { errorsWithoutSuggestions } from '../http/suggestions.ts';
import { readSettings } from '../settings.ts';
import { Browser, ORIGIN, PASSWORD, startTestServer, type TestServer } from './testServer.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

test('people sign up, in and out; the cookie is for this site and no script', async () => {
  const browser = new Browser(server);
  assert.equal(await browser.me(), null);
  const id = await browser.signUp('Ada');
  assert.equal(await browser.me(), id);
  const theirs = { login: 'ada', password: 'the password of Eve', name: 'Eve' };
  const again = await new Browser(server).post('/auth/sign-up', theirs);
  assert.deepEqual([again.status, (await again.json()).code], [400, 'LOGIN_TAKEN']);

  const elsewhere = new Browser(server);
  const wrong = await elsewhere.post('/auth/sign-in', { login: 'ada', password: 'not this password' });
  const absent = await elsewhere.post('/auth/sign-in', { login: 'nobody', password: PASSWORD });
  assert.deepEqual([wrong.status, absent.status], [401, 401]);
  assert.equal(await wrong.text(), await absent.text());
  const right = await elsewhere.post('/auth/sign-in', { login: 'ADA', password: PASSWORD });
  assert.match(
    right.headers.get('set-cookie') ?? '',
    /^session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/,
  );
  assert.equal(await elsewhere.me(), id);

  await elsewhere.post('/auth/sign-out', {});
  assert.deepEqual([await elsewhere.me(), await browser.me()], [null, id]);
});

test('a session that was signed out is over, wherever its cookie is; sign-out everywhere ends all', async () => {
  const [one, two] = [new Browser(server), new Browser(server)];
  await one.signUp('grace');
  await two.post('/auth/sign-in', { login: 'grace', password: PASSWORD });
  const stolen = new Browser(server);
  stolen.cookie = one.cookie;
  assert.notEqual(await stolen.me(), null);
  await two.post('/auth/sign-out-everywhere', {});
  assert.deepEqual([await stolen.me(), await one.me(), await two.me()], [null, null, null]);
});

test('a session expires; one that is used gets a new token each day, and the old one ends', async () => {
  const browser = new Browser(server);
  const id = await browser.signUp('linus');
  const first = browser.cookie;
  const start = server.now;
  try {
    server.now = start + DAY + MINUTE;
    assert.equal(await browser.me(), id);
    assert.notEqual(browser.cookie, first);
    const old = new Browser(server);
    old.cookie = first;
    server.now += 2 * MINUTE;
    assert.deepEqual([await old.me(), await browser.me()], [null, id]);
    server.now += 31 * DAY;
    assert.equal(await browser.me(), null);
  } finally {
    server.now = start;
  }
});

test('a made-up cookie is nobody', async () => {
  const browser = new Browser(server);
  for (const token of ['x', 'a'.repeat(43), '%00', '"', 'null']) {
    browser.cookie = `session=${token}`;
    assert.equal(await browser.me(), null);
  }
});

test('pages of other origins change nothing, and read nothing', async () => {
  const browser = new Browser(server);
  await browser.signUp('alan');
  const query = { query: '{ me { id } }' };
  for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }]) {
    assert.equal((await browser.post('/graphql', query, headers as never)).status, 403);
    assert.equal((await browser.post('/auth/sign-out', {}, headers as never)).status, 403);
  }
  const preflight = await browser.send('/graphql', {
    method: 'OPTIONS',
    headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
  });
  assert.equal(preflight.headers.get('access-control-allow-origin'), null);
  const mine = await browser.post('/graphql', query);
  assert.equal(mine.headers.get('access-control-allow-origin'), null);
  assert.notEqual(await browser.me(), null);
});

test('forms are refused', async () => {
  const browser = new Browser(server);
  await browser.signUp('barbara');
  const mutation = 'query={__typename}';
  for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
    const response = await browser.send('/graphql', {
      method: 'POST',
      headers: { 'content-type': type },
      body: mutation,
    });
    assert.equal(response.status, 415, type);
  }
  const untyped = await browser.send('/graphql', { method: 'POST', body: new Uint8Array(Buffer.from(mutation)) });
  assert.equal(untyped.status, 415);
});

test('files have a size, a type that they have indeed, and an owner who is signed in', async () => {
  const browser = new Browser(server);
  const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(100)]);
  const upload = (body: Uint8Array): Promise<Response> =>
    browser.send('/files', { method: 'POST', headers: { 'content-type': 'image/png' }, body: new Uint8Array(body) });
  assert.equal((await upload(png)).status, 401);
  await browser.signUp('margaret');
  const { url } = (await (await upload(png)).json()) as { url: string };
  const file = await browser.send(url);
  assert.deepEqual(
    [file.headers.get('content-type'), file.headers.get('x-content-type-options')],
    ['image/png', 'nosniff'],
  );
  assert.deepEqual(Buffer.from(await file.arrayBuffer()), png);

  assert.equal((await upload(Buffer.from('<script>alert(1)</script>'))).status, 415);
  assert.equal((await upload(Buffer.concat([png, Buffer.alloc(6 * 1024 * 1024)]))).status, 413);
  for (const path of [
    '/files/../settings.ts',
    '/files/%2e%2e%2fsettings.ts',
    `/files/${'0'.repeat(36)}.png`,
    '/files/x',
  ]) {
    assert.ok([404, 400].includes((await browser.send(path)).status), path);
  }
  assert.ok((await sendEndlessly(browser, png)) < 64 * 1024 * 1024);
});

/** Uploads a file without a length that never ends; the bytes sent when the server has closed the connection. */
function sendEndlessly(browser: Browser, start: Uint8Array): Promise<number> {
  const part = Buffer.concat([start, Buffer.alloc(2 ** 16 - start.length)]);
  return new Promise((resolve) => {
    let sent = 0;
    const socket = connect(Number(new URL(server.url).port), 'localhost', () => {
      const headers = { host: 'localhost', origin: ORIGIN, cookie: browser.cookie, 'content-type': 'image/png' };
      const lines = Object.entries({ ...headers, 'transfer-encoding': 'chunked' }).map(
        ([name, value]) => `${name}: ${value}`,
      );
      socket.write(`POST /files HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      write();
    });
    function write(): void {
      for (let isTaken = true; isTaken && !socket.destroyed; sent += part.length) {
        isTaken = socket.write(Buffer.concat([Buffer.from('10000\r\n'), part, Buffer.from('\r\n')]));
      }
      socket.once('drain', write);
    }
    socket.on('error', () => {}); // the server resets the connection
    socket.on('close', () => resolve(sent));
    socket.resume();
  });
}

test('guesses of a password are limited, and do not lock out the owner, who is elsewhere', async () => {
  const behindProxy = await startTestServer({ proxies: 1 });
  try {
    await new Browser(behindProxy).signUp('edsger');
    const signIn = async (from: string, password: string): Promise<number> => {
      const headers = { 'x-forwarded-for': from };
      return (await new Browser(behindProxy).post('/auth/sign-in', { login: 'edsger', password }, headers)).status;
    };
    const statuses: number[] = [];
    for (let n = 0; n < 12; n++) statuses.push(await signIn('203.0.113.1', `guess number ${n}`));
    assert.deepEqual([statuses.at(0), statuses.at(-1)], [401, 429]);
    assert.equal(await signIn('203.0.113.1', PASSWORD), 429);
    assert.equal(await signIn('203.0.113.2', PASSWORD), 200);
    // Guesses from everywhere end, too.
    for (let n = 0; n < 100; n++) statuses.push(await signIn(`198.51.100.${n}`, `guess number ${n}`));
    assert.equal(statuses.at(-1), 429);
  } finally {
    await behindProxy.close();
  }
});

test('a forgotten password is replaced by a letter, once, and in time; nobody learns which logins there are', async () => {
  const [owner, thief, elsewhere] = [new Browser(server), new Browser(server), new Browser(server)];
  const id = await owner.signUp('frances', { email: 'frances@example.com' });
  await elsewhere.post('/auth/sign-in', { login: 'frances', password: PASSWORD });
  await new Browser(server).signUp('nomail');
  const answers: string[] = [];
  for (const login of ['nomail', 'nobody-there', 'Frances']) {
    answers.push(await (await thief.post('/auth/forgot', { login })).text());
  }
  assert.equal(new Set(answers).size, 1);
  const tokenOf = async (count: number): Promise<string> => {
    while (server.letters.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
    return /#reset=([\w-]{43})\n/.exec(server.letters.at(-1)?.text ?? '')?.[1] ?? '';
  };
  const first = await tokenOf(1);
  assert.deepEqual(
    [server.letters[0]?.to, server.letters[0]?.text.includes(`${ORIGIN}/#reset=${first}`)],
    ['frances@example.com', true],
  );
  await owner.post('/auth/forgot', { login: 'frances' });
  const token = await tokenOf(2);
  const reset = async (given: string, password = 'another long password'): Promise<number> =>
    (await owner.post('/auth/reset', { token: given, password })).status;
  assert.equal(await reset(first), 400, 'a newer letter takes its place');
  assert.equal(await reset('x'), 400);
  assert.equal(await reset(token, 'short'), 400);
  const both = await Promise.all([
    reset(token),
    thief.post('/auth/reset', { token, password: 'the password of a thief' }),
  ]);
  assert.deepEqual([both[0], both[1].status].sort(), [200, 400], 'one of two');
  assert.equal(await elsewhere.me(), null, 'its other sessions have ended');
  assert.equal((await thief.post('/auth/sign-in', { login: 'frances', password: PASSWORD })).status, 401);
  const winner = both[0] === 200 ? owner : thief;
  assert.equal(await winner.me(), id);

  await owner.post('/auth/forgot', { login: 'frances' });
  const late = await tokenOf(3);
  server.now += 31 * MINUTE;
  assert.equal(await reset(late), 400);
  server.now -= 31 * MINUTE;
  assert.equal(await reset(late), 400, 'it was used');
  for (const email of ['x', 'a@b, c@d', 'a@b\r\nBcc: c@d', ' ', 7]) {
    const body = { login: 'mallory', password: PASSWORD, name: 'm', email };
    assert.equal((await thief.post('/auth/sign-up', body)).status, 400, String(email));
  }
});

test('input that is none is told, and nothing of the server', async () => {
  const browser = new Browser(server);
  for (const body of [
    '',
    '[]',
    '{',
    'null',
    '{"login": 1, "password": {}}',
    '{"login": "x", "password": "short", "name": "x"}',
  ]) {
    const headers = { 'content-type': 'application/json' };
    const response = await browser.send('/auth/sign-up', { method: 'POST', headers, body });
    assert.equal(response.status, 400, body);
    assert.doesNotMatch(await response.text(), /node_modules|\.ts:\d/);
  }
  for (const parameter of ['variables=x', 'variables=', 'extensions=%7B', 'variables={}&extensions=]']) {
    assert.equal((await browser.send(`/graphql?query={__typename}&${parameter}`)).status, 400, parameter);
  }
  const good = await browser.send('/graphql?query={__typename}&variables=null&extensions={}');
  assert.equal(good.status, 200);
  assert.equal((await browser.post('/auth/unknown', {})).status, 404);
  assert.equal((await browser.send('/auth/sign-in')).status, 405);
});

test('in production GraphiQL and introspection are off, and cookies need https', async () => {
  const production = await startTestServer({ isProduction: true, metricsToken: 'm'.repeat(32) });
  try {
    const browser = new Browser(production);
    const schema = await browser.ask('{ __schema { types { name } } }');
    assert.equal(schema.data, undefined);
    const guess = await browser.ask('query ($a: Sring) { mee }');
    assert.match(JSON.stringify(guess), /Cannot query field/);
    assert.doesNotMatch(JSON.stringify(guess), /Did you mean/);
    const page = await browser.send('/graphql', { headers: { accept: 'text/html' } });
    assert.doesNotMatch(await page.text(), /graphiql/i);
    await browser.signUp('ken');
    assert.match(browser.cookie ?? '', /^__Host-session=/);
    assert.equal((await browser.send('/metrics')).status, 401);
    const metrics = await browser.send('/metrics', { headers: { authorization: `Bearer ${'m'.repeat(32)}` } });
    assert.match(await metrics.text(), /^planql_/m);
  } finally {
    await production.close();
  }
});

test('errors guess no names, and keep what the client wrote, however long that is', () => {
  const long = `Unknown value "${' Did you mean '.repeat(70_000)}".`;
  const given = [
    'Cannot query field "mee" on type "Query". Did you mean "me"?',
    `${long} Did you mean "A" or "B"?`,
    long,
  ];
  const told = errorsWithoutSuggestions(given.map((message) => new GraphQLError(message)));
  assert.deepEqual(
    told.map(({ message }) => message),
    ['Cannot query field "mee" on type "Query".', long, long],
  );
});

test('settings that are missing or wrong are told at once, all of them', () => {
  assert.throws(
    () => readSettings({ NODE_ENV: 'production', PORT: 'x', TRUSTED_PROXIES: '-1', METRICS_TOKEN: 'short' }),
    (error) => {
      const { message } = error as Error;
      for (const name of [
        'PORT',
        'ORIGINS',
        'No store is chosen',
        'REACTIVE_SECRET',
        'TRUSTED_PROXIES',
        'METRICS_TOKEN',
      ])
        assert.ok(message.includes(name), name);
      return true;
    },
  );
  const REACTIVE_SECRET = 'qX3vB8nM1zLk5JhG7fDs2aPoIuYtReWq';
  const mysql = { NODE_ENV: 'production', ORIGINS: ORIGIN, MYSQL_URL: 'mysql://root:secret@db/app', REACTIVE_SECRET };
  for (const secret of ['short', 'x'.repeat(40)]) {
    const given = { ...mysql, REDIS_URL: 'none', REACTIVE_SECRET: secret };
    assert.throws(() => readSettings(given), /can be guessed/);
  }
  assert.throws(
    () => readSettings({ MYSQL_URL: mysql.MYSQL_URL, REDIS_URL: 'redis://db' }),
    /REACTIVE_SECRET is not set/,
  );
  assert.throws(() => readSettings(mysql), /REDIS_URL is not set/);
  assert.equal(readSettings({ ...mysql, REDIS_URL: 'none' }).store.kind, 'mysql');
  assert.throws(() => readSettings({ ...mysql, REDIS_URL: 'none', ORIGINS: 'http://example.com' }), /need https/);
});
