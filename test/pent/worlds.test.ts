/** Rules, hooks and scripts see everything; what a plan shows is the viewer's, whichever world it comes from. */
import { type ExecutionResult, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { constant, createEngine, makeSchema, object } from '../../src/index.ts';
import { createKvetch, defineKvetchSchema, type Kvetch, memoryShards } from '../../src/kvetch.ts';
import {
  allowIf,
  authorizePent,
  type Context,
  canRead,
  createPent,
  definePents,
  deletePent,
  denyAll,
  denyIf,
  method,
  Pent,
  PentContext,
  type PentDefinition,
  type PentModel,
  type Policy,
  planPent,
  readEdgeList,
  requireThat,
  updatePent,
  updating,
  type WriteHooks,
} from '../../src/pent.ts';

interface Viewer {
  readonly id: string;
}

const schema = defineKvetchSchema({
  objects: [
    { typeId: 500, name: 'Group', fields: { name: 'string' } },
    { typeId: 501, name: 'Note', fields: { text: 'string', group: 'uuid', secret: 'bool', status: 'string' } },
  ],
  edges: [{ edgeId: 50, name: 'notes', from: 'Group', storedOn: 'Note', storedIdAttr: 'group' }],
});

class Group extends Pent {
  static override readonly definition: PentDefinition = { name: 'Group', typeId: 500 };
  notes(): Promise<readonly Note[]> {
    return readEdgeList<Note>(this, 'notes');
  }
  async noteCount(): Promise<number> {
    return (await this.notes()).length;
  }
}

const seen: string[] = [];
let hidden: string | null = null;

function look(place: string, { isRestricted, seesAll }: Context): void {
  seen.push(`${place}: ${isRestricted ? 'a client' : 'the server'}${seesAll ? '' : ', not all'}`);
}

class Note extends Pent {
  static override readonly definition: PentDefinition = { name: 'Note', typeId: 501, storedIds: { group: ['Group'] } };
  static override readonly privacy: Policy<Note, Viewer> = {
    read: [denyIf('secret', (note, { viewer }) => note.$record.secret === true && viewer.id !== 'ann')],
    update: [
      denyIf('sold', ({ data }) => data.status === 'SOLD', {
        message: 'Sell by accepting an offer.',
        code: 'NO_OFFER',
      }),
      denyIf('frozen', ({ before }) => before?.$record.status === 'FROZEN', { message: 'It is frozen.' }),
      requireThat('sound', {
        many: (changes) => {
          if (changes[0]?.data.text === 'fail') throw new Error('broken rule');
          return changes.map(({ data }) => data.text !== 'odd');
        },
      }),
      // All notes of the group, hidden ones, too.
      denyIf('crowded', async ({ before }) => before !== null && (await notesBeside(before)) > 3),
      allowIf('rest', () => true),
    ],
    delete: [denyAll],
    create: [denyIf('full', ({ data }) => data.text === 'full', { message: 'The group is full.', code: 'FULL' })],
  };
  static override readonly hooks: WriteHooks<Note, Viewer> = {
    validators: [
      async ({ data, before }, context) => {
        look('validator', context);
        if (before !== null) look('its object', before.$context);
        if (data.text === 'ask') seen.push(`may read: ${await canRead(context, hidden)}`);
        return context.isRestricted && data.status === 'LOST' ? [{ field: 'status', message: 'Not by clients.' }] : [];
      },
    ],
    before: [
      async ({ kind, data, before }, context) => {
        look('trigger', context);
        if (data.text === 'nested')
          await updatePent(context, Note, (before as Note).id, { text: 'by trigger', status: 'SOLD' });
        if (kind === 'update') seen.push(`sees ${await notesBeside(before as Note)}`);
        return undefined;
      },
    ],
    after: [
      async ({ after }, context) => {
        look('observer', context);
        if (after !== null) seen.push(`saw ${await notesBeside(after)}`);
      },
    ],
  };
  get text(): string {
    return this.$record.text as string;
  }
  async group(): Promise<Group | null> {
    return Group.get(this.$context, String(this.$record.group));
  }
  /** Notes of the group, read past privacy. */
  async beside(): Promise<ReadonlyArray<Note | null>> {
    const group = await Group.getX(this.$context.unrestricted, String(this.$record.group));
    const notes = await group.notes();
    return [...notes, await Note.get(this.$context.unrestricted, ABSENT)];
  }
  async wrapped(): Promise<unknown> {
    const group = await Group.getX(this.$context.unrestricted, String(this.$record.group));
    return { __typename: 'Wrapped', group, notes: await group.notes() };
  }
}

const ABSENT = '00000000-0000-4000-8000-000000000000';

async function notesBeside(note: Note): Promise<number> {
  return (await note.group())?.noteCount() ?? 0;
}

const model: PentModel = definePents({ schema, pents: [Group, Note] });

const root = {
  async group({ id }: { readonly id: string }, context: PentContext<Viewer>) {
    return Group.get(context.unrestricted, id);
  },
  async notes({ ids }: { readonly ids: readonly string[] }, context: PentContext<Viewer>) {
    return Note.getMany(context.unrestricted, ids);
  },
  async any({ ids }: { readonly ids: readonly string[] }, context: PentContext<Viewer>) {
    return Note.getMany(context.unrestricted, ids);
  },
  async sure({ ids }: { readonly ids: readonly string[] }, context: PentContext<Viewer>) {
    return Note.getMany(context.unrestricted, ids);
  },
};

const engine = createEngine({
  schema: makeSchema({
    typeDefs: /* GraphQL */ `
      type Query {
        group(id: ID!): Group
        notes(ids: [ID!]!): [Note]
        sure(ids: [ID!]!): [Note!]
        any(ids: [ID!]!): [Any]
        resolved(id: ID!): Group
      }
      type Mutation { update(id: ID!, data: Data!): Payload }
      type Subscription { ticks(id: ID!): Tick }
      input Data { text: String status: String secret: Boolean }
      type Payload { note: Note }
      type Tick { note: Note text: String }
      type Group { id: ID! noteCount: Int! notes: [Note!]! }
      type Note { id: ID! text: String group: Group beside: [Note] wrapped: Wrapped }
      type Wrapped { group: Group notes: [Note] }
      union Any = Note | Group
    `,
    objects: {
      Query: {
        plans: {
          group: method.root(root, 'group'),
          notes: method.root(root, 'notes'),
          sure: method.root(root, 'sure'),
          any: method.root(root, 'any'),
          resolved: { resolve: (_source, { id }, { pent }) => Group.get(pent.unrestricted, id) },
        },
      },
      Mutation: { plans: { update: (_$root, { $id, $data }) => object({ note: updating(Note, { $id, $data }) }) } },
      Subscription: {
        plans: {
          ticks: {
            subscribe: (_source, { id }, { pent }) => ticks(id, pent),
            resolve: (event) => event,
          },
        },
      },
      Tick: {
        plans: {
          note: { resolve: ({ id }, _args, { pent }) => Note.get(pent, id) },
          text: { resolve: async ({ id }, _args, { pent }) => (await Note.get(pent, id))?.text ?? null },
        },
      },
      Group: {
        authorize: authorizePent,
        hidden: 'leaveOut',
        plans: { noteCount: method(Group, 'noteCount'), notes: method(Group, 'notes') },
      },
      Note: {
        authorize: authorizePent,
        hidden: 'leaveOut',
        plans: { group: method(Note, 'group'), beside: method(Note, 'beside'), wrapped: method(Note, 'wrapped') },
      },
    },
    unions: { Any: { planType: planPent } },
  }),
});

async function* ticks(id: string, context: PentContext<Viewer>): AsyncGenerator<{ id: string }> {
  for (const secret of [false, true, false]) {
    await context.kvetch.updateObject(id, { secret });
    yield { id };
  }
}

interface World {
  readonly kvetch: Kvetch;
  readonly group: string;
  /** Three notes; the second one is secret. */
  readonly notes: readonly [string, string, string];
}

async function open(): Promise<World> {
  const kvetch = createKvetch({ schema, shards: memoryShards(2) });
  const group = await kvetch.createObject('Group', { name: 'g' });
  const add = (text: string, secret: boolean): Promise<string> => kvetch.createObject('Note', { text, group, secret });
  const notes = [await add('a', false), await add('b', true), await add('c', false)] as const;
  [, hidden] = notes;
  seen.length = 0;
  return { kvetch, group, notes };
}

const as = (kvetch: Kvetch, id: string, onError: (error: Error) => void = () => {}): PentContext<Viewer> =>
  new PentContext<Viewer>({ kvetch, model, viewer: { id }, onError });

// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its question
async function ask({ kvetch }: World, source: string, variableValues: Record<string, unknown>): Promise<any> {
  const request = () => ({ document: parse(source), variableValues, contextValue: { pent: as(kvetch, 'bob') } });
  const { data, errors } = await engine.execute(request());
  assert.is(errors, undefined, String(errors));
  const plain = JSON.parse(JSON.stringify(data));
  assert.equal(JSON.parse(String(await engine.executeToBuffer(request()))).data, plain);
  return plain;
}

const refusal = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'done',
    ({ extensions, message }) => [extensions?.code, message],
  );

