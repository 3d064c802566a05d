/** What no rule allows: denied where the schema says so, and told of where it says nothing. */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { generate, printProblem } from '../../src/grapple.ts';
import { createEngine } from '../../src/index.ts';
import { createKvetch, memoryShards } from '../../src/kvetch.ts';
import { PentContext } from '../../src/pent.ts';
import { TestProject } from './project.ts';

const test = suite('denied unless said');

const types = `
type User @pent(typeId: 1) @privacy(rule: "oneself") {
  id: UUID!
  name: String!
  notes(first: Int! = 10, after: String): NoteConnection! @edgeToStoredId(edgeName: "notes", edgeId: 10, field: "ownerId")
}
type Note @pent(typeId: 2) @sameAs(field: "owner") {
  id: UUID!
  text: String
  owner: User @genFromStoredId(field: "ownerId")
}
type Word @pent(typeId: 3) @public { id: UUID! text: String }
type NoteConnection { nodes: [Note!]! edges: [NoteEdge!]! pageInfo: PageInfo! totalCount: Int! }
type NoteEdge { cursor: String! node: Note! }
type PageInfo { hasNextPage: Boolean! endCursor: String hasPreviousPage: Boolean! startCursor: String }
type Query {
  user(id: UUID!): User @readPent
  note(id: UUID!): Note @readPent
  word(id: UUID!): Word @readPent
}
type Mutation {
  updateUser(id: UUID!, data: UpdateUserData!): UserPayload! @updatePent
  deleteUser(id: UUID!): DeletePayload! @deletePent(type: "User")
  createWord(data: CreateWordData!): WordPayload! @createPent
  updateWord(id: UUID!, data: UpdateWordData!): WordPayload! @updatePent
}
input UpdateUserData @pentMutationData { name: String }
type UserPayload @pentMutationPayload { user: User }
input CreateWordData @pentMutationData { text: String }
input UpdateWordData @pentMutationData { text: String }
type WordPayload @pentMutationPayload { word: Word }
type DeletePayload @pentMutationPayload { deletedId: UUID }
`;

const warningsOf = (text: string): readonly string[] =>
  generate([{ name: 's.graphql', text }]).warnings.map(printProblem);

test('the rules of the schema hold, and what has none is denied', async () => {
  const project = new TestProject();
  project.write('schema/a.graphql', `extend schema @byDefault(access: "deny")\n${types}`);
  const policy = (type: string, rules: string): string =>
    `import { allowIf } from 'planql/pent';
import { ${type}Base } from '../generated/pents.ts';
export class ${type} extends ${type}Base {
  static override readonly privacy = { ${rules} };
}
`;
  project.write(
    'pents/User.ts',
    policy('User', "read: [allowIf('oneself', ({ name }, { viewer }) => name === viewer)]"),
  );
  project.write('pents/Word.ts', policy('Word', "create: [allowIf('ann', (_change, { viewer }) => viewer === 'ann')]"));
  const { lacking } = project.generate();
  assert.equal(lacking, []);
  const { schema, model } = await project.plans();
  const engine = createEngine({ schema });
  const kvetch = createKvetch({ schema: await project.kvetchSchema(), shards: memoryShards(1) });
  const ann = await kvetch.createObject('User', { name: 'ann' });
  const note = await kvetch.createObject('Note', { text: 'secret', ownerId: ann });
  const word = await kvetch.createObject('Word', { text: 'yes' });
  const ask = async (viewer: string, text: string): Promise<unknown> => {
    const { data, errors } = await engine.execute({
      document: parse(text),
      contextValue: { pent: new PentContext({ kvetch, model, viewer }) },
    });
    return errors === undefined ? data : errors.map(({ extensions }) => extensions.code);
  };
  const read = `{
    user(id: "${ann}") { name notes { totalCount nodes { text } } }
    note(id: "${note}") { text owner { name } }
    word(id: "${word}") { text }
  }`;
  assert.equal(await ask('ann', read), {
    user: { name: 'ann', notes: { totalCount: 1, nodes: [{ text: 'secret' }] } },
    note: { text: 'secret', owner: { name: 'ann' } },
    word: { text: 'yes' },
  });
  assert.equal(await ask('eve', read), { user: null, note: null, word: { text: 'yes' } });
  const denied = ['FORBIDDEN'];
  // A policy with "read" alone.
  assert.equal(
    await ask('ann', `mutation { updateUser(id: "${ann}", data: { name: "eve" }) { user { name } } }`),
    denied,
  );
  assert.equal(await ask('ann', `mutation { deleteUser(id: "${ann}") { deletedId } }`), denied);
  assert.equal(await ask('eve', `mutation { updateUser(id: "${ann}", data: {}) { user { name } } }`), ['NOT_FOUND']);
  // A policy for creates alone.
  assert.equal(await ask('ann', 'mutation { createWord(data: { text: "no" }) { word { text } } }'), {
    createWord: { word: { text: 'no' } },
  });
  assert.equal(await ask('eve', 'mutation { createWord(data: { text: "no" }) { word { text } } }'), denied);
  assert.equal(await ask('ann', `mutation { updateWord(id: "${word}", data: {}) { word { text } } }`), denied);
  project.remove();
});

