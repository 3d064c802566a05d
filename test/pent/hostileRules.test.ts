/** Rules as anyone would write them, over data as nobody would like it. */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, makeSchema } from '../../src/index.ts';
import { createKvetch, defineKvetchSchema, type Kvetch, memoryShards } from '../../src/kvetch.ts';
import {
  allowIf,
  type Context,
  canRead,
  canReadMany,
  createPent,
  definePents,
  denyIf,
  Pent,
  PentContext,
  type PentContextOptions,
  type PentDefinition,
  type PentModel,
  type Policy,
  pent,
  readEdgeList,
  readStoredId,
  requireThat,
  sameAs,
} from '../../src/pent.ts';
import { Random } from '../fuzz/Random.ts';
import { lateBackend } from '../kvetch/backends.ts';

interface Viewer {
  readonly id: string | null;
  /** The request's own context, as an application may keep it beside the viewer. */
  outer?: PentContext<Viewer>;
}

const schema = defineKvetchSchema({
  objects: [
    { typeId: 400, name: 'User', fields: { name: 'string', banned: 'bool' } },
    { typeId: 401, name: 'Doc', fields: { owner: 'uuid', parent: 'uuid', links: 'json' } },
    { typeId: 402, name: 'Folder', fields: { parent: 'uuid', open: 'bool' } },
    { typeId: 403, name: 'Slow', fields: { name: 'string' } },
    { typeId: 404, name: 'Linked', fields: { links: 'json', open: 'bool' } },
    { typeId: 405, name: 'Peeking', fields: { friend: 'uuid' } },
    { typeId: 407, name: 'Ring', fields: { next: 'uuid', open: 'bool' } },
    { typeId: 408, name: 'Own', fields: { name: 'string' } },
    { typeId: 409, name: 'Writing', fields: { name: 'string' } },
    { typeId: 410, name: 'A3', fields: { next: 'uuid' } },
    { typeId: 411, name: 'B3', fields: { next: 'uuid', open: 'bool' } },
    { typeId: 412, name: 'C3', fields: { next: 'uuid' } },
    { typeId: 406, name: 'Sibling', fields: { parent: 'uuid', open: 'bool' } },
  ],
  edges: [
    { edgeId: 40, name: 'blocks', from: 'User', to: 'User' },
    { edgeId: 41, name: 'docs', from: 'User', storedOn: 'Doc', storedIdAttr: 'owner' },
  ],
});

class User extends Pent {
  static override readonly definition: PentDefinition = { name: 'User', typeId: 400 };
  static override readonly privacy: Policy<User, Viewer> = {
    read: [
      denyIf('blocks me', async (user, { viewer }) => (await user.blocks()).some(({ id }) => id === viewer.id)),
      denyIf('owns nothing', async (user, { viewer }) => viewer.id === 'owners' && (await user.docs()).length === 0),
    ],
  };
  blocks(): Promise<readonly User[]> {
    return readEdgeList<User>(this, 'blocks');
  }
  docs(): Promise<readonly Doc[]> {
    return readEdgeList<Doc>(this, 'docs');
  }
}

class Doc extends Pent {
  static override readonly definition: PentDefinition = { name: 'Doc', typeId: 401, storedIds: { owner: ['User'] } };
  static override readonly privacy: Policy<Doc, Viewer> = {
    read: [denyIf('owner is banned', async (doc) => (await doc.owner())?.$record.banned === true)],
  };
  owner(): Promise<User | null> {
    return readStoredId(this, 'owner', ['User']);
  }
}

class Folder extends Pent {
  static override readonly definition: PentDefinition = { name: 'Folder', typeId: 402 };
  static override readonly privacy: Policy<Folder, Viewer> = {
    read: [allowIf('open', ({ $record }) => $record.open === true), sameAs('parent')],
  };
}

class Slow extends Pent {
  static override readonly definition: PentDefinition = { name: 'Slow', typeId: 403 };
  static override readonly privacy: Policy<Slow, Viewer> = { read: [allowIf('never', () => new Promise(() => {}))] };
}

