/**
 * Random mutations by three clients on two servers that share a version store, over connections that drop, duplicate, delay
 * and reorder frames, and requests that fail. When it is quiet, every watcher shows what a fresh query gives.
 */
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { memoryShards } from '../../../src/kvetch.ts';
import type { VersionStore } from '../../../src/reactive.ts';
import { createReactiveClient, type Draft, type ReactiveClient, webSocket } from '../../../src/reactive-client.ts';
import { randomSchema } from './schemas.ts';
import { document, fresh, openTodo, type TodoServer, type Watched, watch } from './world.ts';

const QUERIES = {
  user: 'query ($id: UUID!) { todoUser(id: $id) { id name todoLists { id name todoItems { id text todoItemStatus } } } }',
  list: 'query ($id: UUID!) { todoList(id: $id) { name id owner { id username } todoItems(first: 2) { id text } } }',
  item: 'query ($id: UUID!) { todoItem(id: $id) { id text todoItemStatus todoList { id name owner { name } } } }',
  names: 'query ($id: UUID!) { todoUser(id: $id) { lists: todoLists { name todoItems { text } } id } }',
};

const MUTATIONS = {
  addItem:
    'mutation ($text: String!, $list: UUID!) { createTodoItem(data: { text: $text, todoList: $list }) { todoItem { id } } }',
  setItem:
    'mutation ($id: UUID!, $data: UpdateTodoItemData!) { updateTodoItem(id: $id, data: $data) { todoItem { id text } } }',
  dropItem: 'mutation ($id: UUID!) { deleteTodoItem(id: $id) { deletedId } }',
  addList:
    'mutation ($name: String!, $owner: UUID!) { createTodoList(data: { name: $name, owner: $owner }) { todoList { id } } }',
  setList:
    'mutation ($id: UUID!, $data: UpdateTodoListData!) { updateTodoList(id: $id, data: $data) { todoList { id } } }',
  setUser:
    'mutation ($id: UUID!, $data: UpdateTodoUserData!) { updateTodoUser(id: $id, data: $data) { todoUser { id } } }',
};

