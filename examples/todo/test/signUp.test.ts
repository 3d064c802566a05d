/** Sign-ups that are cut off, and those that are sent twice. */
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { Kvetch } from 'planql/kvetch';
import { Browser, PASSWORD, startTestServer } from './testServer.ts';

/** The calls that write to the store. */
const WRITES = ['createObject', 'createOnce', 'updateObject', 'deleteObject', 'write'] as const;
type Write = (...args: readonly unknown[]) => Promise<unknown>;

/** Runs `use` with a store that is gone after so many writes. The next one is still done if `isWritten`: its answer is lost. */
async function cutAfter<T>(kvetch: Kvetch, count: number, isWritten: boolean, use: () => Promise<T>): Promise<T> {
  const store = Object.getPrototypeOf(kvetch) as Record<(typeof WRITES)[number], Write>;
  let done = 0;
  const mocks = WRITES.map((name) => {
    const write = store[name];
    return mock.method(store, name, async function (this: unknown, ...args: readonly unknown[]) {
      const place = done++;
      if (place < count) return write.apply(this, [...args]);
      if (place === count && isWritten) await write.apply(this, [...args]);
      throw new Error('The store is gone.');
    });
  });
  const logged = mock.method(console, 'error', () => {});
  try {
    return await use();
  } finally {
    for (const one of [...mocks, logged]) one.mock.restore();
  }
}

for (const action of ['sign-up', 'sign-in']) {
  test(`a sign-up that is cut off anywhere is finished by a ${action}, of its own password only`, async () => {
    const body = { login: 'ada', password: PASSWORD, name: 'Ada' };
    let cuts = 0;
    for (let count = 0, isCut = true; isCut; count++) {
      for (const isWritten of [false, true]) {
        const server = await startTestServer();
        try {
          const [browser, thief, elsewhere] = [new Browser(server), new Browser(server), new Browser(server)];
          const first = await cutAfter(server.kvetch, count, isWritten, () => browser.post('/auth/sign-up', body));
          isCut = first.status !== 200;
          if (isCut) cuts++;
          const isThere = count > 0 || isWritten;
          const theirs = { ...body, password: 'the password of a thief', name: 'Thief' };
          if (isThere) assert.equal((await thief.post('/auth/sign-up', theirs)).status, 400);
          const next = await browser.post(`/auth/${isThere ? action : 'sign-up'}`, { ...body, name: 'Ada L.' });
          assert.equal(next.status, 200, `${count} ${isWritten}: ${await next.text()}`);
          await elsewhere.post('/auth/sign-in', body);
          const me = async (one: Browser): Promise<unknown> => (await one.ask('{ me { id name } }')).data.me;
          const mine = (await me(browser)) as { readonly name: string };
          assert.deepEqual(await me(elsewhere), mine);
          assert.equal(mine.name, isThere ? 'Ada' : 'Ada L.');
        } finally {
          await server.close();
        }
      }
    }
    assert.ok(cuts > 4);
  });
}

test('a sign-up that is sent three times at once makes one viewer', async () => {
  const server = await startTestServer();
  try {
    const browsers = [new Browser(server), new Browser(server), new Browser(server)];
    const ids = await Promise.all(browsers.map((browser) => browser.signUp('ada')));
    assert.equal(new Set(ids).size, 1);
  } finally {
    await server.close();
  }
});
