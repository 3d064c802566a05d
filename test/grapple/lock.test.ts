import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { generate } from '../../src/grapple/generate.ts';
import { emptyLock, type Lock, parseLock, printLock } from '../../src/grapple/lock/Lock.ts';
import { printProblem } from '../../src/grapple/parse/Problems.ts';

const test = suite('the lock file');

const run = (text: string, lock: Lock) => generate([{ name: 's.graphql', text: `${text}\n${query}` }], { lock });
const query = 'type Query { x: Int @custom }';
const list = (args = '') =>
  `lists(first: Int! = 10, after: UUID): [List!]! @edgeToStoredId(edgeName: "lists", edgeId: 10, field: "owner"${args})`;
const before = `type User @pent(typeId: 1) { id: UUID! name: String! age: Int @index ${list()} }
type List @pent(typeId: 2) { id: UUID! owner: User @genFromStoredId }
type Note @pent(typeId: 3) { id: UUID! text: String }`;

function lockOf(text: string, lock: Lock = emptyLock): Lock {
  const generated = run(text, lock);
  assert.equal(generated.problems, []);
  return generated.lock as Lock;
}

/** What a change means: the problems, or else what is told. */
function meaning(text: string, lock: Lock = lockOf(before)): readonly string[] {
  const { problems, changes } = run(text, lock);
  return problems.length > 0 ? problems.map(printProblem) : changes.map(({ effect, text }) => `${effect}: ${text}`);
}

test('a first run has nothing to tell, nor has a run without changes', () => {
  assert.equal(run(before, emptyLock).changes, []);
  assert.equal(run(before, lockOf(before)).changes, []);
  assert.equal(lockOf(before, lockOf(before)), lockOf(before));
});

test('it survives being written and read, and a broken one is no empty one', () => {
  const lock = lockOf(before);
  assert.equal(parseLock(printLock(lock)), lock);
  assert.equal(parseLock(null), emptyLock);
  for (const text of ['', '{', '{}', '[]', '<<<<<<< HEAD']) assert.throws(() => parseLock(text), /is no lock file/);
});

