import { randomUUID } from 'node:crypto';
import * as assert from 'uvu/assert';
import { defineKvetchSchema, type Kvetch, type KvetchObject, type KvetchSchema } from '../../../src/kvetch.ts';
import { idsOf } from '../todo.ts';

/** The todo lists with ordered, filtered and compound lists beside them, whose places writers change. */
export const loadSchema: KvetchSchema = defineKvetchSchema({
  objects: [
    { typeId: 100000, name: 'User' },
    { typeId: 100002, name: 'List', fields: { owner: 'uuid', round: 'int', status: 'string' } },
  ],
  edges: [
    { edgeId: 10000, name: 'user_to_list', from: 'User', storedOn: 'List', storedIdAttr: 'owner' },
    {
      edgeId: 10003,
      name: 'open_lists',
      from: 'User',
      storedOn: 'List',
      storedIdAttr: 'owner',
      where: { status: ['open', null] },
      orderBy: ['-round'],
    },
  ],
  indexes: [
    { name: 'username', type: 'User', attr: 'username', kind: 'string', unique: true },
    { name: 'all_lists', type: 'List', attrs: [], orderBy: ['round'], parts: 3 },
    { name: 'by_state', type: 'List', attrs: ['owner', 'status'], orderBy: ['round'] },
  ],
});

/** Writers and a reader that go on until they are stopped, and know what must be there afterwards. */
export interface Load {
  /** How many writes are done. */
  writes(): number;
  /** Resolves when so many more writes are done, or after a moment when writes have to wait. */
  progress(writes: number): Promise<void>;
  stop(): Promise<void>;
  /** Everything that was written is there, exactly once, and there is nothing for a cleaner to do. */
  check(kvetch: Kvetch): Promise<void>;
}

export interface LoadOptions {
  readonly writers?: number;
  /**
   * Servers die, or a cleaner meets writes that are under way: what fails is repeated until it is done, and one run of
   * the cleaners may be needed before all is well.
   */
  readonly isHurt?: boolean;
}

const WAIT_MS = 150;
/** With fewer writes nothing would be proved. */
const ENOUGH = 50;
/** So many writes of others may come between a write and the question whether it was done. */
const MAX_TOKENS = 100;
const passing: readonly string[] = ['SHARD_UNAVAILABLE', 'SHARD_MOVED'];

