import { join } from 'node:path';
import fc from 'fast-check';
import { buildSchema, Kind } from 'graphql';
import ts from 'typescript';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { generate } from '../../src/grapple/generate.ts';
import { imported } from '../../src/grapple/print/source.ts';
import { readSources } from '../../src/grapple/project/readProject.ts';
import { repositoryRoot } from '../support/repository.ts';
import { problemsOf } from './problemsOf.ts';

const test = suite('what is generated');

/** The syntax errors of TypeScript in a text. */
function syntaxErrors(path: string, text: string): readonly string[] {
  const { diagnostics = [] } = ts.transpileModule(text, { fileName: path, reportDiagnostics: true });
  return diagnostics.map(({ messageText }) => `${path}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}\n${text}`);
}

/** What attackers and careless authors write, and anything else. */
const words = fc.oneof(
  fc.constantFrom(
    ...[
      '"',
      "'",
      '`',
      '\\',
      '\n',
      '\r\n',
      '$'.concat('{process.exit()}'),
      '*/',
      '/*',
      '//',
      '"""',
      '\\"""',
      '\u2028',
      '\u2029',
    ],
    ...['</script>', '\0', '\ud800', "'); process.exit(); ('", '*/ process.exit(); /*', '@generated', '{{', '%s'],
  ),
  fc.string({ maxLength: 8 }),
);
const text = fc.array(words, { maxLength: 5 }).map((parts) => parts.join('').replace(/[\ud800-\udfff]/g, '?'));
/** As a text of GraphQL. */
const quoted = (value: string): string =>
  JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
const name = fc.stringMatching(/^[a-z][A-Za-z0-9_]{0,6}$/);

test('nothing is imported that is not used, however little a schema has', () => {
  const note = 'type Note @pent(typeId: 1) { id: UUID! }';
  for (const sdl of [
    'type Query { ping: String! @custom }',
    'type Query { ping: String! @customGen }',
    'type Query { color(of: Color): [Color] @custom } enum Color { RED }',
    `${note} type Query { note: Note @custom }`,
    `${note} type Query { note(id: UUID!): Note @readPent }`,
    `${note} type Query { note: Plain @custom } type Plain { note: Note at: DateTime any: JSON }`,
  ]) {
    const { files, stubs, problems } = generate([{ name: 's.graphql', text: sdl }]);
    assert.equal(problems, [], sdl);
    for (const [path, printed] of [...files, ...stubs].filter(([name]) => name.endsWith('.ts'))) {
      const imports = [...printed.matchAll(/^import (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = '']) =>
        names.split(','),
      );
      const body = printed.replace(/^import [^;]*;/gm, '').replace(/\/\*\*.*?\*\//gs, '');
      for (const imported of imports.map((one) => one.trim().replace(/^type /, '')).filter((one) => one !== '')) {
        const uses = new RegExp(`(?<![.'\\w])${imported}\\b(?!:)`);
        assert.match(body, uses, `${path} of ${sdl}`);
      }
    }
  }
});

test('conditions on dates are dates of the store, and pages of a type go both ways', () => {
  const sdl = `
    type Bid @pent(typeId: 1) @index(name: "kept", where: { goneAt: [null, "2026-01-31T12:00:00+01:00"] }) {
      id: UUID! goneAt: DateTime shop: Shop @genFromStoredId }
    type Shop @pent(typeId: 2) { id: UUID!
      bids(first: Int! = 5, after: UUID): [Bid!]!
        @edgeToStoredId(edgeName: "bids", edgeId: 1, field: "shop", where: { goneAt: "2026-01-31T12:00Z" }) }
    type Query {
      bids(first: Int, last: Int, before: UUID, after: UUID): [Bid!]! @browsePents
      ends(last: Int! = 5, before: UUID): [Bid!]! @browsePents
    }`;
  const { files, problems } = generate([{ name: 's.graphql', text: sdl }]);
  assert.equal(problems, []);
  const stored = files.get('generated/kvetchSchema.ts') ?? '';
  assert.ok(stored.includes("where: { goneAt: [null, new Date('2026-01-31T11:00:00.000Z')] },"), stored);
  assert.ok(stored.includes("where: { goneAt: new Date('2026-01-31T12:00:00.000Z') },"), stored);
  const plans = files.get('generated/plans.ts') ?? '';
  assert.ok(plans.includes('browsePents(Bid, { $first, $last, $before, $after })'), plans);
  assert.ok(plans.includes('browsePents(Bid, { $last, $before })'), plans);
});

test('what generated code imports is no name of a type', () => {
  const folder = join(repositoryRoot, 'test/grapple/golden');
  const { files, stubs } = generate(readSources(folder));
  const names = Object.values(imported).flat();
  for (const [path, code] of [...files, ...stubs]) {
    for (const [, list = '', from = ''] of code.matchAll(/^import (?:type )?\{([^}]*)\} from '([^']*)'/gm)) {
      if (from.startsWith('.') && !from.endsWith('kvetchSchema.ts')) continue;
      const own = list.split(',').map((one) => one.trim().replace(/^type /, ''));
      assert.equal(
        own.filter((name) => name !== '' && !names.includes(name)),
        [],
        path,
      );
    }
  }
  for (const name of [...names, 'constructor', 'toString', 'valueOf', 'hasOwnProperty', 'Promise', 'class']) {
    const problems = problemsOf(
      `type ${name} @pent(typeId: 1) { id: UUID! } type Query { x(id: UUID!): ${name} @readPent }`,
    );
    assert.match(String(problems), `The name "${name}" has another meaning in generated code.`);
  }
});