let calls = 0;

class Linked extends Pent {
  static override readonly definition: PentDefinition = { name: 'Linked', typeId: 404 };
  static override readonly privacy: Policy<Linked, Viewer> = {
    read: [
      allowIf('open', ({ $record }) => $record.open === true),
      requireThat('all links', async ({ $record }, context) => {
        calls++;
        for (const id of $record.links as readonly string[]) if (!(await canRead(context, id))) return false;
        return true;
      }),
    ],
  };
}

/** Its rule reads in the viewer's world, by a context that it was not given. */
class Peeking extends Pent {
  static override readonly definition: PentDefinition = { name: 'Peeking', typeId: 405 };
  static override readonly privacy: Policy<Peeking, Viewer> = {
    read: [
      requireThat('friend', async ({ $record }, { viewer }) => {
        const context = viewer.outer as PentContext<Viewer>;
        return (await Peeking.get(context, $record.friend as string)) !== null;
      }),
    ],
  };
}

class Ring extends Pent {
  static override readonly definition: PentDefinition = { name: 'Ring', typeId: 407 };
  static override readonly privacy: Policy<Ring, Viewer> = {
    read: [
      allowIf('next', async ({ $record }, context) => {
        calls++;
        return canRead(context, $record.next as string | null);
      }),
      allowIf('open', ({ $record }) => $record.open === true),
    ],
  };
}

/** Its rule reads by a context that it makes. */
class Own extends Pent {
  static override readonly definition: PentDefinition = { name: 'Own', typeId: 408 };
  static override readonly privacy: Policy<Own, Viewer> = {
    read: [
      allowIf('inner', (_own, { viewer }) => viewer.id === 'inner'),
      denyIf('not for a service', async ({ id }, { kvetch, viewer }) => {
        const service = { id: viewer.id === 'once' ? 'inner' : viewer.id };
        return (
          (await Own.get(new PentContext<Viewer>({ kvetch, model, viewer: service, onError: () => {} }), id)) === null
        );
      }),
    ],
  };
}

class A3 extends Pent {
  static override readonly definition: PentDefinition = { name: 'A3', typeId: 410, storedIds: { next: ['B3'] } };
  static override readonly privacy: Policy<A3, Viewer> = { read: [sameAs('next'), allowIf('all', () => true)] };
}

class B3 extends Pent {
  static override readonly definition: PentDefinition = { name: 'B3', typeId: 411, storedIds: { next: ['C3'] } };
  static override readonly privacy: Policy<B3, Viewer> = {
    read: [
      allowIf('open', ({ $record }) => $record.open === true),
      requireThat('next', ({ $record }, context) => canRead(context, $record.next as string | null)),
      allowIf('all', () => true),
    ],
  };
}

class C3 extends Pent {
  static override readonly definition: PentDefinition = { name: 'C3', typeId: 412, storedIds: { next: ['A3'] } };
  static override readonly privacy: Policy<C3, Viewer> = {
    read: [
      requireThat('next', async ({ $record }, { viewers }) => (await A3.get(viewers, $record.next as string)) !== null),
      allowIf('all', () => true),
    ],
  };
}

class Writing extends Pent {
  static override readonly definition: PentDefinition = { name: 'Writing', typeId: 409 };
  static override readonly privacy: Policy<Writing, Viewer> = {
    read: [
      requireThat('noted', async ({ $record }, context) => {
        await createPent(context.unrestricted, Slow, { name: $record.name });
        return true;
      }),
      allowIf('all', () => true),
    ],
  };
}

/** Its test decides on many at once. */
class Sibling extends Pent {
  static override readonly definition: PentDefinition = { name: 'Sibling', typeId: 406 };
  static override readonly privacy: Policy<Sibling, Viewer> = {
    read: [
      allowIf('open', ({ $record }) => $record.open === true),
      requireThat('parent', {
        many: (all, context) =>
          canReadMany(
            context,
            all.map(({ $record }) => $record.parent),
          ),
      }),
    ],
  };
}

