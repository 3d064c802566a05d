import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'graphql';
import { createEngine } from 'planql';
import { createKvetch, type Kvetch, memoryShards } from 'planql/kvetch';
import { PentContext, type PentModel } from 'planql/pent';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TestProject } from './project.ts';

const test = suite('a generated application');

const sdl = `
"Something with a title."
interface Titled { title: String! }
union Found = Issue | Label
scalar Money

type Issue implements Titled @pent(typeId: 1) {
  id: UUID!
  title: String!
  state_: State! @index(name: "issue_state")
  code: String @unique(name: "issue_code")
  price: Money
  extra: JSON
  due: DateTime
  parent: Issue @genFromStoredId
  about: Found @genFromStoredId(field: "aboutId")
  children(first: Int! = 2, after: String): IssueConnection! @edgeToStoredId(edgeName: "children", edgeId: 10, field: "parent") @connection
  labels(first: Int! = 10, after: UUID): [Label!]! @edge(name: "issue_labels", id: 11, inverse: "label_issues")
  shout(times: Int! = 1): String! @custom
  oldTitle: String @custom @deprecated(reason: "Use title.")
}
type IssueConnection { edges: [IssueEdge!]! nodes: [Issue!]! pageInfo: PageInfo! totalCount: Int! }
type IssueEdge { cursor: String! node: Issue! }
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
type Label implements Titled @pent(typeId: 2) {
  id: UUID!
  title: String!
  issues(first: Int! = 10, after: String): LabelIssues! @edge(name: "label_issues", id: 12, inverse: "issue_labels")
}
type LabelIssues { edges: [LabelIssue!]! pageInfo: PageInfo! totalCount: Int! }
type LabelIssue { cursor: String! node: Issue! data: JSON }
enum State { OPEN CLOSED }

type Query {
  issue(id: UUID!): Issue @readPent
  titled(id: UUID!): Titled @readPent
  found(id: UUID!): Found @readPent
  label(id: UUID!): Label @readPent
  issueByCode(code: String!): Issue @pentFromIndex(index: "issue_code")
  issuesByState(state_: State!, first: Int! = 10, after: UUID): [Issue!]! @pentFromIndex(index: "issue_state")
  browse(first: Int! = 10, after: UUID): [Issue!]! @browsePents
  ping: String! @custom
}
input CreateIssueData @pentMutationData { title: String! state_: State! = OPEN code: String parent: UUID aboutId: UUID extra: JSON due: DateTime price: Money }
input UpdateIssueData @pentMutationData { title: String state_: State parent: UUID }
input IssueIs { state_: [State] code: String }
type DeletePayload @pentMutationPayload { deletedId: UUID }
input CreateLabelData @pentMutationData { title: String! }
type IssuePayload @pentMutationPayload { issue: Issue }
type LabelPayload @pentMutationPayload { label: Label }
type Mutation {
  createIssue(data: CreateIssueData!, key: String @idempotent): IssuePayload! @createPent
  updateIssue(id: UUID!, data: UpdateIssueData!, ifVersion: Int @versioned, if: IssueIs @conditional): IssuePayload! @updatePent
  deleteIssue(id: UUID!, if: IssueIs @conditional): DeletePayload! @deletePent(type: "Issue")
  createLabel(data: CreateLabelData!): LabelPayload! @createPent
  addLabel(from: UUID!, to: UUID!, data: JSON): IssuePayload! @addEdge(edge: "issue_labels")
  removeLabel(from: UUID!, to: UUID!): IssuePayload! @removeEdge(edge: "issue_labels")
  poke(data: CreateLabelData!): String @customMutation
}`;

const project = new TestProject();
let kvetch: Kvetch;
let model: PentModel;
let engine: ReturnType<typeof createEngine>;

test.before(async () => {
  project.write('schema/issues.graphql', sdl);
  project.generate();
  kvetch = createKvetch({ schema: await project.kvetchSchema(), shards: memoryShards(2) });
});
test.after(() => project.remove());