const test = suite('two worlds');

test('objects that were read past privacy are shown as the viewer sees them, and so is what they lead to', async () => {
  const world = await open();
  const { group, notes } = world;
  for (const field of ['group', 'resolved']) {
    const data = await ask(world, `query ($id: ID!) { ${field}(id: $id) { noteCount notes { text } } }`, { id: group });
    assert.equal(data[field], { noteCount: 2, notes: [{ text: 'a' }, { text: 'c' }] });
  }
  const { notes: found } = await ask(
    world,
    `query ($ids: [ID!]!) { notes(ids: $ids) {
      text group { noteCount } beside { text group { noteCount } } wrapped { group { noteCount } notes { text group { noteCount } } }
    } }`,
    { ids: notes.slice(0, 1) },
  );
  const shown = (text: string): object => ({ text, group: { noteCount: 2 } });
  assert.equal(found, [
    {
      ...shown('a'),
      beside: [shown('a'), null, shown('c'), null],
      wrapped: { group: { noteCount: 2 }, notes: [shown('a'), null, shown('c')] },
    },
  ]);
});

test('in lists of nullable items, hidden objects are as absent ones; in others they are left out', async () => {
  const world = await open();
  const [a, b, c] = world.notes;
  const query = 'query ($ids: [ID!]!) { notes(ids: $ids) { text } any(ids: $ids) { ... on Note { text } } }';
  const beside = await ask(world, query, { ids: [a, b, c] });
  assert.equal(beside.notes, [{ text: 'a' }, null, { text: 'c' }]);
  assert.equal(beside.any, beside.notes);
  await world.kvetch.deleteObject(b);
  assert.equal(await ask(world, query, { ids: [a, b, c] }), beside);
  const sure = await ask({ ...(await open()) }, 'query ($ids: [ID!]!) { sure(ids: $ids) { text } }', { ids: [] });
  assert.equal(sure.sure, []);
  const again = await open();
  const { sure: left } = await ask(again, 'query ($ids: [ID!]!) { sure(ids: $ids) { text } }', { ids: again.notes });
  assert.equal(left, [{ text: 'a' }, { text: 'c' }]);
});

