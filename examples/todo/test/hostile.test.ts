/** Requests that no page sends: broken ones, huge ones, and far too many. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, mock, test } from 'node:test';
import { addressOf } from '../http/guard.ts';
import { Browser, ORIGIN, PASSWORD, startTestServer, type TestServer } from './testServer.ts';

const DAY = 24 * 60 * 60_000;
const PNG = new Uint8Array(Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(100)]));

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

/** Sends bytes that `fetch` would refuse to send; what the server answers. */
function sendRaw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(new URL(server.url).port), 'localhost', () => socket.write(text));
    socket.on('data', (part) => {
      answer += part;
    });
    socket.on('error', reject).on('close', () => resolve(answer));
  });
}

test('no request makes the server show its files, or fail', async () => {
  const browser = new Browser(server);
  const logged = mock.method(console, 'error', () => {});
  try {
    const answers: string[] = [];
    for (const name of ['constructor', 'toString', 'valueOf', '__proto__', 'hasOwnProperty']) {
      const response = await browser.post(`/auth/${name}`, {});
      answers.push(`${response.status} ${await response.text()}`);
    }
    for (const path of [`/${'a'.repeat(5_000)}.js`, '/index.html/x.js', '/..%2f..%2fsettings.ts', '/%00.js']) {
      const response = await browser.send(path);
      answers.push(`${response.status} ${await response.text()}`);
    }
    for (const login of ['ab\ud800c', '\udc00\ud800x']) {
      for (const action of ['sign-in', 'sign-up', 'forgot']) {
        const response = await browser.post(`/auth/${action}`, { login, password: PASSWORD, name: 'x' });
        answers.push(`${response.status} ${await response.text()}`);
      }
    }
    for (const host of ['[', 'a b', 'x:99999', '@', '%']) {
      const answer = await sendRaw(
        `GET /graphql?query={__typename} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`,
      );
      answers.push(answer.slice('HTTP/1.1 '.length));
    }
    for (const answer of answers) {
      assert.match(answer, /^4\d\d /);
      assert.doesNotMatch(answer, /node_modules|\.ts:\d|at new /);
    }
    assert.equal(logged.mock.callCount(), 0, 'nothing to look into');
  } finally {
    logged.mock.restore();
  }
});

test('bodies and documents are small enough to be read by somebody', async () => {
  const browser = new Browser(server);
  const huge = JSON.stringify({ query: '{ __typename }', variables: { x: 'x'.repeat(2_000_000) } });
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  assert.equal((await browser.send('/graphql', { method: 'POST', headers, body: huge })).status, 413);
  const chunks = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(2 ** 16).fill(0x20)), // never ends
  });
  const endless = { method: 'POST', headers, body: chunks, duplex: 'half' } as RequestInit & {
    headers: typeof headers;
  };
  const status = await browser.send('/graphql', endless).then(
    (response) => response.status,
    () => 413, // the connection is closed under the body
  );
  assert.equal(status, 413);
  for (const query of [`{ ${'__typename '.repeat(20_000)} }`, `${'{ me '.repeat(3_000)}{ id }${'}'.repeat(3_000)}`]) {
    const { errors } = await browser.ask(query);
    assert.match(errors[0].message, /2000 tokens/);
  }
});

test('an account cannot fill the disk', async () => {
  const [browser, other] = [new Browser(server), new Browser(server)];
  await browser.signUp('margaret');
  await other.signUp('mary');
  const upload = async (by: Browser): Promise<number> =>
    (await by.send('/files', { method: 'POST', headers: { 'content-type': 'image/png' }, body: PNG })).status;
  const statuses: number[] = [];
  while (statuses.length < 100 && statuses.at(-1) !== 429) statuses.push(await upload(browser));
  assert.deepEqual([statuses[0], statuses.at(-1)], [201, 429]);
  assert.equal(await upload(other), 201);
});

test('what caches may keep has no cookie in it, and all else is kept by none', async () => {
  const browser = new Browser(server);
  await browser.signUp('linus');
  const uploaded = await browser.send('/files', {
    ...{ method: 'POST', headers: { 'content-type': 'image/png' }, body: PNG },
  });
  const { url } = (await uploaded.json()) as { url: string };
  server.now += 2 * DAY; // the session goes on with a new token at the next request
  try {
    const file = await browser.send(url);
    assert.match(file.headers.get('cache-control') ?? '', /public/);
    assert.equal(file.headers.get('set-cookie'), null);
    const answer = await browser.post('/graphql', { query: '{ me { id } }' });
    assert.match(answer.headers.get('set-cookie') ?? '', /session=/);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
  } finally {
    server.now -= 2 * DAY;
  }
});

test('over GET nothing changes', async () => {
  const browser = new Browser(server);
  await browser.signUp('alan');
  const mutation = encodeURIComponent('mutation { __typename }');
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH']) {
    const headers = { 'content-type': 'application/json', 'x-http-method-override': 'POST' };
    assert.equal((await browser.send(`/graphql?query=${mutation}`, { method, headers })).status, 405, method);
  }
  for (const action of ['sign-in', 'sign-out', 'sign-out-everywhere', 'reset']) {
    assert.equal((await browser.send(`/auth/${action}?token=x`)).status, 405, action);
  }
  assert.notEqual(await browser.me(), null);
});

test('limits count clients, however many addresses one has', () => {
  const from = (remoteAddress: string, forwarded?: string): string =>
    addressOf({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } } as never, forwarded ? 1 : 0);
  assert.equal(from('2001:db8:1:2:3:4:5:6'), from('2001:db8:1:2::9'), 'a network of IPv6 is one client');
  assert.notEqual(from('2001:db8:1:2::9'), from('2001:db8:1:3::9'));
  assert.equal(from('10.0.0.1', '2001:DB8:1:2::1'), from('2001:db8:1:2::9'));
  assert.equal(from('::ffff:192.0.2.7'), '192.0.2.7');
  assert.equal(from('10.0.0.1', '1.2.3.4, 192.0.2.7'), '192.0.2.7');
  assert.equal(from('192.0.2.7'), '192.0.2.7');
});

test('a page of another origin cannot sign anybody in', async () => {
  const browser = new Browser(server);
  await browser.signUp('ken');
  const body = { login: 'ken', password: PASSWORD };
  assert.equal((await new Browser(server).post('/auth/sign-in', body, { origin: 'https://evil.example' })).status, 403);
  assert.equal((await new Browser(server).post('/auth/sign-in', body, { origin: ORIGIN })).status, 200);
});