test('all holes that nobody has filled are told of at start-up, with what to paste', async () => {
  const other = new TestProject();
  other.write('schema/issues.graphql', `${sdl}\nextend type Label @privacy(rule: "mine") { rank: Int @customGen }`);
  other.generate();
  for (const name of ['Issue', 'Label']) {
    const base = `import { ${name}Base } from '../generated/pents.ts';\n`;
    other.write(`pents/${name}.ts`, `${base}export class ${name} extends (${name}Base as any) {}\n`);
  }
  other.write('pents/Query.ts', 'export class Query {}\n');
  const error = await other.plans().catch((thrown) => thrown);
  assert.is(error.code, 'NOT_IMPLEMENTED');
  assert.is(
    error.message,
    `The schema leaves Issue.shout, Issue.oldTitle, Label.privacy, Label.rank, Query.ping to hand-written code, which is not there. Paste this, and fill it in:

// pents/Issue.ts, in class Issue
  override shout(_args: { readonly times: number }): string {
    throw new Error('Issue.shout is not implemented yet.');
  }

  override oldTitle(): string | null {
    throw new Error('Issue.oldTitle is not implemented yet.');
  }

// pents/Label.ts, in class Label
  /** The rule 'mine': until it is written, nobody may read or write its objects. */
  static override readonly privacy: Policy<Label> = { read: [denyAll], write: [denyAll] };

  static readonly rank: PlanResolver = () => {
    throw new Error('Label.rank is not implemented yet.');
  };

// pents/Query.ts, in class Query
  static ping(_args: Record<string, never>, _context: PentContext): string {
    throw new Error('Query.ping is not implemented yet.');
  }
`,
  );
  other.remove();
});

