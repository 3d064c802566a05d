import * as assert from 'uvu/assert';
import type { Kvetch, KvetchObject } from '../../../src/kvetch.ts';
import { idsOf } from '../todo.ts';

/** Writers and a reader that go on until they are stopped, and know what must be there afterwards. */
export interface Load {
  /** Resolves when so many more writes are done, or right away when writes have to wait. */
  progress(writes: number): Promise<void>;
  stop(): Promise<void>;
  /** Everything that was written is there, exactly once, and there is nothing for a cleaner to do. */
  check(kvetch: Kvetch): Promise<void>;
}

const WAIT_MS = 150;

/** Each writer counts up its own users and a common one, appends lists, moves and deletes some of them. */
export async function load(kvetch: Kvetch, writers: number): Promise<Load> {
  const common = await kvetch.createObject('User', { n: 0 });
  const hubs = idsOf(
    await kvetch.createObjects(
      'User',
      Array.from({ length: writers }, () => ({ data: { n: 0 } })),
    ),
  );
  const counts = new Map<string, number>([[common, 0]]);
  const lists = new Map<string, string>();
  const deleted = new Set<string>();
  const names = new Map<string, string>();
  const errors: unknown[] = [];
  let writes = 0;
  let isOver = false;

  const count = async (id: string): Promise<void> => {
    for (;;) {
      const user = (await kvetch.getObject(id)) as KvetchObject;
      try {
        await kvetch.updateObject(id, { n: (user.n as number) + 1 }, { ifVersion: user.version });
        counts.set(id, (counts.get(id) ?? 0) + 1);
        return;
      } catch (error) {
        if ((error as { code?: string }).code !== 'CONFLICT') throw error;
      }
    }
  };
  const writer = async (at: number): Promise<void> => {
    const hub = hubs[at] as string;
    for (let round = 0; !isOver; round++) {
      const list = await kvetch.createObject('List', { owner: hub, round });
      lists.set(list, hub);
      writes++;
      await count(round % 3 === 0 ? common : hub);
      writes++;
      if (round % 4 === 1) {
        const other = hubs[(at + 1) % hubs.length] as string;
        await kvetch.updateObject(list, { owner: other });
        lists.set(list, other);
      }
      if (round % 4 === 2) {
        lists.delete(list); // before it is gone, so that the reader does not miss it
        await kvetch.deleteObject(list);
        deleted.add(list);
      }
      if (round % 4 === 3) {
        const username = `user ${at} ${round}`;
        names.set(username, await kvetch.createObject('User', { username, n: 0 }));
      }
      writes++;
    }
  };
  const reader = async (): Promise<void> => {
    while (!isOver) {
      const known = [...lists.keys()].slice(-50);
      const read = await kvetch.getObjects(known);
      for (const [i, object] of read.entries()) {
        const id = known[i] as string;
        if (object instanceof Error) throw object;
        if (object === null && lists.has(id)) throw new Error(`List ${id} was missing.`);
      }
      const page = await kvetch.getEdges('user_to_list', hubs[0] as string, { first: 1000 });
      const seen = page.edges.map(({ toId }) => toId);
      if (new Set(seen).size !== seen.length) throw new Error('A list was there twice.');
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  const running = [...hubs.map((_, at) => writer(at)), reader()].map((task) =>
    task.catch((error: unknown) => {
      errors.push(error);
    }),
  );

  const progress: Load['progress'] = async (more) => {
    const until = writes + more;
    for (const end = performance.now() + WAIT_MS; writes < until && errors.length === 0 && performance.now() < end; )
      await new Promise((resolve) => setTimeout(resolve, 2));
  };
  await progress(20);
  return {
    progress,
    async stop() {
      isOver = true;
      await Promise.all(running);
    },
    async check(checked) {
      assert.equal(errors, []);
      assert.ok(writes > 50);
      const users = [...counts.keys()];
      assert.equal(
        (await checked.getObjects(users)).map((user) => (user as KvetchObject).n),
        users.map((id) => counts.get(id)),
      );
      const ids = [...lists.keys()];
      const found = (await checked.getObjects(ids)) as readonly KvetchObject[];
      assert.equal(
        found.map((list) => list?.owner),
        ids.map((id) => lists.get(id)),
      );
      assert.ok((await checked.getObjects([...deleted])).every((object) => object === null));
      for (const hub of hubs) {
        const listed: string[] = [];
        for (let after: string | null = null; ; ) {
          const page = await checked.getEdges('user_to_list', hub, { first: 500, after });
          listed.push(...page.edges.map(({ toId }) => toId));
          if (!page.hasNextPage) break;
          after = page.endCursor;
        }
        assert.equal(listed.sort(), ids.filter((id) => lists.get(id) === hub).sort());
      }
      for (const [username, id] of names) assert.equal((await checked.queryIndex('username', username)).ids, [id]);
      const { scanned, complete, unknown: _unknown, ...work } = await checked.clean({ graceMs: 0 });
      assert.ok(complete && scanned > ids.length);
      assert.ok(
        Object.values(work).every((n) => n === 0),
        `nothing is to be repaired: ${JSON.stringify(work)}`,
      );
    },
  };
}