const changes: readonly (readonly [title: string, from: string, to: string, meaning: readonly string[]])[] = [
  [
    'a new type',
    '',
    '\ntype Tag @pent(typeId: 4) { id: UUID! }',
    ['none: The type Tag (4) is new. There is nothing to do.'],
  ],
  [
    'a type id of another type',
    'Note @pent',
    'Memo @pent',
    [
      's.graphql:3:6 - Memo has the type id 3 of Note, whose objects it would take over. Take another id; if Note is called Memo now, add @renamed(from: "Note").',
    ],
  ],
  [
    'a renamed type',
    'Note @pent(typeId: 3)',
    'Memo @pent(typeId: 3) @renamed(from: "Note")',
    [
      'none: The type Note is called Memo now. Its objects need nothing; pents/Note.ts and its class need the new name.',
    ],
  ],
  [
    'another type id',
    'typeId: 3',
    'typeId: 5',
    ['s.graphql:3:6 - Note has the type id 5, and had 3: its objects would be lost. Give it 3 again.'],
  ],
  [
    'a removed type',
    'type Note @pent(typeId: 3) { id: UUID! text: String }',
    '',
    ['tell: The type Note (3) is gone. Its objects stay stored, and pents/Note.ts may be deleted.'],
  ],
  [
    'a new field',
    'text: String',
    'text: String color: Int',
    ['none: Note.color is new. Stored objects have null there.'],
  ],
  [
    'a new field that is required',
    'text: String',
    'text: String color: Int!',
    [
      'tell: Note.color is new and required, but stored objects have none: reading it there fails. Make it nullable, or write it to all objects.',
    ],
  ],
  [
    'a removed field',
    'name: String! ',
    '',
    ['tell: User.name is gone. Its values stay stored, and come back with a field of this name and type.'],
  ],
  [
    'a field under another name',
    'text: String',
    'body: String',
    [
      's.graphql:3:40 - Note.body is new, and Note.text is gone: is it the same? Then add @renamed(from: "text"). Otherwise take Note.text away first, and generate in between.',
    ],
  ],
  [
    'a renamed field',
    'text: String',
    'body: String @renamed(from: "text")',
    [
      'backfill: Note.text is called Note.body now. "planql migrate" moves stored values; until then they are read from both.',
    ],
  ],
  [
    'a renamed field of another type',
    'text: String',
    'body: Int @renamed(from: "text")',
    ['s.graphql:3:40 - Note.body is an Int, but Note.text was a text. Keep the type when you rename.'],
  ],
  [
    'another type',
    'text: String',
    'text: Int',
    [
      's.graphql:3:40 - Note.text is an Int and was a text: stored values would be read wrongly. Add a field with another name instead.',
    ],
  ],
  [
    'a field that is required now',
    'text: String',
    'text: String!',
    ['tell: Note.text is required now, but stored objects may have none: reading it there fails.'],
  ],
  [
    'a new index',
    'text: String',
    'text: String @index',
    ['backfill: The index "note_text" is new. "planql migrate" fills it from the stored objects.'],
  ],
  [
    'an index of something else',
    'age: Int @index',
    'age: Int other: Int @index(name: "user_age")',
    [
      's.graphql:1:63 - The index "user_age" is of User.other now, and holds other values. Give the new index another name.',
    ],
  ],
  [
    'an index that is unique now',
    '@index',
    '@unique',
    [
      'backfill: The index "user_age" is unique now. Values that several objects share count as conflicts: change all but one of them.',
    ],
  ],
  [
    'a removed index',
    ' @index',
    '',
    ['tell: The index "user_age" is gone. Its entries stay stored, and are not kept up to date.'],
  ],
  [
    'a removed edge',
    list(),
    '',
    ['tell: The edge "lists" (10) is gone. Its entries stay stored, and are not kept up to date.'],
  ],
  ['an edge whose field is written by hand, and keeps its directive', list(), `${list()} @custom`, []],
  [
    'an edge whose directive was replaced by @custom',
    list(),
    'lists(first: Int! = 10, after: UUID): [List!]! @custom',
    [
      'tell: The edge "lists" (10) is gone. Its entries stay stored, and are not kept up to date. If its field is written by hand now, keep its directive beside @custom.',
    ],
  ],
  [
    'an attribute that is written by hand',
    'text: String',
    'text: String @custom',
    [
      'tell: Note.text is written by hand now, and its stored values are not read any more. To keep them, override its getter instead of @custom; for a stored id, keep @genFromStoredId beside @custom.',
    ],
  ],
  [
    'a stored id whose field is written by hand, and keeps its directive',
    'owner: User @genFromStoredId',
    'owner: User! @genFromStoredId @custom',
    [],
  ],
  [
    'a renamed edge',
    'edgeName: "lists"',
    'edgeName: "user_lists"',
    ['none: The edge "lists" is called "user_lists" now. There is nothing to do.'],
  ],
  [
    'one more stored id',
    'owner: User @genFromStoredId',
    'owner: User @genFromStoredId boss: User @genFromStoredId',
    ['none: List.boss is new. Stored objects have null there.'],
  ],
];
for (const [title, from, to, expected] of changes) {
  test(title, () => {
    const after = from === '' ? `${before}${to}` : before.replace(from, to);
    assert.is.not(after, before);
    assert.equal(meaning(after), expected);
  });
}

test('an edge keeps its id: under another one, its entries would be lost', () => {
  for (const of of [list(), 'lists(first: Int! = 10, after: UUID): [List!]! @edge(name: "lists", id: 10)']) {
    const here = `type User @pent(typeId: 1) { id: UUID! ${of} }\ntype List @pent(typeId: 2) { id: UUID! owner: User @genFromStoredId }`;
    const [told] = meaning(here.replace(/(edgeId|id): 10\b/, '$1: 11'), lockOf(here));
    assert.match(
      told ?? '',
      /The edge "lists" has the id 11, and had 10: its entries would be lost\. Give it 10 again/,
    );
  }
});

test('an edge over another attribute takes another id', () => {
  const after = before.replace('owner: User', 'owner: User @genFromStoredId boss: User').replace('"owner"', '"boss"');
  assert.equal(meaning(after), [
    's.graphql:1:70 - The edge id 10 of "lists" led elsewhere as "lists". Take another edge id: stored edges keep theirs.',
  ]);
});

test('what was removed keeps its id for ever', () => {
  const without = before.replace(/type Note.*/, '');
  const lock = lockOf(without, lockOf(before));
  assert.is(lock.types[3]?.removed, true);
  assert.equal(meaning(`${without}\ntype Tag @pent(typeId: 3) { id: UUID! }`, lock), [
    's.graphql:4:6 - Tag has the type id 3 of Note, whose objects it would take over. Take another id; if Note is called Tag now, add @renamed(from: "Note").',
  ]);
  assert.equal(meaning(before, lock), []);
});

test('a rename is remembered after its directive is gone', () => {
  const renamed = before.replace('text: String', 'body: String @renamed(from: "text")');
  const lock = lockOf(renamed, lockOf(before));
  assert.equal(meaning(renamed, lock), []);
  assert.is(lock.types[3]?.attributes.text?.renamedTo, 'body');
});

test.run();