test('values of unions and interfaces are Pents, or plain objects that tell their types', async () => {
  const mixed = new TestProject();
  mixed.write(
    'schema/a.graphql',
    `type Note implements Named @pent(typeId: 1) @privacy(rule: "mine") { id: UUID! name: String! }
    type Taken implements Named & Problem { name: String! message: String! owner: Note }
    type Refused implements Problem { message: String! }
    interface Named { name: String! }
    interface Problem { message: String! }
    union Result = NotePayload | Taken | Refused
    union Thing = Note | Refused
    type NotePayload @pentMutationPayload { note: Note }
    input CreateNoteData @pentMutationData { name: String! }
    type Query {
      things: [Thing]! @custom
      named: [Named!]! @custom
      problem: Problem @custom
      planned: Thing @customGen
    }
    type Mutation {
      createNote(data: CreateNoteData!): NotePayload! @createPent
      takeName(data: CreateNoteData!): Result! @customMutation
    }`,
  );
  mixed.generate();
  mixed.write(
    'pents/Note.ts',
    `import { allowIf, denyAll, type Policy } from 'planql/pent';
import { NoteBase } from '../generated/pents.ts';
export class Note extends NoteBase {
  static override readonly privacy: Policy<Note> = { read: [allowIf('open', ({ name }) => name !== 'secret'), denyAll] };
}
`,
  );
  mixed.write(
    'pents/Query.ts',
    `import { constant, object, type PlanResolver } from 'planql';
import type { PentContext } from 'planql/pent';
import type { Named, Problem, Thing } from '../generated/types.ts';
import { Note } from './Note.ts';
export class Query {
  static async things(_args: Record<string, never>, context: PentContext): Promise<readonly (Thing | null)[]> {
    const notes = await Note.browse(context.unrestricted);
    return [...notes, { __typename: 'Refused', message: 'no' }, null, { message: 'untold' } as never];
  }
  static async named(_args: Record<string, never>, context: PentContext): Promise<readonly Named[]> {
    const notes = await Note.browse(context.unrestricted);
    return [{ __typename: 'Taken', name: 'plain', message: 'x', owner: notes[1] ?? null }, ...notes];
  }
  static problem(): Problem | null {
    return { __typename: 'Nonsense', message: 'x' } as never;
  }
  static readonly planned: PlanResolver = () => object({ __typename: constant('Refused'), message: constant('planned') });
}
`,
  );
  mixed.write(
    'pents/Mutation.ts',
    `import { createPent, type PentContext } from 'planql/pent';
import type { CreateNoteData, Result } from '../generated/types.ts';
import { Note } from './Note.ts';
export class Mutation {
  static async takeName({ data }: { readonly data: CreateNoteData }, context: PentContext): Promise<Result> {
    if (data.name === '') return { __typename: 'Refused', message: 'A name is needed.' };
    const [owner] = (await Note.browse(context)).filter(({ name }) => name === data.name);
    if (owner !== undefined) return { __typename: 'Taken', name: data.name, message: 'Taken.', owner };
    return { __typename: 'NotePayload', note: await createPent(context, Note, data) };
  }
}
`,
  );
  const plans = await mixed.plans();
  const store = createKvetch({ schema: await mixed.kvetchSchema(), shards: memoryShards(2) });
  for (const name of ['open', 'secret']) await store.createObject('Note', { name });
  const { objects } = await store.browse('Note');
  const notes = objects.map((note) =>
    'name' in note && note.name === 'open' ? { __typename: 'Note', name: 'open' } : null,
  );
  const mixedEngine = createEngine({ schema: plans.schema });
  const run = async (source: string): Promise<{ data: unknown; messages: readonly string[] }> => {
    const context = { pent: new PentContext({ kvetch: store, model: plans.model, viewer: null }) };
    const { data, errors = [] } = await mixedEngine.execute({ document: parse(source), contextValue: context });
    return { data: JSON.parse(JSON.stringify(data)), messages: errors.map(({ message }) => message) };
  };
  const things = await run(
    '{ things { __typename ... on Note { name } ... on Refused { message } } planned { __typename ... on Refused { message } } }',
  );
  assert.equal(things.data, {
    // What the viewer may not read is null, as what is absent is, and what does not tell its type is an error.
    things: [...notes, { __typename: 'Refused', message: 'no' }, null, null],
    planned: { __typename: 'Refused', message: 'planned' },
  });
  assert.equal(things.messages, [
    'A value of an interface or union is no Pent, and has no "__typename". Return { __typename: "…", … }.',
  ]);
  assert.equal(await run('{ named { __typename name ... on Taken { message owner { name } } } }'), {
    data: {
      named: [
        { __typename: 'Taken', name: 'plain', message: 'x', owner: null },
        { __typename: 'Note', name: 'open' },
      ],
    },
    messages: [],
  });
  const nonsense = await run('{ problem { message } }');
  assert.equal(nonsense.data, { problem: null });
  assert.match(String(nonsense.messages), '"Problem" was resolved to a type "Nonsense" that does not exist');
  const take = (name: string) =>
    run(
      `mutation { takeName(data: { name: "${name}" }) { __typename ... on NotePayload { note { name } } ... on Taken { name owner { name } } ... on Problem { message } } }`,
    );
  const answers = [];
  for (const name of ['', 'new', 'new', 'secret'])
    answers.push(((await take(name)).data as { takeName: unknown }).takeName);
  assert.equal(answers, [
    { __typename: 'Refused', message: 'A name is needed.' },
    { __typename: 'NotePayload', note: { name: 'new' } },
    { __typename: 'Taken', name: 'new', owner: { name: 'new' }, message: 'Taken.' },
    // It is there, and nobody tells.
    { __typename: 'NotePayload', note: null },
  ]);
  mixed.remove();
});