test('a class whose objects a mutation writes must say who may', () => {
  const project = new TestProject();
  project.write('schema/a.graphql', `extend schema @byDefault(access: "deny")\n${types}`);
  project.write(
    'pents/Word.ts',
    "import { WordBase } from '../generated/pents.ts';\nexport class Word extends WordBase {}\n",
  );
  const [lack] = project.generate().lacking;
  assert.match(lack?.text ?? '', 'pents/Word.ts lacks Word.privacy. Paste this into class Word');
  assert.match(lack?.text ?? '', 'static override readonly privacy: Policy<Word> = { write: [denyAll] };');
  project.remove();
});

test('fields with a rule are seen as the class says', async () => {
  const project = new TestProject();
  const field = 'name: String! phone: String @index @visible(rule: "oneself")';
  project.write(
    'schema/a.graphql',
    `extend schema @byDefault(access: "deny")\n${types.replace('name: String!', field)}
    extend type Query { byPhone(phone: String!): User @pentFromIndex(index: "user_phone") }`,
  );
  const write = (rules: string): void =>
    project.write(
      'pents/User.ts',
      `import { allowAll, allowIf, denyAll, type Policy } from 'planql/pent';
import { UserBase } from '../generated/pents.ts';
export class User extends UserBase {
  static override readonly privacy: Policy<User> = { read: [allowAll], write: [denyAll]${rules} };
}
`,
    );
  write('');
  const [lack] = project.generate().lacking;
  assert.match(lack?.text ?? '', 'pents/User.ts lacks User.privacy.fields.');
  assert.match(lack?.text ?? '', 'static override readonly privacy: Policy<User> = { fields: { phone: [denyAll] } };');
  write(", fields: { phone: [allowIf('oneself', ({ name }, { viewer }) => name === viewer)] }");
  assert.equal(
    project.generate().lacking.filter(({ path }) => path === 'pents/User.ts'),
    [],
  );
  project.write(
    'pents/Word.ts',
    "import { WordBase } from '../generated/pents.ts';\nexport class Word extends WordBase { static override readonly privacy = { write: [] }; }\n",
  );
  const { schema, model } = await project.plans();
  const engine = createEngine({ schema });
  const kvetch = createKvetch({ schema: await project.kvetchSchema(), shards: memoryShards(1) });
  await kvetch.createObject('User', { name: 'ann', phone: '123' });
  const bob = await kvetch.createObject('User', { name: 'bob', phone: '123' });
  const ask = async (viewer: string): Promise<unknown> => {
    const document = parse(`{ byPhone(phone: "123") { name phone } user(id: "${bob}") { name phone } }`);
    const contextValue = { pent: new PentContext({ kvetch, model, viewer }) };
    return JSON.parse(await engine.executeToString({ document, contextValue })).data;
  };
  const shown = { name: 'bob', phone: '123' };
  assert.equal(await ask('bob'), { byPhone: shown, user: shown });
  assert.equal(await ask('eve'), { byPhone: null, user: { name: 'bob', phone: null } });
  project.remove();
});

test('the schema of clients knows nothing of it', () => {
  const { files } = generate([{ name: 's.graphql', text: `extend schema @byDefault(access: "deny")\n${types}` }]);
  assert.not.match(files.get('generated/schema.graphql') ?? '', /schema|@/);
  assert.match(files.get('generated/plans.ts') ?? '', "byDefault: 'deny',");
});

test('a schema without a default is open, as ever, and warned of', () => {
  const open = 'type Note @pent(typeId: 1) { id: UUID! }\ntype Query { note(id: UUID!): Note @readPent }';
  const both = `${open}\ntype Text @pent(typeId: 2) { id: UUID! }\ntype Word @pent(typeId: 3) @public { id: UUID! }`;
  const rest =
    'Add @public, @sameAs(field: "…") or @privacy(rule: "…"), and extend schema @byDefault(access: "deny"). To leave them open: extend schema @byDefault(access: "allow").';
  assert.equal(warningsOf(open), [
    `s.graphql:1:1 - Note does not say who may read it, so that everybody may, and write, too. ${rest}`,
  ]);
  assert.equal(warningsOf(both), [
    `s.graphql:1:1 - Note, Text do not say who may read them, so that everybody may, and write, too. ${rest}`,
  ]);
  assert.equal(warningsOf(types), [
    's.graphql:2:1 - The schema does not say what happens to writes for which there is no rule: everybody may do them. Add extend schema @byDefault(access: "deny"). To leave them open: extend schema @byDefault(access: "allow").',
  ]);
  assert.equal(warningsOf(`${both}\nextend schema @byDefault(access: "allow")`), []);
  assert.equal(warningsOf('type Query { x: Int @custom }'), []);
  assert.not.match(generate([{ name: 's.graphql', text: open }]).files.get('generated/plans.ts') ?? '', 'byDefault');
});

test.run();