test('where a type has no "authorize", an object of another world is an error that names its place', async () => {
  const world = await open();
  const kept: Note[] = [];
  type Args = { readonly id: string };
  const past = ({ id }: Args, context: PentContext<Viewer>): Promise<Note | null> => Note.get(context.unrestricted, id);
  const bareRoot = {
    own: ({ id }: Args, context: PentContext<Viewer>) => Note.get(context, id),
    read: past,
    wrapped: async (args: Args, context: PentContext<Viewer>) => ({ note: await past(args, context) }),
    list: async (args: Args, context: PentContext<Viewer>) => [await past(args, context)],
    any: past,
    async kept({ id }: Args, context: PentContext<Viewer>) {
      if (kept.length === 0) kept.push(await Note.getX(context, id));
      return kept[0];
    },
  };
  const fieldNames = Object.keys(bareRoot);
  const typeOfField: Readonly<Record<string, string>> = { wrapped: 'Wrapped', list: '[Note]', any: 'Any' };
  const sdl = fieldNames.map((name) => `${name}(id: ID!): ${typeOfField[name] ?? 'Note'}`);
  const bare = createEngine({
    schema: makeSchema({
      typeDefs: `type Query { ${sdl.join(' ')} } type Wrapped { note: Note } union Any = Note type Note { text: String group: String }`,
      objects: { Query: { plans: Object.fromEntries(fieldNames.map((name) => [name, method.root(bareRoot, name)])) } },
      unions: { Any: { planType: planPent } },
    }),
  });
  const parts: Record<string, string> = { wrapped: '{ note { text } }', any: '{ ... on Note { text } }' };
  const document = parse(
    `query ($id: ID!) { ${fieldNames.map((name) => `${name}(id: $id) ${parts[name] ?? '{ text }'}`).join(' ')} }`,
  );
  const run = (viewer: string) =>
    bare.execute({
      document,
      variableValues: { id: world.notes[0] },
      contextValue: { pent: as(world.kvetch, viewer) },
    });
  const { data, errors } = await run('ann');
  assert.equal(JSON.parse(JSON.stringify(data)), {
    own: { text: 'a' },
    read: null,
    wrapped: { note: null },
    list: [null],
    any: null,
    kept: { text: 'a' },
  });
  assert.equal(errors?.map(({ path }) => path?.join('.')).sort(), ['any', 'list.0', 'read', 'wrapped.note']);
  for (const { message } of errors ?? []) assert.match(message, /^An object of the type Note was read past privacy/);
  // It belongs to the first request.
  const again = await run('bob');
  assert.is(again.data?.kept, null);
  assert.match(String(again.errors?.find(({ path }) => path?.[0] === 'kept')), 'by the context of another request');
});