test('fields of @customGen are planned by the static plan resolvers of their names', async () => {
  const planned = new TestProject();
  planned.write(
    'schema/a.graphql',
    `type Note @pent(typeId: 1) { id: UUID! text: String loud(mark: String! = "!"): String @customGen }
    type Query { note(id: UUID!): Note @readPent first: Note @customGen }`,
  );
  planned.generate();
  const open = (): Promise<string> =>
    planned.plans().then(
      () => 'it starts',
      (error: Error) => error.message,
    );
  planned.write('pents/Query.ts', 'export class Query {}\n');
  assert.match(await open(), 'The schema leaves Query.first to hand-written code, which is not there.');

  const written = new TestProject();
  written.write('schema/a.graphql', readFileSync(join(planned.folder, 'schema/a.graphql'), 'utf8'));
  written.generate();
  written.write(
    'pents/Query.ts',
    `import { access, type PlanResolver } from 'planql';
import { browsePents } from 'planql/pent';
import { Note } from './Note.ts';
export class Query {
  static readonly first: PlanResolver = () => access(browsePents(Note) as never, 0);
}
`,
  );
  written.write(
    'pents/Note.ts',
    `import { fn, get, lambda, list, type PlanResolver } from 'planql';
import { NoteBase } from '../generated/pents.ts';
const shout = fn('test.shout', ([text, mark]: any) => text.toUpperCase() + mark);
export class Note extends NoteBase {
  static readonly loud: PlanResolver = ($note, { $mark }) => lambda(list([get($note, 'text'), $mark]) as any, shout);
}
`,
  );
  const plans = await written.plans();
  const store = createKvetch({ schema: await written.kvetchSchema(), shards: memoryShards(1) });
  await store.createObject('Note', { text: 'quiet' });
  const { data, errors } = await createEngine({ schema: plans.schema }).execute({
    document: parse('{ first { text loud more: loud(mark: "?") } }'),
    contextValue: { pent: new PentContext({ kvetch: store, model: plans.model, viewer: null }) },
  });
  assert.is(errors, undefined);
  assert.equal(JSON.parse(JSON.stringify(data)), { first: { text: 'quiet', loud: 'QUIET!', more: 'QUIET?' } });
  for (const project of [planned, written]) project.remove();
});

test('hand-written code takes a generated field over: one directive, one method, and what it stores stays stored', async () => {
  const shelves = (
    books: string,
    shelf: string,
  ): string => `type Shelf @pent(typeId: 1) { id: UUID! label: String ${books} }
    type Book @pent(typeId: 2) { id: UUID! title: String ${shelf} }
    type Query { shelf(id: UUID!): Shelf @readPent book(id: UUID!): Book @readPent }
    input CreateBookData @pentMutationData { title: String shelf: UUID }
    type BookPayload @pentMutationPayload { book: Book }
    type Mutation { createBook(data: CreateBookData!): BookPayload! @createPent }`;
  const edge = '@edgeToStoredId(edgeName: "books", edgeId: 10, field: "shelf")';
  const generated = new TestProject();
  generated.write(
    'schema/a.graphql',
    shelves(`books(first: Int! = 10, after: UUID): [Book!]! ${edge}`, 'shelf: Shelf @genFromStoredId'),
  );
  generated.generate();
  const shards = memoryShards(2);
  const before = createKvetch({ schema: await generated.kvetchSchema(), shards });
  const id = await before.createObject('Shelf', { label: 'A' });
  await before.createObject('Book', { title: 'Emma', shelf: id });

  const taken = new TestProject();
  taken.write('grapple.lock.json', readFileSync(join(generated.folder, 'grapple.lock.json'), 'utf8'));
  taken.write(
    'schema/a.graphql',
    shelves(
      `books(first: Int! = 10, after: UUID, like: String = ""): [Book!]! ${edge} @custom`,
      'shelf: Shelf! @custom @genFromStoredId',
    ),
  );
  taken.generate();
  taken.write(
    'pents/Shelf.ts',
    `import { readEdgeList } from 'planql/pent';
import { ShelfBase } from '../generated/pents.ts';
import type { Book } from './Book.ts';
export class Shelf extends ShelfBase {
  override async books({ like, ...page }: { first: number; after?: string | null; like: string | null }) {
    const books = await readEdgeList<Book>(this, 'books', page);
    return books.filter(({ title }) => title?.includes(like ?? ''));
  }
}
`,
  );
  taken.write(
    'pents/Book.ts',
    `import { BookBase } from '../generated/pents.ts';
import { Shelf } from './Shelf.ts';
export class Book extends BookBase {
  override async shelf(): Promise<Shelf> { return Shelf.getX(this.$context, String(this.shelfId)); }
}
`,
  );
  const plans = await taken.plans();
  const store = createKvetch({ schema: await taken.kvetchSchema(), shards });
  const run = async (source: string): Promise<unknown> => {
    const { data, errors } = await createEngine({ schema: plans.schema }).execute({
      document: parse(source),
      variableValues: { id },
      contextValue: { pent: new PentContext({ kvetch: store, model: plans.model, viewer: null }) },
    });
    assert.is(errors, undefined);
    return JSON.parse(JSON.stringify(data));
  };
  await run('mutation ($id: UUID!) { createBook(data: { title: "Mort", shelf: $id }) { book { title } } }');
  assert.equal(
    await run(
      'query ($id: UUID!) { shelf(id: $id) { books { title shelf { label } } like: books(like: "E") { title } } }',
    ),
    {
      shelf: {
        books: [
          { title: 'Emma', shelf: { label: 'A' } },
          { title: 'Mort', shelf: { label: 'A' } },
        ],
        like: [{ title: 'Emma' }],
      },
    },
  );
  for (const project of [generated, taken]) project.remove();
});