const model: PentModel = definePents({
  schema,
  pents: [Own, Writing, A3, B3, C3, User, Doc, Folder, Slow, Linked, Peeking, Sibling, Ring],
  byDefault: 'allow',
});

function open(): Kvetch {
  return createKvetch({ schema, shards: memoryShards(2) });
}

function as(kvetch: Kvetch, id: string | null, options: Partial<PentContextOptions<Viewer>> = {}) {
  const viewer: Viewer = { id };
  const context = new PentContext<Viewer>({ kvetch, model, viewer, onError: () => {}, ...options });
  viewer.outer = context;
  return context;
}

async function chainOf(kvetch: Kvetch, type: string, length: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let n = 0; n < length; n++) {
    ids.push(await kvetch.createObject(type, n === 0 ? { open: true } : { parent: ids[n - 1] as string }));
  }
  return ids;
}

const test = suite('hostile rules and data');

test('two users who block each other are hidden from each other, and seen by others', async () => {
  const kvetch = open();
  const ann = await kvetch.createObject('User', { name: 'ann' });
  const bob = await kvetch.createObject('User', { name: 'bob' });
  await kvetch.insertEdge('blocks', { fromId: ann, toId: bob });
  await kvetch.insertEdge('blocks', { fromId: bob, toId: ann });
  assert.is(await User.get(as(kvetch, ann), bob), null);
  assert.is(await User.get(as(kvetch, bob), ann), null);
  const eve = await User.getX(as(kvetch, null), ann);
  assert.equal(
    (await eve.blocks()).map(({ id }) => id),
    [bob],
  );
});

test('rules of two types that use the methods of their objects see everything', async () => {
  const kvetch = open();
  const banned = await kvetch.createObject('User', { banned: true });
  const good = await kvetch.createObject('User', {});
  const hidden = await kvetch.createObject('Doc', { owner: banned });
  const shown = await kvetch.createObject('Doc', { owner: good });
  const context = as(kvetch, 'owners');
  // The owner of a hidden document owns something, and a hidden owner is banned.
  assert.is((await User.get(context, banned))?.id, banned);
  assert.is(await Doc.get(context, hidden), null);
  const doc = await Doc.getX(context, shown);
  assert.is((await doc.owner())?.id, good);
  assert.equal(await (await User.getX(context, banned)).docs(), []);
  assert.ok(doc.$context === context);
});

test('what a chain of questions allows depends on no earlier read, and on no length', async () => {
  const kvetch = open();
  for (const type of [Folder, Sibling]) {
    const ids = await chainOf(kvetch, type.name, 200);
    for (const first of [1, 13, 25, 199]) {
      const context = as(kvetch, null);
      assert.ok(await Pent.get(context, ids[first] as string), `${type.name} ${first} alone`);
      assert.is((await Pent.getMany(context, ids)).filter((found) => found !== null).length, 200);
    }
    const together = await Pent.getMany(as(kvetch, null), [...ids].reverse());
    assert.is(together.filter((found) => found !== null).length, 200);
  }
});

test('a chain of 5,000 is decided while timers have their turns', async () => {
  const kvetch = open();
  const ids = await chainOf(kvetch, 'Folder', 5_000);
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  assert.ok(await Pent.get(as(kvetch, null), ids.at(-1) as string));
  clearInterval(timer);
  assert.ok(turns > 5, String(turns));
});

test('each object is asked once, however many ask about it', async () => {
  const kvetch = open();
  for (const width of [2, 3]) {
    let layer = [await kvetch.createObject('Linked', { open: true, links: [] })];
    for (let depth = 0; depth < 16; depth++) {
      const links = layer;
      layer = [];
      for (let n = 0; n < width; n++) layer.push(await kvetch.createObject('Linked', { links }));
    }
    calls = 0;
    assert.ok(await Linked.get(as(kvetch, null), layer[0] as string));
    assert.is(calls, 15 * width + 1);
  }
});

