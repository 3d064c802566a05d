/** What Grapple generates passes `tsc --strict`, with each TypeScript that is supported, for schemas of all sizes and shapes. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { generate } from '../../src/grapple/generate.ts';
import { readSources } from '../../src/grapple/project/readProject.ts';
import { needs } from '../support/needs.ts';
import { reported } from '../support/reported.ts';
import { repositoryRoot } from '../support/repository.ts';
import { install } from './built.ts';
import { compilers } from './compilers.ts';
import { run } from './run.ts';

const test = suite('types of generated code');
let folder: string;

const times = (count: number, line: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => line(n)).join('\n');

/** Types that refer to each other in one circle, by stored ids and by lists. */
const circle = (length: number): string => `
${times(
  length,
  (n) => `type Link${n} @pent(typeId: ${n + 1}) @public {
  id: UUID!
  next: Link${(n + 1) % length} @genFromStoredId
  others(first: Int! = 10, after: UUID): [Link${(n + length - 1) % length}!]!
    @edgeToStoredId(edgeName: "others${n}", edgeId: ${n + 1}, field: "next")
}`,
)}
type Query { first(id: UUID!): Link0 @readPent }`;

/** Each type refers to all others. */
const web = (size: number): string => `
${times(
  size,
  (n) => `type Node${n} @pent(typeId: ${n + 1}) @public {
  id: UUID!
${times(size, (m) => `  to${m}: Node${m} @genFromStoredId`)}
  page(first: Int! = 10, after: String): Node${(n + 1) % size}Connection!
    @edge(name: "page${n}", id: ${n + 1}) @connection
}`,
)}
type Query { first(id: UUID!): Node0 @readPent }`;

const wide = `
type Row @pent(typeId: 1) @public {
  id: UUID!
${times(400, (n) => `  field${n}: ${['String', 'Int!', '[Float!]', 'Boolean', 'DateTime', 'JSON', '[[Kind]!]!'][n % 7]}`)}
}
enum Kind { ${times(300, (n) => `KIND_${n}`)} }
type Query { row(id: UUID!): Row @readPent }`;

const union = `
${times(40, (n) => `type Kind${n} @pent(typeId: ${n + 1}) @public { id: UUID! any: Any @genFromStoredId }`)}
union Any = ${Array.from({ length: 40 }, (_, n) => `Kind${n}`).join(' | ')}
type Query { any(id: UUID!): Any @readPent }`;

const readAll = (path: string) => readSources(join(repositoryRoot, path));
const schemas = {
  least: [{ name: 's.graphql', text: 'type Query { ping: String! @custom }' }],
  circle25: [{ name: 's.graphql', text: circle(25) }],
  circle120: [{ name: 's.graphql', text: circle(120) }],
  web: [{ name: 's.graphql', text: web(20) }],
  wide: [{ name: 's.graphql', text: wide }],
  union: [{ name: 's.graphql', text: union }],
  library: readAll('test/grapple/golden'),
  market: readAll('examples/market'),
};

test.before(
  reported(async () => {
    ({ folder } = await install());
    for (const [name, sources] of Object.entries(schemas)) {
      const { files, stubs, problems } = generate(sources);
      assert.equal(problems, [], name);
      for (const [path, text] of [...files, ...stubs]) {
        const file = join(folder, 'generated-types', name, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
      writeFileSync(
        join(folder, 'generated-types', name, 'viewer.ts'),
        'export interface Viewer { readonly id: string | null }\n',
      );
    }
    const options = readFileSync(join(repositoryRoot, 'src/grapple/templates/common/tsconfig.json'), 'utf8');
    const { compilerOptions } = JSON.parse(options);
    const types = { types: ['node'], typeRoots: [join(repositoryRoot, 'node_modules/@types')] };
    writeFileSync(
      join(folder, 'generated-types/tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...compilerOptions, ...types }, include: ['**/*.ts'] }),
    );
  }),
);

for (const version of compilers) {
  const isOwn = version === ts.version;
  (isOwn ? test : needs(test, 'network'))(
    `circles of 25 and 120 types, webs, wide types, unions: TypeScript ${version}`,
    async () => {
      const project = ['-p', 'generated-types/tsconfig.json'];
      const tsc = ['--yes', '--prefer-offline', `--package=typescript@${version}`, '--', 'tsc', ...project];
      const own = join(repositoryRoot, 'node_modules/typescript/bin/tsc');
      assert.is(
        await (isOwn ? run(folder, process.execPath, own, ...project) : run(folder, 'npm', 'exec', ...tsc)),
        '',
      );
    },
  );
}

test.run();