test('an import is one that code needs, whatever comments, texts and fields are called', () => {
  const { files } = generate([
    {
      name: 's.graphql',
      text: `type Note @pent(typeId: 1) {
        id: UUID!
        "PageArgs, readEdgeList and MaybePromise don't matter here"
        text: String
      }
      type Query { pent: Int @custom scalars: Int @customGen note(id: UUID!): Note @readPent }`,
    },
  ]);
  assert.match(files.get('generated/pents.ts') ?? '', "import { Pent, type PentDefinition } from 'planql/pent';");
  assert.match(
    files.get('generated/plans.ts') ?? '',
    "import { assertWritten, authorizePent, definePents, method, type PentModel, pent, scalars } from 'planql/pent';",
  );
});

test('an extension of nothing but directives leaves no trace for clients', () => {
  const { files, problems } = generate([
    {
      name: 's.graphql',
      text: `type Note @pent(typeId: 1) { id: UUID! } type Query { note(id: UUID!): Note @readPent }
        extend type Note @privacy(rule: "mine")`,
    },
  ]);
  assert.equal(problems, []);
  assert.not.match(files.get('generated/schema.graphql') ?? '', 'extend');
});

test('no text of a schema can break it', () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: 10, maxLength: 10 }), name, (texts, word) => {
      const t = texts.map(quoted);
      const sdl = `
        ${t[0]} type Thing @pent(typeId: 1) {
          id: UUID!
          ${t[1]} field_${word}: String @deprecated(reason: ${t[2]})
          ${t[3]} color: Color
          ${t[4]} made(${t[5]} by: String = ${t[6]}): [String!] @custom
          ${t[5]} planned: Int @customGen
          ${t[7]} friend: Thing @genFromStoredId
          ${t[8]} friends(first: Int! = 5, after: UUID): [Thing!]! @edgeToStoredId(edgeName: "friends", edgeId: 1, field: "friend")
        }
        ${t[8]} enum Color { ${t[9]} RED_${word} @deprecated(reason: ${t[0]}) BLUE }
        ${t[1]} input CreateThingData @pentMutationData { ${t[2]} field_${word}: String = ${t[3]} color: Color = BLUE friend: UUID }
        ${t[4]} type ThingPayload @pentMutationPayload { ${t[5]} thing: Thing }
        ${t[6]} type Query { ${t[7]} thing(id: UUID!): Thing @readPent ${t[0]} own(${t[2]} a: String = ${t[1]}): Plain @custom }
        ${t[7]} type Mutation { ${t[8]} createThing(data: CreateThingData!): ThingPayload @createPent }
        ${t[9]} type Plain { ${t[0]} x: Int }
        ${t[2]} scalar Odd @specifiedBy(url: ${t[3]})`;
      const generated = generate([{ name: 's.graphql', text: sdl }]);
      assert.equal(generated.problems, []);
      const errors = [...generated.files, ...generated.stubs].flatMap(([path, code]) =>
        path.endsWith('.ts') ? syntaxErrors(path, code) : [],
      );
      assert.equal(errors, []);
      // What clients see says the same as what was written.
      const schema = buildSchema(generated.files.get('generated/schema.graphql') ?? '');
      const own = schema.getQueryType()?.getFields().own;
      const byDefault = own?.args[0]?.astNode?.defaultValue;
      assert.is(byDefault?.kind === Kind.STRING ? byDefault.value : undefined, texts[1]);
      assert.is(schema.getType('Odd')?.description ?? '', texts[2] as string);
    }),
    { numRuns: 60 },
  );
});

test('names of any letters make code that parses', () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z][A-Za-z0-9_]{0,8}$/), {
    minLength: 2,
    maxLength: 5,
    selector: (word) => word.toLowerCase(),
  });
  fc.assert(
    fc.property(names, fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,8}$/), (fields, type) => {
      const sdl = `type ${type} @pent(typeId: 1) { id: UUID! ${fields.map((field) => `${field}: String`).join(' ')} }
        type Query { read(id: UUID!): ${type} @readPent }`;
      const generated = generate([{ name: 's.graphql', text: sdl }]);
      // Either a name is refused, or all that comes of it parses.
      for (const [path, code] of [...generated.files, ...generated.stubs]) {
        if (path.endsWith('.ts')) assert.equal(syntaxErrors(path, code), []);
      }
    }),
    { numRuns: 60 },
  );
});

test.run();