test('other engines, with types of the same names, have no such steps', () => {
  const other = createEngine({
    schema: makeSchema({
      typeDefs: 'type Query { note: Note } type Note { text: String }',
      objects: { Query: { plans: { note: () => object({ text: constant('x') }) } } },
    }),
  });
  const plan = JSON.stringify(other.exportPlan(other.prepare(parse('{ note { text } }'))));
  assert.not.match(plan, 'pent.');
});

test("hooks see everything, and know whether the write is a client's", async () => {
  const { kvetch, notes, group } = await open();
  const [a] = notes;
  const bob = as(kvetch, 'bob');
  const updated = await updatePent(bob, Note, a, { text: 'new' });
  assert.is(updated?.$context, bob);
  const client = ['validator', 'its object', 'trigger'].map((place) => `${place}: a client`);
  assert.equal(seen.splice(0), [...client, 'sees 3', 'observer: a client', 'saw 3']);
  await updatePent(bob.unrestricted, Note, a, { status: 'LOST' });
  const server = ['validator', 'its object', 'trigger'].map((place) => `${place}: the server`);
  assert.equal(seen.splice(0), [...server, 'sees 3', 'observer: the server', 'saw 3']);
  assert.equal(await refusal(updatePent(bob, Note, a, { status: 'LOST' })), [
    'INVALID_INPUT',
    'status: Not by clients.',
  ]);
  seen.length = 0;
  // A write of a trigger is the server's: rules do not apply to it.
  await updatePent(bob, Note, a, { text: 'nested' });
  assert.equal(
    seen.filter((line) => line.startsWith('validator') || line.startsWith('trigger')),
    ['validator: a client', 'trigger: a client', 'validator: the server', 'trigger: the server'],
  );
  seen.length = 0;
  await createPent(bob, Note, { text: 'ask', group });
  await createPent(as(kvetch, 'ann'), Note, { text: 'ask', group });
  assert.equal(
    seen.filter((line) => line.startsWith('may')),
    ['may read: false', 'may read: true'],
  );
});

test('a rule about writes counts what the viewer may not read', async () => {
  const { kvetch, notes, group } = await open();
  const bob = as(kvetch, 'bob');
  assert.is(await refusal(updatePent(bob, Note, notes[0], { text: 'x' })), 'done');
  await kvetch.createObject('Note', { text: 'd', group, secret: true });
  assert.equal(await refusal(updatePent(as(kvetch, 'bob'), Note, notes[0], { text: 'x' })), [
    'FORBIDDEN',
    'You may not update this Note.',
  ]);
});

test('a denied write tells the reason of its rule, to those who may read the object', async () => {
  const { kvetch, notes, group } = await open();
  const [a, b] = notes;
  const reported: string[] = [];
  const bob = as(kvetch, 'bob', ({ message }) => reported.push(message));
  assert.equal(await refusal(updatePent(bob, Note, a, { status: 'SOLD' })), [
    'NO_OFFER',
    'Sell by accepting an offer.',
  ]);
  assert.equal(await refusal(updatePent(bob, Note, b, { status: 'SOLD' })), [
    'NOT_FOUND',
    `There is no Note with the id "${b}".`,
  ]);
  await updatePent(bob, Note, a, { status: 'FROZEN' });
  assert.equal(await refusal(updatePent(bob, Note, a, { text: 'x' })), ['FORBIDDEN', 'It is frozen.']);
  assert.equal(await refusal(createPent(bob, Note, { text: 'full', group })), ['FULL', 'The group is full.']);
  assert.equal(await refusal(deletePent(bob, Note, a)), ['FORBIDDEN', 'You may not delete this Note.']);
  const plain = ['FORBIDDEN', 'You may not update this Note.'];
  assert.equal(await refusal(updatePent(bob, Note, notes[2], { text: 'odd' })), plain);
  assert.equal(await refusal(updatePent(bob, Note, notes[2], { text: 'fail' })), plain);
  assert.equal(reported, ['broken rule']);
});

test('each event of a subscription reads anew, by steps and by resolvers', async () => {
  const { kvetch, notes } = await open();
  const context = { pent: as(kvetch, 'bob') };
  const stream = (await engine.subscribe({
    document: parse(`subscription { ticks(id: "${notes[0]}") { text note { text } } }`),
    contextValue: context,
  })) as AsyncGenerator<ExecutionResult>;
  const told: unknown[] = [];
  for await (const { data, errors } of stream) {
    assert.is(errors, undefined, String(errors));
    told.push(JSON.parse(JSON.stringify(data?.ticks)));
  }
  const shown = { text: 'a', note: { text: 'a' } };
  assert.equal(told, [shown, { text: null, note: null }, shown]);
});

test.run();
