/** Nobody may read or write what no rule allows: the way of somebody new, from the packed tarball and an empty directory. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { reported } from '../support/reported.ts';
import { emptyDirectory, PLANQL, runInstalled } from './applications.ts';

const test = suite('denied by default, from the packed tarball');

const TYPES = `
type Note @pent(typeId: 2) { id: UUID! text: String }
type Card @pent(typeId: 3) @privacy(rule: "all") { id: UUID! text: String }
extend type Query { note(id: UUID!): Note @readPent card(id: UUID!): Card @readPent }
type Mutation {
  createNote(data: CreateNoteData!): NotePayload! @createPent
  createCard(data: CreateCardData!): CardPayload! @createPent
  updateCard(id: UUID!, data: UpdateCardData!): CardPayload! @updatePent
  deleteCard(id: UUID!): DeletePayload! @deletePent(type: "Card")
}
input CreateNoteData @pentMutationData { text: String }
input CreateCardData @pentMutationData { text: String }
input UpdateCardData @pentMutationData { text: String }
type NotePayload @pentMutationPayload { note: Note }
type CardPayload @pentMutationPayload { card: Card }
type DeletePayload @pentMutationPayload { deletedId: UUID }
`;

/** Reads, creates, updates and deletes as a client does, and prints the data or the code of each. */
const CLIENT = `
import { parse } from 'graphql';
import { createEngine } from 'planql';
import { createKvetch, memoryShards } from 'planql/kvetch';
import { PentContext } from 'planql/pent';
import { kvetchSchema } from './generated/kvetchSchema.ts';
import { model, schema } from './generated/plans.ts';
const kvetch = createKvetch({ schema: kvetchSchema, shards: memoryShards(1) });
const engine = createEngine({ schema });
const note = await kvetch.createObject('Note', { text: 'n' });
const card = await kvetch.createObject('Card', { text: 'c' });
const told: unknown[] = [];
for (const text of [
  \`{ note(id: "\${note}") { text } card(id: "\${card}") { text } }\`,
  'mutation { createNote(data: { text: "x" }) { note { text } } }',
  'mutation { createCard(data: { text: "x" }) { card { text } } }',
  \`mutation { updateCard(id: "\${card}", data: { text: "y" }) { card { text } } }\`,
  \`mutation { deleteCard(id: "\${card}") { deletedId } }\`,
]) {
  const pent = new PentContext({ kvetch, model, viewer: { id: 'ann' } });
  const { data, errors } = await engine.execute({ document: parse(text), contextValue: { pent } });
  told.push(errors === undefined ? data : errors[0]?.extensions.code);
}
console.log(JSON.stringify(told).replace(card, 'card'));
`;

let app: string;
let program: string;

/** What \`planql generate\` prints, and how it ends. */
function generate(): { readonly text: string; readonly status: number | null } {
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, 'generate'], { cwd: app, encoding: 'utf8' });
  return { text: stdout + stderr, status };
}

/** What a client is told, and what the process warns of. */
function ask(): { readonly told: unknown; readonly warned: string } {
  const given = ['--import', 'tsx', 'client.ts'];
  const { stdout, stderr } = spawnSync(process.execPath, given, { cwd: app, encoding: 'utf8' });
  return { told: JSON.parse(stdout || JSON.stringify(stderr)), warned: stderr };
}

function change(file: string, edit: (text: string) => string): void {
  const path = join(app, file);
  writeFileSync(path, edit(readFileSync(path, 'utf8')));
}

const SCHEMA = 'schema/schema.graphql';
const SETTING = 'extend schema @byDefault(access: "deny")\n';
const OPEN = 'extend schema @byDefault(access: "allow")\n';

test.before(
  reported(async () => {
    const root = await emptyDirectory();
    program = join(root, 'node_modules', PLANQL);
    await runInstalled(root, root, PLANQL, 'init', 'shop', '--no-install');
    app = join(root, 'shop');
    change(SCHEMA, (text) => text + TYPES);
    writeFileSync(join(app, 'client.ts'), CLIENT);
  }),
);

test('a type that does not say who may read it is a problem with its remedy, and nothing is written', () => {
  const { text, status } = generate();
  assert.is(status, 1);
  assert.match(text, 'Note does not say who may read it. Add @public, @sameAs(field: "…") or @privacy(rule: "…").');
  assert.match(text, 'Nothing was written.');
});

test('a rule that is not written yet denies', () => {
  change(SCHEMA, (text) => text.replace('@pent(typeId: 2)', '@pent(typeId: 2) @privacy(rule: "own")'));
  assert.is(generate().status, 0);
  const denied = [
    { note: null, card: null },
    'FORBIDDEN',
    'FORBIDDEN',
    'NOT_FOUND',
    { deleteCard: { deletedId: null } },
  ];
  assert.equal(ask(), { told: denied, warned: '' });
});

test('rules for reads alone allow no writes', () => {
  change('pents/Card.ts', (text) =>
    text.replace('import { denyAll,', 'import { allowAll,').replace('[denyAll], write: [denyAll]', '[allowAll]'),
  );
  const read = { note: null, card: { text: 'c' } };
  assert.equal(ask(), { told: [read, 'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'], warned: '' });
});

test('an existing project stays open, and is told the remedy and the setting; the setting ends the warnings', () => {
  change(SCHEMA, (text) => text.replace(SETTING, '').replace(' @privacy(rule: "own")', ''));
  const { text, status } = generate();
  assert.is(status, 0);
  assert.match(text, 'Note does not say who may read it, so that everybody may, and write, too. Add @public,');
  assert.match(text, `${SETTING.trim()}. To leave them open: ${OPEN.trim()}.`);
  const { told, warned } = ask();
  const written = { createCard: { card: { text: 'x' } } };
  const open = [
    ...[{ note: null, card: { text: 'c' } }, 'FORBIDDEN', written],
    ...[{ updateCard: { card: { text: 'y' } } }, { deleteCard: { deletedId: 'card' } }],
  ];
  assert.equal(told, open);
  assert.match(warned, /PLANQL_OPEN_WRITES.*Card: the policy has rules for "read" and none for writes/);
  change(SCHEMA, (before) => OPEN + before);
  assert.not.match(generate().text, 'does not say who');
  assert.equal(ask(), { told: open, warned: '' });
});

test.run();