test('a type that is marked with @privacy is hidden until its rule is written, and cannot lose it', async () => {
  const secret = new TestProject();
  secret.write(
    'schema/a.graphql',
    `type Note @pent(typeId: 1) @privacy(rule: "onlyMine") { id: UUID! text: String }
    type Query { note(id: UUID!): Note @readPent }`,
  );
  secret.generate();
  const plans = await secret.plans();
  const store = createKvetch({ schema: await secret.kvetchSchema(), shards: memoryShards(1) });
  const id = await store.createObject('Note', { text: 'x' });
  const { data, errors } = await createEngine({ schema: plans.schema }).execute({
    document: parse('query ($id: UUID!) { note(id: $id) { text } }'),
    variableValues: { id },
    contextValue: { pent: new PentContext({ kvetch: store, model: plans.model, viewer: null }) },
  });
  assert.is(errors, undefined);
  assert.is(data?.note, null);

  const open = new TestProject();
  open.write('schema/a.graphql', readFileSync(join(secret.folder, 'schema/a.graphql'), 'utf8'));
  open.generate();
  open.write(
    'pents/Note.ts',
    "import { NoteBase } from '../generated/pents.ts';\nexport class Note extends NoteBase {}\n",
  );
  const message = await open.plans().then(String, (error: Error) => error.message);
  assert.match(message, 'The schema leaves Note.privacy to hand-written code, which is not there.');
  secret.remove();
  open.remove();
});

test('it starts with its holes filled', async () => {
  project.write(
    'pents/Issue.ts',
    `import { IssueBase } from '../generated/pents.ts';
export class Issue extends IssueBase {
  override shout({ times }: { readonly times: number }): string { return this.title.toUpperCase() + '!'.repeat(times); }
  override oldTitle(): string | null { return this.title; }
}\n`,
  );
  project.write('pents/Query.ts', `export class Query { static ping(): string { return 'pong'; } }\n`);
  project.write(
    'pents/Mutation.ts',
    `export class Mutation { static poke({ data }: any): string { return data.title; } }\n`,
  );
  const plans = await project.plans();
  model = plans.model;
  engine = createEngine({ schema: plans.schema });
});

// biome-ignore lint/suspicious/noExplicitAny: a response has the shape of its query
async function ask(query: string, variableValues: Record<string, unknown> = {}): Promise<any> {
  const contextValue = { pent: new PentContext({ kvetch, model, viewer: null }) };
  const { data, errors } = await engine.execute({ document: parse(query), variableValues, contextValue });
  assert.is(errors, undefined, JSON.stringify(errors));
  return JSON.parse(JSON.stringify(data));
}

