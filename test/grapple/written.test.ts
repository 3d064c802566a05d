/** What the generator writes so that nobody has to: connection types, required stored ids, attributes of the server. */
import { buildSchema, parse } from 'graphql';
import { createEngine } from 'planql';
import { createKvetch, memoryShards } from 'planql/kvetch';
import { PentContext } from 'planql/pent';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { generate } from '../../src/grapple/generate.ts';
import { TestProject } from './project.ts';

const test = suite('what the generator writes');

const sdl = `
extend schema @byDefault(access: "deny")
type User @pent(typeId: 1) @public {
  id: UUID!
  name: String!
  messages(first: Int! = 10, after: String): MessageConnection! @edgeToStoredId(edgeName: "user_messages", edgeId: 10, field: "author") @connection
  friends(first: Int! = 10, after: String): Friends! @edge(name: "friends", id: 11) @connection(of: "User")
}
type Room @pent(typeId: 2) @privacy(rule: "open") {
  id: UUID!
  isOpen: Boolean!
  messages(first: Int! = 10, after: String): MessageConnection! @edgeToStoredId(edgeName: "room_messages", edgeId: 12, field: "room") @connection
}
type Message @pent(typeId: 3) @public {
  id: UUID!
  text: String!
  room: Room! @genFromStoredId
  author: User! @genFromStoredId @setByServer
  length: Int! @setByServer
}
type Query { user(id: UUID!): User @readPent message(id: UUID!): Message @readPent }
type Mutation {
  send(data: SendData!): MessagePayload! @createPent
  edit(id: UUID!, data: EditData!): MessagePayload! @updatePent
}
input SendData @pentMutationData { text: String! room: UUID! }
input EditData @pentMutationData { text: String room: UUID }
type MessagePayload @pentMutationPayload { message: Message }
`;

test('connection types that @connection names, and no others', () => {
  const { problems, files } = generate([{ name: 'schema/a.graphql', text: sdl }]);
  assert.equal(problems, []);
  const schema = buildSchema(files.get('generated/schema.graphql') ?? '');
  const fieldsOf = (name: string): readonly string[] => {
    const type = schema.getType(name);
    if (type == null || !('getFields' in type)) throw new TypeError(`There is no type ${name}.`);
    return Object.values(type.getFields()).map((field) => `${field.name}: ${field.type}`);
  };
  assert.equal(fieldsOf('MessageConnection'), [
    'nodes: [Message!]!',
    'edges: [MessageEdge!]!',
    'pageInfo: PageInfo!',
    'totalCount: Int!',
  ]);
  assert.equal(fieldsOf('MessageEdge'), ['cursor: String!', 'node: Message!']);
  assert.equal(fieldsOf('Friends')[1], 'edges: [FriendsEdge!]!');
  assert.equal(fieldsOf('FriendsEdge'), ['cursor: String!', 'node: User!', 'data: JSON']);
  assert.equal(fieldsOf('PageInfo').length, 4);
});

test('a type that the schema defines stays as it is', () => {
  const own = `${sdl} type MessageConnection { nodes: [Message!]! edges: [MessageEdge] pageInfo: PageInfo! }
    type MessageEdge { cursor: String! node: Message }`;
  const { problems, files } = generate([{ name: 'schema/a.graphql', text: own }]);
  assert.equal(problems, []);
  const printed = files.get('generated/schema.graphql') ?? '';
  assert.is(printed.split('type MessageConnection ').length, 2);
  assert.not.match(printed.slice(printed.indexOf('type MessageConnection ')).split('}')[0] ?? '', /totalCount/);
});

