import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { grappleCommands } from '../../src/cli/grapple/grappleCommands.ts';
import { runCommand } from '../../src/cli/runCommand.ts';
import { readIfThere } from '../../src/grapple/project/readProject.ts';
import { TestProject } from './project.ts';

const test = suite('the commands of Grapple');
let project: TestProject;
test.before.each(() => {
  project = new TestProject();
});
test.after.each(() => project.remove());

/** The exit code and what is printed. */
async function planql(command: string): Promise<readonly [number, string]> {
  const lines: string[] = [];
  const code = await runCommand(
    { name: 'planql', commands: grappleCommands },
    [command, project.folder],
    (line) => void lines.push(line),
  );
  return [code, lines.join('\n')];
}

const schemaOf = (fields: string): string => `type Note @pent(typeId: 1) { id: UUID! ${fields} }
type Query { note(id: UUID!): Note @readPent }
extend schema @byDefault(access: "allow")`;

const shout = `  override shout(_args: { readonly times: number }): string {
    throw new Error('Note.shout is not implemented yet.');
  }`;

test('generate and check take files that git has checked out with CRLF for what they are', async () => {
  project.write('schema/a.graphql', schemaOf('text: String').replaceAll('\n', '\r\n'));
  await planql('generate');
  const files = ['generated/pents.ts', 'generated/plans.ts', 'generated/schema.graphql', 'grapple.lock.json'];
  for (const file of files) {
    project.write(file, (readIfThere(join(project.folder, file)) ?? '').replaceAll('\n', '\r\n'));
  }
  assert.equal(await planql('check'), [0, 'Everything is up to date.']);
  project.write('schema/a.graphql', schemaOf('text: String more: Int'));
  const [code, told] = await planql('generate');
  assert.is(code, 0, told);
  project.write('generated/pents.ts', `${readIfThere(join(project.folder, 'generated/pents.ts'))}\r\nmine`);
  assert.match((await planql('check'))[1], /generated\/pents.ts was edited by hand/);
});

test('generate names a package of CommonJS', async () => {
  project.write('schema/a.graphql', schemaOf('text: String'));
  project.write('package.json', '{ "name": "shop" }');
  assert.match(
    (await planql('generate'))[1],
    /package\.json says no "type": "module", and generated files are ES modules\. Add it\./,
  );
  project.write('package.json', '{ "name": "shop", "type": "module" }');
  assert.equal(await planql('check'), [0, 'Everything is up to date.']);
});

test('generate and check say what a hand-written file lacks, with what to paste, until it is there', async () => {
  project.write('schema/a.graphql', schemaOf('text: String'));
  await planql('generate');
  project.write(
    'schema/a.graphql',
    `${schemaOf('text: String shout(times: Int! = 1): String! @custom rank: Int @customGen')}
extend type Query { ping: String! @custom }`,
  );
  const told = `pents/Note.ts lacks Note.shout, Note.rank. Paste this into class Note, and fill it in:

${shout}

  static readonly rank: PlanResolver = () => {
    throw new Error('Note.rank is not implemented yet.');
  };
`;
  const [code, output] = await planql('generate');
  assert.is(code, 0);
  assert.ok(output.endsWith(`wrote pents/Query.ts\n${told}`), output);
  assert.equal(await planql('generate'), [0, told]);
  assert.equal(await planql('check'), [1, told]);

  const imports = "import type { PlanResolver } from 'planql';\nimport { NoteBase } from '../generated/pents.ts';\n";
  // Neither a comment nor a call is a method.
  const body = '// shout(): rank =\n  again() { return this.shout({ times: 2 }); }\n';
  project.write('pents/Note.ts', `${imports}export class Note extends NoteBase {\n  ${body}}\n`);
  assert.equal(await planql('check'), [1, told]);
  const pasted = told.slice(told.indexOf('\n\n') + 2);
  project.write('pents/Note.ts', `${imports}export class Note extends NoteBase {\n  ${body}${pasted}}\n`);
  assert.equal(await planql('check'), [0, 'Everything is up to date.']);
});

test('generate and check warn of what is open because nobody has said anything, and go on', async () => {
  project.write('schema/a.graphql', schemaOf('text: String').replace(/^extend.*$/m, ''));
  const warning = 'schema/a.graphql:1:1 - Note does not say who may read it, so that everybody may, and write, too.';
  const [code, output] = await planql('generate');
  assert.is(code, 0);
  assert.ok(output.startsWith(warning), output);
  assert.ok(output.includes('wrote generated/plans.ts'), output);
  const [checked, told] = await planql('check');
  assert.is(checked, 0);
  assert.ok(told.startsWith(warning) && told.endsWith('Everything is up to date.'), told);
});

test('a class that inherits from elsewhere may have everything: only its start tells', async () => {
  project.write('schema/a.graphql', schemaOf('shout: String @custom'));
  await planql('generate');
  for (const text of ['export class Note extends Loud(NoteBase) {}', "export { Note } from '../own/Note.ts';"]) {
    project.write('pents/Note.ts', text);
    assert.equal(await planql('check'), [0, 'Everything is up to date.'], text);
  }
});

test('migrate does nothing before generate has written what is to be done', async () => {
  project.write('migrate.ts', 'process.exitCode = 7;');
  project.write('schema/a.graphql', schemaOf('text: String'));
  await planql('generate');
  assert.equal(await planql('migrate'), [7, '']);
  project.write('schema/a.graphql', schemaOf('body: String @renamed(from: "text")'));
  const first = 'schema/ has changed since the last run of "planql generate". Run it first.';
  assert.equal(await planql('migrate'), [1, first]);
  await planql('generate');
  assert.equal(await planql('migrate'), [7, '']);
  project.write('schema/a.graphql', schemaOf('body: Strin'));
  const [code, output] = await planql('migrate');
  assert.is(code, 1);
  assert.match(output, /Unknown type "Strin"/);
  assert.ok(readIfThere(join(project.folder, 'grapple.lock.json')));
});

test.run();
