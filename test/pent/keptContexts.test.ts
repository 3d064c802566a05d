/** Rules that go beyond their call: they keep what they were given, ask late, write, answer one way and then another. */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, makeSchema } from '../../src/index.ts';
import { createKvetch, defineKvetchSchema, type Kvetch, memoryShards } from '../../src/kvetch.ts';
import {
  allowAll,
  allowIf,
  authorizePent,
  type Context,
  canRead,
  createPent,
  definePents,
  Pent,
  PentContext,
  type PentContextOptions,
  type PentDefinition,
  type Policy,
  pent,
  readEdgeList,
  requireThat,
  updatePent,
} from '../../src/pent.ts';

interface Viewer {
  readonly id: string;
  outer?: PentContext<Viewer>;
}

const schema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'Doc', fields: { owner: 'string', text: 'string', parent: 'uuid' } },
    { typeId: 2, name: 'Flip', fields: { text: 'string' } },
    { typeId: 3, name: 'Own', fields: { text: 'string' } },
    { typeId: 4, name: 'Counter', fields: { count: 'int' } },
    { typeId: 5, name: 'Stuck', fields: { text: 'string' } },
    { typeId: 6, name: 'Vandal', fields: { owner: 'string' } },
  ],
  edges: [{ edgeId: 1, name: 'parts', from: 'Doc', storedOn: 'Doc', storedIdAttr: 'parent' }],
});

const kept: { readonly doc: Doc; readonly context: Context<Viewer> }[] = [];
let late: Promise<unknown>[] = [];
let flips = 0;
let writes = 0;

class Doc extends Pent {
  static override readonly definition: PentDefinition = { name: 'Doc', typeId: 1 };
  static override readonly privacy: Policy<Doc, Viewer> = {
    read: [
      allowIf('own', (doc, context) => {
        kept.push({ doc, context });
        // It asks when it has answered.
        late.push(new Promise((resolve) => setTimeout(() => resolve(canRead(context, doc.id).catch(String)), 1)));
        return doc.$record.owner === context.viewer.id;
      }),
    ],
  };
  get text(): string {
    return String(this.$record.text);
  }
  async parts(): Promise<number> {
    return (await readEdgeList(this, 'parts')).length;
  }
}

class Flip extends Pent {
  static override readonly definition: PentDefinition = { name: 'Flip', typeId: 2 };
  static override readonly privacy: Policy<Flip, Viewer> = {
    read: [allowIf('now and then', () => new Promise((resolve) => setTimeout(() => resolve(flips++ % 2 === 0), 1)))],
  };
}

/** Its rule asks about itself by the request's own context, when that does not know any more who asks. */
class Own extends Pent {
  static override readonly definition: PentDefinition = { name: 'Own', typeId: 3 };
  static override readonly privacy: Policy<Own, Viewer> = {
    read: [
      allowIf('itself', async ({ id }, { viewer }) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return (await Own.get(viewer.outer as PentContext<Viewer>, id)) !== null;
      }),
    ],
  };
}

/** Its rule changes the object that it decides on. */
class Counter extends Pent {
  static override readonly definition: PentDefinition = { name: 'Counter', typeId: 4 };
  static override readonly privacy: Policy<Counter, Viewer> = {
    read: [
      requireThat('counted', async (counter, context) => {
        writes++;
        await updatePent(context.unrestricted, Counter, counter.id, { count: Number(counter.$record.count) + 1 });
        return true;
      }),
      allowAll,
    ],
  };
}

class Stuck extends Pent {
  static override readonly definition: PentDefinition = { name: 'Stuck', typeId: 5, public: true };
  static override readonly privacy: Policy<Stuck, Viewer> = { write: [allowIf('never', () => new Promise(() => {}))] };
}