test('required stored ids and attributes that a trigger sets hold when objects are written and read', async () => {
  const project = new TestProject();
  project.write('schema/a.graphql', sdl);
  project.write('pents/Message.ts', MESSAGE);
  project.write('pents/Room.ts', ROOM);
  project.generate();
  const kvetch = createKvetch({ schema: await project.kvetchSchema(), shards: memoryShards(2) });
  const { schema, model } = await project.plans();
  const engine = createEngine({ schema });
  const ada = await kvetch.createObject('User', { name: 'Ada' });
  const room = await kvetch.createObject('Room', { isOpen: true });
  const ask = async (source: string, variableValues: object = {}) => {
    const pent = new PentContext({ kvetch, model, viewer: { id: ada } });
    const { data, errors } = await engine.execute({
      document: parse(source),
      contextValue: { pent },
      variableValues: { ...variableValues },
    });
    return JSON.parse(
      JSON.stringify({ data, errors: errors?.map(({ message, path }) => `${path?.join('.')}: ${message}`) }),
    );
  };

  const sent = await ask(
    `mutation ($room: UUID!) { send(data: { text: "Zoë", room: $room }) { message { id text length author { name } room { isOpen } } } }`,
    { room },
  );
  assert.equal(sent.errors, undefined);
  const { id, ...message } = sent.data.send.message;
  assert.equal(message, { text: 'Zoë', length: 3, author: { name: 'Ada' }, room: { isOpen: true } });
  const list = await ask(
    `query ($id: UUID!) { user(id: $id) { messages { totalCount nodes { text } edges { cursor node { length } } pageInfo { hasNextPage } } } }`,
    { id: ada },
  );
  assert.is(list.data.user.messages.totalCount, 1);
  assert.is(list.data.user.messages.edges[0].node.length, 3);

  const cleared = await ask(`mutation ($id: UUID!) { edit(id: $id, data: { room: null }) { message { id } } }`, { id });
  assert.match(cleared.errors[0], /room is required/);
  assert.is((await kvetch.getObject(id))?.room, room);

  // The room is hidden from now on: the field that may not be null is the error, and the message is null.
  await kvetch.updateObject(room, { isOpen: false });
  const hidden = await ask(`query ($id: UUID!) { message(id: $id) { text room { isOpen } } }`, { id });
  assert.equal(hidden.data, { message: null });
  assert.equal(hidden.errors, ['message.room: Cannot return null for non-nullable field Message.room.']);
  assert.equal((await ask(`query ($id: UUID!) { message(id: $id) { text } }`, { id })).data, {
    message: { text: 'Zoë' },
  });
  project.remove();
});

test('code that compiles for a chain of 60 types', () => {
  const project = new TestProject();
  const types = Array.from({ length: 60 }, (_, n) => {
    const next = n < 59 ? `next: T${n + 1} @genFromStoredId` : '';
    const lists =
      n > 0
        ? `list(first: Int! = 10, after: UUID): [T${n - 1}!]! @edgeToStoredId(edgeName: "e${n}", edgeId: ${n}, field: "next")`
        : '';
    return `type T${n} @pent(typeId: ${n + 1}) @public { id: UUID! ${next} ${lists} }`;
  });
  project.write('schema/a.graphql', `${types.join('\n')}\ntype Query { first(id: UUID!): T0 @readPent }`);
  project.generate();
  assert.equal(project.typeErrors(['generated/plans.ts']), []);
  project.remove();
});

const MESSAGE = `import { allowAll, type Policy, type WriteHooks } from 'planql/pent';
import { MessageBase } from '../generated/pents.ts';

export class Message extends MessageBase {
  static override readonly privacy: Policy<Message, { readonly id: string }> = { write: [allowAll] };
  static override readonly hooks: WriteHooks<Message, { readonly id: string }> = {
    before: [({ kind, data }, { viewer }) => ({ ...data, ...(kind === 'create' && { author: viewer.id, length: [...String(data.text)].length }) })],
  };
}
`;
const ROOM = `import { allowIf, denyAll, type Policy } from 'planql/pent';
import { RoomBase } from '../generated/pents.ts';

export class Room extends RoomBase {
  static override readonly privacy: Policy<Room> = { read: [allowIf('open', ({ isOpen }) => isOpen), denyAll], write: [denyAll] };
}
`;

const byHand = `
extend schema @byDefault(access: "deny")
type User @pent(typeId: 1) @public {
  id: UUID!
  best: Note @custom
  top: [Note!]! @custom
  recent(first: Int! = 10, after: String): NoteConnection! @custom @connection
}
type Note @pent(typeId: 2) @public { id: UUID! text: String! }
type Query {
  user(id: UUID!): User @readPent
  found(text: String!, first: Int! = 10, after: String): NoteConnection! @custom @connection
}
`;

test('hand-written fields may give references, and connections are pages of them', () => {
  const { problems, files } = generate([{ name: 'schema/a.graphql', text: byHand }]);
  assert.equal(problems, []);
  const pents = files.get('generated/pents.ts') ?? '';
  assert.match(pents, 'abstract best(): MaybePromise<Note | Ref<Note> | null>;');
  assert.match(pents, 'abstract top(): MaybePromise<readonly (Note | Ref<Note>)[]>;');
  assert.match(
    pents,
    /recent\([\s\S]*: MaybePromise<\{ readonly refs: readonly Ref<Note>\[\]; readonly hasNextPage: boolean \}>;/,
  );
  const plans = files.get('generated/plans.ts') ?? '';
  assert.match(plans, "recent: method.connection(User, 'recent', Note),");
  assert.match(plans, "found: method.rootConnection(Query, 'found', Note),");
  const missing = byHand.replace('recent(first: Int! = 10, after: String)', 'recent(first: Int! = 10)');
  const told = generate([{ name: 'schema/a.graphql', text: missing }]).problems.map(({ message }) => message);
  assert.equal(told, ['User.recent is a connection, whose method finds parts of a list. Add after: String.']);
});

test.run();