test('a circle denies where it closes, is named once, and hides nothing else', async () => {
  const kvetch = open();
  const [a, b, c] = [
    await kvetch.createObject('Folder', {}),
    await kvetch.createObject('Folder', {}),
    await kvetch.createObject('Folder', {}),
  ];
  await kvetch.updateObject(a, { parent: b });
  await kvetch.updateObject(b, { parent: c });
  await kvetch.updateObject(c, { parent: a });
  const below = await kvetch.createObject('Folder', { parent: a });
  for (const order of [
    [below, a, b, c],
    [c, b, a, below],
    [b, below, c, a],
  ]) {
    const messages: string[] = [];
    const context = as(kvetch, null, { onError: ({ message }) => messages.push(message) });
    for (const id of order) assert.is(await Folder.get(context, id), null);
    assert.is(messages.length, 1);
    assert.match(messages[0] as string, /^Privacy rules ask in a circle: (Folder "[-0-9a-f]+" -> ){3}Folder "/);
  }
  // One of them is open for a reason of its own: so are all.
  await kvetch.updateObject(b, { open: true });
  for (const order of [
    [below, a, b, c],
    [c, b, a, below],
  ]) {
    const context = as(kvetch, null);
    for (const id of order) assert.is((await Folder.get(context, id))?.id, id);
  }
});

test('a ring of 2,000, and an object that asks about itself', async () => {
  const kvetch = open();
  const ids = await chainOf(kvetch, 'Folder', 2_000);
  await kvetch.updateObject(ids[0] as string, { open: null, parent: ids.at(-1) as string });
  const messages: string[] = [];
  const context = as(kvetch, null, { onError: ({ message }) => messages.push(message) });
  assert.equal(
    (await Folder.getMany(context, ids.slice(0, 500))).filter((found) => found !== null),
    [],
  );
  assert.is(messages.length, 1);
  assert.match(messages[0] as string, '1992 more');
  const self = await kvetch.createObject('Folder', {});
  await kvetch.updateObject(self, { parent: self });
  assert.is(await Folder.get(as(kvetch, null), self), null);
});

test('a ring of 3,000 in which one "yes" goes round: each rule runs twice, and timers have their turns', async () => {
  const kvetch = open();
  const ids: string[] = [];
  for (let n = 0; n < 3_000; n++)
    ids.push(await kvetch.createObject('Ring', { next: ids[n - 1] ?? null, open: n === 0 }));
  await kvetch.updateObject(ids[0] as string, { next: ids.at(-1) as string });
  calls = 0;
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  assert.ok(await Ring.get(as(kvetch, null), ids.at(-1) as string));
  clearInterval(timer);
  assert.ok(turns > 5, String(turns));
  assert.ok(calls <= 2 * ids.length, String(calls));
});

test('circles of thousands are decided as a fixpoint says, while timers have their turns', async () => {
  const kvetch = open();
  const random = new Random(7);
  const ids: string[] = [];
  for (let n = 0; n < 3_000; n++) ids.push(await kvetch.createObject('Linked', { open: random.below(4) === 0 }));
  const links = ids.map(() => [random.below(ids.length), random.below(ids.length)]);
  for (const [n, own] of links.entries()) {
    await kvetch.updateObject(ids[n] as string, { links: own.map((to) => ids[to] as string) });
  }
  let readable = await Promise.all(ids.map(async (id) => (await kvetch.getObject(id))?.open === true));
  for (let isChanged = true; isChanged; ) {
    const next = readable.map((is, n) => is || (links[n] as number[]).every((to) => readable[to]));
    isChanged = next.some((is, n) => is !== readable[n]);
    readable = next;
  }
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const context = as(kvetch, null);
  const found = await Promise.all([0, 1, 2].map((n) => Pent.getMany(context, ids.slice(n * 1_000, (n + 1) * 1_000))));
  clearInterval(timer);
  assert.ok(turns > 1, String(turns));
  assert.equal(
    found.flat().map((pent) => pent !== null),
    readable,
  );
  assert.ok(readable.includes(true) && readable.includes(false));
});

test("a rule that reads in the viewer's world by another context is a question, too", async () => {
  const kvetch = open();
  const a = await kvetch.createObject('Peeking', {});
  const b = await kvetch.createObject('Peeking', { friend: a });
  await kvetch.updateObject(a, { friend: b });
  const messages: string[] = [];
  const context = as(kvetch, null, { onError: ({ message }) => messages.push(message) });
  assert.is(await Peeking.get(context, a), null);
  assert.is(await Peeking.get(context, b), null);
  assert.is(messages.length, 1);
});

test('a rule that never answers ends with the signal, and with the deadline of its request', async () => {
  const kvetch = open();
  const id = await kvetch.createObject('Slow', {});
  const controller = new AbortController();
  const context = as(kvetch, null, { signal: controller.signal });
  const reads = [Slow.get(context, id), Slow.getMany(context, [id])].map((read) => read.catch((error) => error));
  setTimeout(() => controller.abort(new Error('enough')), 5);
  assert.equal(
    (await Promise.all(reads)).map(({ message }) => message),
    ['enough', 'enough'],
  );
  const engine = createEngine({
    schema: makeSchema({
      typeDefs: 'type Query { slow(id: ID!): Slow async(id: ID!): String } type Slow { id: ID! }',
      objects: {
        Query: {
          plans: {
            slow: (_$root, { $id }) => pent(Slow, $id),
            async: { resolve: async (_source, args, { pent: own }) => String(await Slow.get(own, args.id)) },
          },
        },
      },
    }),
  });
  const { data, errors } = await engine.execute({
    document: parse(`{ slow(id: "${id}") { id } async(id: "${id}") }`),
    contextValue: { pent: as(kvetch, null) },
    deadline: Date.now() + 30,
  });
  assert.equal(data, { slow: null, async: null });
  assert.is(errors?.length, 2);
});

test('rules that make contexts of their own, each in the rules of the last one, end as an error of the read', async () => {
  const kvetch = createKvetch({ schema, shards: memoryShards(1) });
  const one = await kvetch.createObject('Own', { name: 'one' });
  const reported: string[] = [];
  const context = new PentContext<Viewer>({
    kvetch,
    model,
    viewer: { id: 'own' },
    onError: (e) => reported.push(e.message),
  });
  const error = await Own.get(context, one).then(String, String);
  assert.match(error, 'A privacy rule has made a PentContext whose rules have made another one');
  // one context more, in which nothing makes another, is a rule like others
  const other = new PentContext<Viewer>({ kvetch, model, viewer: { id: 'once' } });
  assert.is((await Own.get(other, one))?.id, one);
});

test('a circle over three types, of stored ids, questions and reads, denies alike in every order', async () => {
  const kvetch = createKvetch({ schema, shards: memoryShards(1) });
  const [a, b, c] = ['A3', 'B3', 'C3'].map((type) => kvetch.newId(type)) as [string, string, string];
  await kvetch.createObject('A3', { next: b }, { id: a });
  await kvetch.createObject('B3', { next: c }, { id: b });
  await kvetch.createObject('C3', { next: a }, { id: c });
  const free = await kvetch.createObject('A3', { next: await kvetch.createObject('B3', { open: true }) });
  type Read = (context: PentContext<Viewer>) => Promise<unknown>;
  const all: ReadonlyArray<readonly [Read, string]> = [
    [(context) => A3.get(context, a), a],
    [(context) => B3.get(context, b), b],
    [(context) => C3.get(context, c), c],
    [(context) => A3.get(context, free), free],
  ];
  for (let first = 0; first < all.length; first++) {
    const reported: string[] = [];
    const context = new PentContext<Viewer>({
      kvetch,
      model,
      viewer: { id: 'x' },
      onError: (e) => reported.push(e.message),
    });
    const order = [...all.slice(first), ...all.slice(0, first)];
    const seen = new Map<string, boolean>();
    for (const [read, id] of order) seen.set(id, (await read(context)) !== null);
    assert.equal(
      all.map(([, id]) => seen.get(id)),
      [false, false, false, true],
    );
    assert.is(reported.length, 1, String(reported));
  }
});

test('a rule that writes is decided once, and what it has written is there', async () => {
  const kvetch = createKvetch({ schema, shards: memoryShards(1) });
  const one = await kvetch.createObject('Writing', { name: 'one' });
  const two = await kvetch.createObject('Writing', { name: 'two' });
  const context = new PentContext<Viewer>({ kvetch, model, viewer: { id: 'x' } });
  const found = await Promise.all([Writing.get(context, one), Writing.getMany(context, [two, one])]);
  assert.equal([found[0]?.id, ...found[1].map((object) => object?.id)], [one, two, one]);
  const { objects } = await kvetch.browse('Slow');
  const written = objects.map((object) => String((object as { name?: unknown }).name)).sort();
  assert.equal([...new Set(written)], ['one', 'two']);
  assert.ok(written.length <= 4, String(written));
});

test('rules have a budget, and a request that uses it up fails as a whole', async () => {
  const kvetch = open();
  const ids = await chainOf(kvetch, 'Folder', 60);
  const context = as(kvetch, null, { maxDecisions: 50 });
  const error = await Pent.get(context, ids.at(-1) as string).catch((thrown) => thrown);
  assert.is(error.code, 'TOO_MANY_DECISIONS');
  assert.is((await Pent.get(context, ids[0] as string).catch((thrown) => thrown)).code, 'TOO_MANY_DECISIONS');
  assert.ok(await Pent.get(as(kvetch, null, { maxDecisions: 60 }), ids.at(-1) as string));
  assert.throws(() => as(kvetch, null, { maxDecisions: Number.NaN }), /"maxDecisions" is NaN/);
});

test('a rule that loads one object for each is one call', async () => {
  const kvetch = createKvetch({ schema, ...lateBackend.open() });
  const owner = await kvetch.createObject('User', {});
  const ids: string[] = [];
  for (let n = 0; n < 50; n++)
    ids.push(await kvetch.createObject('Doc', { owner: n % 2 ? owner : await kvetch.createObject('User', {}) }));
  kvetch.stats.reset();
  const found = await Doc.getMany(as(kvetch, null), ids);
  assert.is(found.filter((doc) => doc !== null).length, 50);
  assert.is(kvetch.stats.rounds, 2);
});

test('rules that answer nonsense, late or by odd promises hide what they decide on', async () => {
  const answers: Record<string, (context: Context) => unknown> = {
    text: () => 'yes',
    list: () => [true],
    throws: () => {
      throw new Error('thrown');
    },
    rejects: () => Promise.reject(undefined),
    'throws what has no text': () => {
      throw Object.create(null);
    },
    'rejects with what has no text': () => Promise.reject(Object.create(null)),
    'throwing thenable': () => ({
      // biome-ignore lint/suspicious/noThenProperty: it is a thenable
      get then(): never {
        throw new Error('getter');
      },
    }),
    // biome-ignore lint/suspicious/noThenProperty: it is a thenable
    'thenable that answers twice': () => ({ then: (resolve: (value: unknown) => void) => [1, true].map(resolve) }),
  };
  for (const [name, answer] of Object.entries(answers)) {
    class Odd extends Pent {
      static override readonly definition: PentDefinition = { name: 'Slow', typeId: 403 };
      static override readonly privacy: Policy<Odd> = {
        read: [allowIf('odd', (_odd, context) => answer(context) as boolean)],
      };
    }
    const kvetch = open();
    const id = await kvetch.createObject('Slow', {});
    const messages: string[] = [];
    const odd = new PentContext({
      kvetch,
      model: definePents({ schema, pents: [Odd], byDefault: 'allow' }),
      viewer: null,
      onError: ({ message }) => messages.push(message),
    });
    assert.is(await Odd.get(odd, id), null, name);
    assert.is(messages.length, 1, name);
  }
});

test.run();