class Vandal extends Pent {
  static override readonly definition: PentDefinition = { name: 'Vandal', typeId: 6 };
  static override readonly privacy: Policy<Vandal, Viewer> = {
    read: [
      allowIf('own', ({ $record }, { viewer }) => {
        (viewer as { id: string }).id = 'ann';
        Reflect.apply(Object.assign, null, [$record, { owner: viewer.id }]);
        return true;
      }),
    ],
  };
}

const model = definePents({ schema, pents: [Doc, Flip, Own, Counter, Stuck, Vandal], byDefault: 'deny' });
const open = (): Kvetch => createKvetch({ schema, shards: memoryShards(1) });

function as(kvetch: Kvetch, id: string, options: Partial<PentContextOptions<Viewer>> = {}): PentContext<Viewer> {
  const viewer: Viewer = { id };
  const context = new PentContext<Viewer>({ kvetch, model, viewer, onError: () => {}, ...options });
  viewer.outer = context;
  return context;
}

const engine = createEngine({
  schema: makeSchema({
    typeDefs: `
      type Query { doc(id: ID!): Doc kept: [Doc] stuck(id: ID!): String }
      type Mutation { write(id: ID!): String }
      type Doc { id: ID! text: String parts: Int }`,
    objects: {
      Query: {
        plans: { doc: (_$root, { $id }) => pent(Doc, $id), kept: { resolve: () => kept.map(({ doc }) => doc) } },
      },
      Mutation: {
        plans: {
          write: {
            resolve: async (_source, { id }, { pent: context }) => {
              await updatePent(context, Stuck, id, { text: 'new' });
              return 'written';
            },
          },
        },
      },
      Doc: { authorize: authorizePent, plans: { parts: { resolve: (doc) => (doc as Doc).parts() } } },
    },
  }),
});

const test = suite('rules that go beyond their call');

test.before.each(() => {
  kept.length = 0;
  late = [];
});

test('an object that a rule has kept is shown to nobody who may not read it, and leads where its viewer may go', async () => {
  const kvetch = open();
  const id = await kvetch.createObject('Doc', { owner: 'ann', text: 'secret' });
  await kvetch.createObject('Doc', { owner: 'ann', parent: id });
  await kvetch.createObject('Doc', { owner: 'bob', parent: id });
  assert.is((await Doc.getX(as(kvetch, 'ann'), id)).text, 'secret');
  const ask = async (viewer: string): Promise<unknown> => {
    const [first] = kept.splice(0);
    kept.push(first as never);
    const { data } = await engine.execute({
      document: parse('{ kept { text parts } }'),
      contextValue: { pent: as(kvetch, viewer) },
    });
    return data;
  };
  assert.equal(await ask('eve'), { kept: [null] });
  assert.equal(await ask('ann'), { kept: [{ text: 'secret', parts: 1 }] });
  // Its rule has allowed it at once: it is ann's from then on, and hides from her rule what is hidden from her.
  assert.is(await kept[0]?.doc.parts(), 1);
});

test('a rule that asks when it has answered gets an answer, and changes none', async () => {
  const kvetch = open();
  const id = await kvetch.createObject('Doc', { owner: 'ann', text: 'a' });
  const [ann, eve] = [as(kvetch, 'ann'), as(kvetch, 'eve')];
  assert.ok(await Doc.get(ann, id));
  assert.is(await Doc.get(eve, id), null);
  assert.equal(await Promise.all(late.splice(0)), [true, false]);
  assert.ok(await Doc.get(ann, id));
  assert.is(await Doc.get(eve, id), null);
  // Long after its request, a context that was kept knows what the request knew, for its own viewer.
  await kvetch.updateObject(id, { owner: 'eve' });
  const [ofAnn, ofEve] = kept.map(({ context }) => context);
  assert.is(await canRead(ofAnn as Context<Viewer>, id), true);
  assert.is(await canRead(ofEve as Context<Viewer>, id), false);
  assert.is(await Doc.get(as(kvetch, 'ann'), id), null);
  assert.ok(await Doc.get(as(kvetch, 'eve'), id));
  await Promise.all(late.splice(0));
});