async function create(type: string, data: object, key: string | null = null): Promise<string> {
  const field = type.toLowerCase();
  const [extra, arg] = type === 'Issue' ? [', $key: String', ', key: $key'] : ['', ''];
  const query = `mutation ($data: Create${type}Data!${extra}) { written: create${type}(data: $data${arg}) { ${field} { id } } }`;
  return (await ask(query, { data, key })).written[field].id;
}

test('scalars, enums, defaults, custom fields and abstract types', async () => {
  const label = await create('Label', { title: 'urgent' });
  const data = { title: 'a', extra: { x: [1] }, due: '2026-01-02T03:04:05Z', aboutId: label, price: 7, code: 'A-1' };
  const id = await create('Issue', data);
  const query = `{ issueByCode(code: "A-1") { id title state_ extra due price shout(times: 2) oldTitle about { __typename ... on Label { title } } } ping }`;
  assert.equal(await ask(query), {
    issueByCode: {
      ...{ id, title: 'a', state_: 'OPEN', extra: { x: [1] }, due: '2026-01-02T03:04:05.000Z', price: 7 },
      ...{ shout: 'A!!', oldTitle: 'a', about: { __typename: 'Label', title: 'urgent' } },
    },
    ping: 'pong',
  });
  const both =
    'query ($i: UUID!, $l: UUID!) { a: titled(id: $i) { __typename title } b: found(id: $l) { __typename } }';
  assert.equal(await ask(both, { i: id, l: label }), {
    a: { __typename: 'Issue', title: 'a' },
    b: { __typename: 'Label' },
  });
  assert.equal(await ask('{ issuesByState(state_: OPEN) { title } }'), { issuesByState: [{ title: 'a' }] });
  assert.equal(await ask('mutation { poke(data: { title: "x" }) }'), { poke: 'x' });
});

test('a connection with its count, page by page', async () => {
  const parent = await create('Issue', { title: 'parent' });
  for (const title of ['1', '2', '3']) await create('Issue', { title, parent });
  const query = `query ($id: UUID!, $after: String) { issue(id: $id) { children(after: $after) {
    totalCount nodes { title } edges { node { title } cursor } pageInfo { hasNextPage hasPreviousPage endCursor } } } }`;
  const { children } = (await ask(query, { id: parent })).issue;
  assert.is(children.totalCount, 3);
  assert.equal(children.nodes, [{ title: '1' }, { title: '2' }]);
  assert.equal(
    children.edges.map((edge: { node: object }) => edge.node),
    children.nodes,
  );
  assert.is(children.pageInfo.hasNextPage, true);
  assert.is(children.pageInfo.endCursor, children.edges[1].cursor);
  const rest = (await ask(query, { id: parent, after: children.pageInfo.endCursor })).issue.children;
  assert.equal(rest.nodes, [{ title: '3' }]);
  assert.equal([rest.pageInfo.hasNextPage, rest.pageInfo.hasPreviousPage], [false, true]);
});

test('an edge is added and removed in both directions, with its data', async () => {
  const issue = await create('Issue', { title: 'i' });
  const label = await create('Label', { title: 'l' });
  const variables = { issue, label, data: { by: 'ada' } };
  const add =
    'mutation ($issue: UUID!, $label: UUID!, $data: JSON) { addLabel(from: $issue, to: $label, data: $data) { issue { labels { title } } } }';
  for (const _twice of [1, 2]) {
    assert.equal(await ask(add, variables), { addLabel: { issue: { labels: [{ title: 'l' }] } } });
  }
  const back = 'query ($label: UUID!) { label(id: $label) { issues { totalCount edges { data node { title } } } } }';
  assert.equal(await ask(back, variables), {
    label: { issues: { totalCount: 1, edges: [{ data: { by: 'ada' }, node: { title: 'i' } }] } },
  });
  const remove =
    'mutation ($issue: UUID!, $label: UUID!) { removeLabel(from: $issue, to: $label) { issue { labels { title } } } }';
  assert.equal(await ask(remove, variables), { removeLabel: { issue: { labels: [] } } });
  assert.equal(await ask(back, variables), { label: { issues: { totalCount: 0, edges: [] } } });
});