/** Each writer counts up its own users and a common one, appends lists, moves and deletes some of them. */
export async function load(kvetch: Kvetch, { writers = 4, isHurt = false }: LoadOptions = {}): Promise<Load> {
  const newUser = { data: { n: 0, tokens: [] } };
  const [common = '', ...hubs] = idsOf(await kvetch.createObjects('User', new Array(1 + writers).fill(newUser)));
  const counts = new Map<string, number>([[common, 0]]);
  const lists = new Map<string, string>();
  /** Where lists are in orders. */
  const places = new Map<string, { readonly round: number; readonly state: string | null }>();
  const hasOrders = kvetch.schema.edges.some(({ name }) => name === 'open_lists');
  const deleted = new Set<string>();
  const names = new Map<string, string>();
  const errors: unknown[] = [];
  let writes = 0;
  let isOver = false;

  const isPassing = (error: unknown): boolean => isHurt && passing.includes(codeOf(error));
  /** Repeats what can be done twice without harm. */
  const persist = async <T>(run: () => Promise<T>, mayConflict = false): Promise<T> => {
    for (;;) {
      try {
        return await run();
      } catch (error) {
        if (mayConflict && codeOf(error) === 'CONFLICT') continue;
        if (!isPassing(error)) throw error;
        await sleep(20);
      }
    }
  };
  const create = (type: string, data: Record<string, unknown>): Promise<string> => {
    const idempotencyKey = randomUUID();
    return persist(() => kvetch.createObject(type, data, { idempotencyKey }));
  };
  const count = async (id: string): Promise<void> => {
    const token = randomUUID();
    await persist(async () => {
      const { n, tokens, version } = (await kvetch.getObject(id)) as KvetchObject & { n: number; tokens: string[] };
      if (tokens.includes(token)) return; // it was done when it seemed to fail
      const patch = { n: n + 1, tokens: [...tokens, token].slice(-MAX_TOKENS) };
      await kvetch.updateObject(id, patch, { ifVersion: version });
    }, true);
    counts.set(id, (counts.get(id) ?? 0) + 1);
  };
  /** Moves a list, takes it out of lists or puts it into others; two writes of one object at a time. */
  const place = async (list: string, round: number): Promise<void> => {
    const state = [null, 'open', 'done'][round % 3] ?? null;
    const to = { round: (round * 7919) % 50, state };
    await Promise.all([
      persist(() => kvetch.updateObject(list, { round: to.round })),
      persist(() => kvetch.updateObject(list, { status: to.state })),
    ]);
    places.set(list, to);
  };
  const writer = async (at: number): Promise<void> => {
    const hub = hubs[at] as string;
    for (let round = 0; !isOver; round++) {
      const list = await create('List', { owner: hub, round });
      lists.set(list, hub);
      places.set(list, { round, state: null });
      writes++;
      if (hasOrders && round % 2 === 1) await place(list, round);
      await count(round % 3 === 0 ? common : hub);
      writes++;
      if (round % 4 === 1) {
        const owner = hubs[(at + 1) % hubs.length] as string;
        await persist(() => kvetch.updateObject(list, { owner }));
        lists.set(list, owner);
      }
      if (round % 4 === 2) {
        places.delete(list);
        lists.delete(list); // before it is gone, so that the reader does not miss it
        await persist(() => kvetch.deleteObject(list));
        deleted.add(list);
      }
      if (round % 4 === 3) {
        const username = `user ${at} ${round}`;
        names.set(username, await create('User', { username, n: 0 }));
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
        if (object instanceof Error && !isPassing(object)) throw object;
        if (object === null && lists.has(id)) throw new Error(`List ${id} was missing.`);
      }
      const page = await persist(() => kvetch.getEdges('user_to_list', hubs[0] as string, { first: 1000 }));
      const seen = page.edges.map(({ toId }) => toId);
      if (new Set(seen).size !== seen.length) throw new Error('A list was there twice.');
      await sleep(2);
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
      await sleep(2);
  };
  const clean = async (checked: Kvetch): Promise<Record<string, number>> => {
    const { scanned, complete, unknown: _unknown, tooYoung: _tooYoung, ...work } = await checked.clean({ graceMs: 0 });
    assert.ok(complete && scanned > lists.size);
    return work;
  };
  await progress(20);
  return {
    progress,
    writes: () => writes,
    async stop() {
      while (writes <= ENOUGH && errors.length === 0) await sleep(2); // a machine under load gets there later
      isOver = true;
      await Promise.all(running);
    },
    async check(checked) {
      assert.equal(errors, []);
      assert.ok(writes > ENOUGH);
      if (isHurt) await clean(checked);
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
      const all = await everyList(checked);
      assert.equal(all.sort(), [...ids].sort(), 'no list was made twice');
      for (const hub of hubs)
        assert.equal((await listsOf(checked, hub)).sort(), ids.filter((id) => lists.get(id) === hub).sort());
      if (hasOrders) await checkOrders(checked, hubs, lists, places);
      for (const [username, id] of names) assert.equal((await checked.queryIndex('username', username)).ids, [id]);
      const work = await clean(checked);
      assert.ok(
        Object.values(work).every((n) => n === 0),
        `nothing is to be repaired: ${JSON.stringify(work)}`,
      );
    },
  };
}

/** Each ordered list has what its definition says, once, and in its order. */
async function checkOrders(
  kvetch: Kvetch,
  hubs: readonly string[],
  lists: ReadonlyMap<string, string>,
  places: ReadonlyMap<string, { readonly round: number; readonly state: string | null }>,
): Promise<void> {
  const inOrder = (ids: readonly string[], sign: 1 | -1): readonly string[] => {
    const round = (id: string): number => places.get(id)?.round ?? Number.NaN;
    return ids.toSorted((a, b) => (round(a) - round(b)) * sign || (a < b ? -1 : 1));
  };
  const all = [...lists.keys()];
  for (const hub of hubs) {
    const own = all.filter((id) => lists.get(id) === hub);
    const open = own.filter((id) => places.get(id)?.state !== 'done');
    assert.equal(await listsOf(kvetch, hub, 'open_lists'), inOrder(open, -1));
    assert.is(await kvetch.countEdges('open_lists', hub), open.length);
    const done = await kvetch.queryIndex('by_state', { owner: hub, status: 'done' }, { first: 1000 });
    const wanted = own.filter((id) => places.get(id)?.state === 'done');
    assert.equal(done.ids, inOrder(wanted, 1).slice(0, 1000));
  }
  assert.is(await kvetch.countIndex('all_lists', {}), all.length);
  const first = await kvetch.queryIndex('all_lists', {}, { first: 1000 });
  assert.equal(first.ids, inOrder(all, 1).slice(0, 1000));
}

async function listsOf(kvetch: Kvetch, user: string, edge = 'user_to_list'): Promise<string[]> {
  const listed: string[] = [];
  for (let after: string | null = null; ; ) {
    const page = await kvetch.getEdges(edge, user, { first: 500, after });
    listed.push(...page.edges.map(({ toId }) => toId));
    if (!page.hasNextPage) return listed;
    after = page.endCursor;
  }
}

async function everyList(kvetch: Kvetch): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | undefined; ; ) {
    const page = await kvetch.browse('List', { first: 500, ...(after !== undefined && { after }) });
    ids.push(...page.objects.map((object) => (object as KvetchObject).id));
    if (!page.hasNextPage) return ids;
    after = page.endCursor ?? undefined;
  }
}

function codeOf(error: unknown): string {
  return (error as { readonly code?: string }).code ?? '';
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