test('a rule that answers one way and then another is asked once', async () => {
  const kvetch = open();
  const ids = await Promise.all([1, 2, 3].map((n) => kvetch.createObject('Flip', { text: String(n) })));
  const context = as(kvetch, 'ann');
  const roads = [
    () => Flip.getMany(context, ids),
    async () => {
      const found: (Flip | null)[] = [];
      for (const id of ids) found.push(await Flip.get(context, id));
      return found;
    },
    async () => {
      const found = await Flip.browse(context);
      return ids.map((id) => found.find((one) => one.id === id) ?? null);
    },
  ];
  const seen = await Promise.all(roads.map(async (road) => (await road()).map((one) => one !== null)));
  for (const one of seen) assert.equal(one, seen[0]);
  assert.is(flips, 3);
});

test('a rule that asks about its own object by the context of the request ends with the signal', async () => {
  const kvetch = open();
  const id = await kvetch.createObject('Own', {});
  const controller = new AbortController();
  const reading = Own.get(as(kvetch, 'ann', { signal: controller.signal }), id).catch(String);
  setTimeout(() => controller.abort(new Error('enough')), 20);
  assert.is(await reading, 'Error: enough');
});

test('a rule that changes the object it decides on ends', async () => {
  const kvetch = open();
  const id = await kvetch.createObject('Counter', { count: 0 });
  const context = as(kvetch, 'ann');
  assert.is((await Counter.get(context, id))?.id, id);
  assert.ok(writes <= 2, String(writes));
  const before = writes;
  assert.is((await kvetch.getObject(id))?.count, before);
  assert.is((await Counter.getMany(context, [id, id]))[1]?.id, id);
  assert.ok(writes <= before + 2, String(writes));
});

test('many writes side by side listen to a signal once: Node warns of many listeners', async () => {
  const warnings: string[] = [];
  const note = ({ name }: Error): void => void warnings.push(name);
  process.on('warning', note);
  try {
    const kvetch = createKvetch({ schema, shards: memoryShards(1) });
    const context = as(kvetch, 'ann', { signal: new AbortController().signal });
    const writes = Array.from({ length: 20 }, () => createPent(context, Own, { text: 'x' }).catch(String));
    await Promise.all(writes);
    await new Promise((resolve) => setImmediate(resolve));
    await kvetch.close();
  } finally {
    process.off('warning', note);
  }
  assert.equal(warnings, []);
});

test('a rule about a write that never answers ends with the signal, and with the deadline; nothing is written', async () => {
  const kvetch = open();
  const id = await kvetch.createObject('Stuck', { text: 'old' });
  const controller = new AbortController();
  const writing = updatePent(as(kvetch, 'ann', { signal: controller.signal }), Stuck, id, { text: 'new' });
  setTimeout(() => controller.abort(new Error('enough')), 5);
  assert.is(await writing.then(String, String), 'Error: enough');
  const creating = createPent(as(kvetch, 'ann', { signal: controller.signal }), Stuck, { text: 'new' });
  assert.is(await creating.then(String, String), 'Error: enough');
  const { errors } = await engine.execute({
    document: parse(`mutation { write(id: "${id}") }`),
    contextValue: { pent: as(kvetch, 'ann') },
    deadline: Date.now() + 30,
  });
  assert.is(errors?.length, 1);
  assert.is((await kvetch.getObject(id))?.text, 'old');
});

test('a rule cannot change what it decides on', async () => {
  const kvetch = open();
  const id = await kvetch.createObject('Vandal', { owner: 'bob' });
  const messages: string[] = [];
  assert.is(await Vandal.get(as(kvetch, 'eve', { onError: ({ message }) => messages.push(message) }), id), null);
  assert.match(messages.join(), 'read only');
  assert.is((await kvetch.getObject(id))?.owner, 'bob');
});

test.run();