test('a create with a key is done once, an update of another version not at all', async () => {
  const id = await create('Issue', { title: 'once' }, 'key-1');
  assert.is(await create('Issue', { title: 'once' }, 'key-1'), id);
  const update = parse(
    'mutation ($id: UUID!, $v: Int) { updateIssue(id: $id, data: { title: "x" }, ifVersion: $v) { issue { title } } }',
  );
  const contextValue = { pent: new PentContext({ kvetch, model, viewer: null }) };
  const { errors } = await engine.execute({ document: update, variableValues: { id, v: 9 }, contextValue });
  assert.is(errors?.[0]?.extensions.code, 'CONFLICT');
});

test('an update and a delete with conditions, which lists and null widen', async () => {
  const contextValue = () => ({ pent: new PentContext({ kvetch, model, viewer: null }) });
  const write = async (source: string, variableValues: object): Promise<unknown> => {
    const given = { document: parse(source), variableValues: { ...variableValues }, contextValue: contextValue() };
    const { data, errors = [] } = await engine.execute(given);
    const [error] = errors;
    return error === undefined ? JSON.parse(JSON.stringify(data)) : [error.extensions.code, error.extensions.field];
  };
  const id = await create('Issue', { title: 'held', state_: 'OPEN' });
  const change =
    'mutation ($id: UUID!, $if: IssueIs, $to: State) { updateIssue(id: $id, data: { state_: $to }, if: $if) { issue { state_ } } }';
  const closed = { updateIssue: { issue: { state_: 'CLOSED' } } };
  assert.equal(await write(change, { id, to: 'CLOSED', if: { state_: ['CLOSED'] } }), ['CONDITION_FAILED', 'state_']);
  assert.equal(await write(change, { id, to: 'CLOSED', if: { state_: [] } }), ['CONDITION_FAILED', 'state_']);
  assert.equal(await write(change, { id, to: 'CLOSED', if: { code: 'X' } }), ['CONDITION_FAILED', 'code']);
  assert.equal(await write(change, { id, to: 'CLOSED', if: { code: null, state_: ['OPEN', null] } }), closed);
  assert.equal(await write(change, { id, to: 'CLOSED', if: null }), closed);
  assert.equal(await write(change, { id, to: 'CLOSED' }), closed);
  const remove = 'mutation ($id: UUID!, $if: IssueIs) { deleteIssue(id: $id, if: $if) { deletedId } }';
  assert.equal(await write(remove, { id, if: { state_: ['OPEN'] } }), ['CONDITION_FAILED', 'state_']);
  assert.equal(await write(remove, { id, if: { state_: ['CLOSED'] } }), { deleteIssue: { deletedId: id } });
});