/** Two servers over one Redis, or over one memory; their objects are in one place. */
export async function openPair(versions: readonly [VersionStore, VersionStore]): Promise<readonly TodoServer[]> {
  const shards = memoryShards(2);
  return Promise.all(versions.map((one) => openTodo({ versions: one, shards, limits: { spreadMs: 50 } })));
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Numbers from 0 to below 1 that follow from a seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** What goes wrong, as long as `isOn`. */
interface Faults {
  isOn: boolean;
}

/** A WebSocket whose frames come late, twice, in another order, or not at all, and then nothing comes any more. */
function lossySocket(random: () => number, faults: Faults) {
  return (url: string, protocol: string) => {
    const socket = new WebSocket(url, protocol);
    socket.close = () => socket.terminate();
    let isLost = false;
    const lossy = {
      send: (text: string) => socket.readyState === WebSocket.OPEN && socket.send(text),
      close: () => socket.terminate(),
      onopen: null as ((event: never) => unknown) | null,
      onmessage: null as ((event: never) => unknown) | null,
      onclose: null as ((event: never) => unknown) | null,
      onerror: null as ((event: never) => unknown) | null,
    };
    socket.on('open', () => lossy.onopen?.({} as never));
    socket.on('close', () => lossy.onclose?.({} as never));
    socket.on('error', () => lossy.onerror?.({} as never));
    socket.on('message', (data) => {
      const deliver = () => isLost || lossy.onmessage?.({ data: String(data) } as never);
      if (!faults.isOn) return void deliver();
      const dice = random();
      if (dice < 0.06) {
        // A frame is lost only with its connection.
        isLost = true;
        setTimeout(() => socket.terminate(), random() * 20);
      } else if (dice < 0.3) setTimeout(deliver, random() * 15);
      else deliver();
      if (dice > 0.8) deliver();
    });
    return lossy;
  };
}

/** Requests go to either server. Some fail before they are answered, or after. */
function lossyFetch(servers: readonly TodoServer[], random: () => number, faults: Faults): typeof fetch {
  return async (_url, init) => {
    const server = servers[random() < 0.5 ? 0 : 1] as TodoServer;
    const dice = faults.isOn ? random() : 1;
    if (dice < 0.04) throw new Error('The network is down.');
    const response = await fetch(`http://127.0.0.1:${server.port}/graphql`, init);
    if (dice < 0.3) await pause(random() * 15);
    if (dice < 0.08) throw new Error('The answer is lost.');
    return response;
  };
}

interface Shown {
  readonly shown: Watched;
  readonly query: string;
  readonly id: string;
}

function lossyClient(servers: readonly TodoServer[], random: () => number, faults: Faults): ReactiveClient {
  const { port } = servers[random() < 0.5 ? 0 : 1] as TodoServer;
  return createReactiveClient({
    url: 'http://either/graphql',
    fetch: lossyFetch(servers, random, faults),
    keepMs: 30,
    onError: () => undefined, // of faults, which are meant
    transport: webSocket({
      url: `ws://127.0.0.1:${port}/deps/socket`,
      open: lossySocket(random, faults) as never,
      backOff: { minMs: 5, maxMs: 40 },
    }),
  });
}

/** Nothing fails or changes any more: what is watched becomes what a fresh query gives. */
async function areFresh(of: string, servers: readonly TodoServer[], watched: readonly Shown[]): Promise<void> {
  const { port } = servers[1] as TodoServer;
  for (const { shown, query, id } of watched) {
    // A connection that was idle for 5 s may end while the question is on its way: it is asked again.
    const ask = async (): Promise<string> => JSON.stringify(await fresh(port, query, { id }));
    const expected = await ask().catch(ask);
    assert.ok(expected.length > 2);
    for (const end = Date.now() + 20_000; JSON.stringify(shown.now()) !== expected; await pause(10)) {
      if (Date.now() < end) continue;
      throw new Error(`${of}: ${query}\nshows ${JSON.stringify(shown.now())}\nnot   ${expected}`);
    }
  }
}

/** The same over a schema, queries and data of the seed's own. */
export async function runSchemaSeed(versions: readonly [VersionStore, VersionStore], seed: number): Promise<void> {
  const random = randomFrom(seed);
  const faults: Faults = { isOn: true };
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const { types, schema, kvetchSchema, query } = randomSchema(random);
  const shards = memoryShards(2);
  const servers = await Promise.all(
    versions.map((one) => openTodo({ versions: one, shards, schema, kvetchSchema, limits: { spreadMs: 50 } })),
  );
  const ids = new Map(types.map(({ name }) => [name, [] as string[]]));
  const of = (name: string): string[] => ids.get(name) ?? [];
  const { kvetch } = servers[0] as TodoServer;
  for (const { name, parent } of types) {
    for (let n = 0; n < 4; n++) {
      const above = parent === null ? {} : { parent: pick(of(parent.name)) };
      of(name).push(await kvetch.createObject(name, { a: `a${n}`, b: `b${n}`, c: `c${n}`, ...above }));
    }
  }
  const clients = [0, 1, 2].map(() => lossyClient(servers, random, faults));
  const watched: Shown[] = [];
  const pending: Promise<unknown>[] = [];
  const watchOne = (client: ReactiveClient): void => {
    const type = pick(types);
    const text = query(type);
    const id = pick(of(type.name));
    watched.push({ shown: watch(client, text, { id }), query: text, id });
  };
  for (const client of clients) for (let n = 0; n < 3; n++) watchOne(client);
  try {
    for (let n = 0; n < 20; n++) {
      const client = pick(clients);
      const { name, parent } = pick(types);
      const above = parent === null ? {} : { parent: pick(of(parent.name)) };
      const id = pick(of(name));
      const dice = random();
      const run = async (text: string, variables: object): Promise<unknown> =>
        client.mutate(document(text), { ...variables });
      const done = (
        dice < 0.55
          ? run(`mutation ($id: ID!, $value: String) { set(id: $id, ${pick(['a', 'b', 'c'])}: $value) }`, {
              id,
              value: `v${n}`,
            })
          : dice < 0.7 && parent !== null
            ? run('mutation ($id: ID!, $parent: ID) { set(id: $id, parent: $parent) }', { id, ...above })
            : dice < 0.9
              ? run('mutation ($name: String!, $parent: ID) { add(type: $name, parent: $parent, a: "new") }', {
                  name,
                  ...above,
                })
              : run('mutation ($id: ID!) { drop(id: $id) }', { id })
      ).catch(() => undefined);
      pending.push(done);
      if (random() < 0.5) await done;
      if (random() < 0.2) watchOne(client);
      if (random() < 0.1) watched.splice(Math.floor(random() * watched.length), 1)[0]?.shown.stop();
      if (random() < 0.3) await pause(random() * 10);
    }
    faults.isOn = false;
    await Promise.all(pending);
    await areFresh(`schema of seed ${seed}`, servers, watched);
  } finally {
    for (const client of clients) client.close();
    for (const server of servers) await server.end();
  }
}

export async function runSeed(servers: readonly TodoServer[], seed: number): Promise<void> {
  const random = randomFrom(seed);
  const faults: Faults = { isOn: true };
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const { kvetch } = servers[0] as TodoServer;
  const users = await Promise.all(
    [0, 1].map((n) => kvetch.createObject('TodoUser', { name: `u${n}`, username: `${seed}-${n}-${Math.random()}` })),
  );
  const lists: string[] = [];
  const items: string[] = [];
  for (let n = 0; n < 3; n++) lists.push(await kvetch.createObject('TodoList', { name: `l${n}`, owner: pick(users) }));
  for (let n = 0; n < 4; n++) {
    items.push(await kvetch.createObject('TodoItem', { text: `t${n}`, todoItemStatus: 'OPEN', todoList: pick(lists) }));
  }
  const clients = [0, 1, 2].map(() => lossyClient(servers, random, faults));
  const watched: Shown[] = [];
  const pending: Promise<unknown>[] = [];
  for (const client of clients) {
    for (let n = 0; n < 3; n++) watchOne(client);
  }
  try {
    let made = 0;
    for (let n = 0; n < 20; n++) {
      const client = pick(clients);
      const done = mutate(client, ++made).catch(() => undefined); // the network was down
      pending.push(done);
      if (random() < 0.5) await done;
      if (random() < 0.2) watchOne(client);
      if (random() < 0.1) watched.splice(Math.floor(random() * watched.length), 1)[0]?.shown.stop();
      if (random() < 0.3) await pause(random() * 10);
    }
    faults.isOn = false;
    await Promise.all(pending);
    await areFresh(`seed ${seed}`, servers, watched);
  } finally {
    for (const client of clients) client.close();
  }

  function watchOne(client: ReactiveClient): void {
    const kind = pick(['user', 'list', 'item', 'names'] as const);
    const id = pick({ user: users, names: users, list: lists, item: items }[kind]);
    watched.push({ shown: watch(client, QUERIES[kind], { id }), query: QUERIES[kind], id });
  }

  async function mutate(client: ReactiveClient, n: number): Promise<void> {
    const run = async (name: keyof typeof MUTATIONS, variables: object, optimistic?: (draft: Draft) => void) => {
      const options = optimistic !== undefined && random() < 0.5 ? { optimistic } : {};
      return client.mutate(document(MUTATIONS[name]), variables as Record<string, unknown>, options);
    };
    const [item, list, user] = [pick(items), pick(lists), pick(users)];
    const dice = random();
    if (dice < 0.2) {
      const { data } = await run('addItem', { text: `new ${n}`, list });
      const { id } = (data as { createTodoItem: { todoItem: { id: string } } }).createTodoItem.todoItem;
      items.push(id);
    } else if (dice < 0.4) {
      const data = { text: `text ${n}`, todoItemStatus: pick(['OPEN', 'COMPLETED']) };
      await run('setItem', { id: item, data }, (draft) => draft.set({ __typename: 'TodoItem', id: item }, data));
    } else if (dice < 0.55) await run('setItem', { id: item, data: { todoList: list } });
    else if (dice < 0.65) await run('dropItem', { id: item });
    else if (dice < 0.75) await run('addList', { name: `list ${n}`, owner: user });
    else if (dice < 0.9) await run('setList', { id: list, data: pick([{ name: `name ${n}` }, { owner: user }]) });
    else {
      const data = { name: `user ${n}` };
      await run('setUser', { id: user, data }, (draft) => draft.set({ __typename: 'TodoUser', id: user }, data));
    }
  }
}