test('a payload of several objects, for a unit that is written by hand', async () => {
  const sale = new TestProject();
  sale.write(
    'schema/a.graphql',
    `type Lamp @pent(typeId: 1) { id: UUID! status: String! }
    type Offer @pent(typeId: 2) @privacy(rule: "mine") { id: UUID! lamp: Lamp @genFromStoredId status: String! }
    type AcceptPayload @pentMutationPayload { offer: Offer lamp: Lamp! others: [Offer!]! }
    input AcceptData @pentMutationData { offer: UUID! lamp: UUID! other: UUID! key: String }
    type Query { lamp(id: UUID!): Lamp @readPent }
    type Mutation { accept(data: AcceptData!): AcceptPayload @customMutation }
    extend schema @byDefault(access: "allow")`,
  );
  sale.generate();
  sale.write(
    'pents/Offer.ts',
    `import { allowAll, denyIf, type Policy } from 'planql/pent';
import { OfferBase } from '../generated/pents.ts';
export class Offer extends OfferBase {
  static override readonly privacy: Policy<Offer> = { read: [denyIf('hidden', ({ status }) => status === 'HIDDEN'), allowAll] };
}
`,
  );
  sale.write(
    'pents/Mutation.ts',
    `import { member, type PentContext, writeTogether } from 'planql/pent';
import type { AcceptData, AcceptPayload } from '../generated/types.ts';
import { Lamp } from './Lamp.ts';
import { Offer } from './Offer.ts';
export class Mutation {
  static async accept({ data }: { readonly data: AcceptData }, context: PentContext): Promise<AcceptPayload | null> {
    const [offer, lamp, other] = await writeTogether(
      context,
      [
        member.update(Offer, data.offer, { status: 'ACCEPTED' }, { if: { status: 'OPEN' } }),
        member.update(Lamp, data.lamp, { status: 'SOLD' }, { if: { status: 'OPEN' } }),
        member.update(Offer, data.other, { status: 'HIDDEN' }),
      ],
      { idempotencyKey: data.key ?? undefined },
    );
    if (lamp === null) return null;
    return { offer, lamp, others: other === null ? [] : [other] };
  }
}
`,
  );
  const plans = await sale.plans();
  const store = createKvetch({ schema: await sale.kvetchSchema(), shards: memoryShards(2) });
  const lamp = await store.createObject('Lamp', { status: 'OPEN' });
  const [offer, other] = await Promise.all([1, 2].map(() => store.createObject('Offer', { lamp, status: 'OPEN' })));
  const document = parse(
    'mutation ($data: AcceptData!) { accept(data: $data) { offer { id status lamp { status } } lamp { status } others { id } } }',
  );
  const accept = async (key: string): Promise<unknown> => {
    const variableValues = { data: { offer, lamp, other, key } };
    const contextValue = { pent: new PentContext({ kvetch: store, model: plans.model, viewer: { id: 'me' } }) };
    const given = { document, variableValues, contextValue };
    const { data, errors = [] } = await createEngine({ schema: plans.schema }).execute(given);
    return errors[0]?.extensions ?? JSON.parse(JSON.stringify(data)).accept;
  };
  const sold = {
    offer: { id: offer, status: 'ACCEPTED', lamp: { status: 'SOLD' } },
    lamp: { status: 'SOLD' },
    others: [],
  };
  assert.equal(await accept('one'), sold);
  assert.equal(await accept('one'), sold);
  assert.equal(await accept('two'), { code: 'NOT_FOUND', member: 2 });
  sale.remove();
});

test('a key that was used for other data is told as such', async () => {
  const create = (title: string) =>
    engine.execute({
      document: parse(`mutation { createIssue(data: { title: "${title}" }, key: "once") { issue { title } } }`),
      contextValue: { pent: new PentContext({ kvetch, model, viewer: null }) },
    });
  assert.is((await create('first')).errors, undefined);
  assert.is((await create('first')).errors, undefined);
  const [error] = (await create('second')).errors ?? [];
  assert.is(error?.message, 'This key was used to create another Issue. Use a new one.');
  assert.equal(error?.extensions, { code: 'CONFLICT' });
});

test('a client may read what is wrong with the page that it asks for, on every road', async () => {
  const issue = await kvetch.createObject('Issue', { title: 'one', state_: 'OPEN' });
  const contextValue = { pent: new PentContext({ kvetch, model, viewer: null }) };
  const roads = [
    `issuesByState(state_: OPEN, first: -1) { id }`,
    `issue(id: "${issue}") { children(first: -1) { nodes { id } } }`,
    `issue(id: "${issue}") { children(after: "nonsense") { nodes { id } } }`,
    `issue(id: "${issue}") { labels(first: -1) { id } }`,
    `browse(first: -1) { id }`,
  ];
  for (const road of roads) {
    const { errors = [] } = await engine.execute({ document: parse(`{ ${road} }`), contextValue });
    assert.equal(
      errors.map((error) => [error.originalError?.name, error.extensions.code]),
      [['SafeError', road.includes('nonsense') ? 'BAD_CURSOR' : 'BAD_PAGE']],
      road,
    );
  }
});

test.run();
