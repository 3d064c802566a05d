import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readSource, sourceFilesIn } from '../support/repository.ts';
import { checkImports, checkRooms, findCircles, findCycles } from './checkImports.ts';
import { importsOf } from './importsOf.ts';
import { rooms } from './rooms.ts';

const files = ['src', 'steps'].flatMap(sourceFilesIn);
const sources = new Map(files.map((file) => [file, readSource(file)]));

test('the sources are found', () => {
  assert.ok(sources.has('src/step/Step.ts'));
});

test('no source file imports what its room may not import', () => {
  assert.equal(checkImports(sources, rooms), []);
});

test('a room only names rooms below it', () => {
  assert.equal(checkRooms(rooms), []);
  assert.equal(checkRooms([{ folder: 'src/a', imports: ['src/b'], thirdParty: [] }]), [
    'src/a names src/b, which does not stand below it.',
  ]);
});

test('src/README.md names each room, in their order', () => {
  const named = [...readSource('src/README.md').matchAll(/^\| `([^`]+)` \|/gm)].map(([, folder]) => folder);
  assert.equal(
    named,
    rooms.map(({ folder }) => folder),
  );
});

test('no import cycle exists at run time', () => {
  assert.equal(findCycles(sources), []);
});

test('no circle of imports exists, types included', () => {
  assert.equal(findCircles(sources), []);
});

const violations: ReadonlyArray<readonly [title: string, file: string, text: string, target: string]> = [
  ['an arrow that points up', 'src/plan/a.ts', `import { x } from '../step/Step.ts';`, 'src/step/Step.ts'],
  ['an arrow that points up, for a type', 'src/plan/a.ts', `import type { X } from '../step/b.ts';`, 'src/step/b.ts'],
  ['rooms of one row', 'src/planner/a.ts', `export * from '../execution/link/b.ts';`, 'src/execution/link/b.ts'],
  [
    'an upper floor from the core',
    'src/execution/writer/a.ts',
    `import type { X } from '../later/b.ts';`,
    'src/execution/later/b.ts',
  ],
  [
    'the driver from an operator',
    'src/execution/operators/a.ts',
    `import type { X } from '../driver/b.ts';`,
    'src/execution/driver/b.ts',
  ],
  ['a folder inside the room', 'src/execution/link/a.ts', `import '../../planner/b.ts';`, 'src/planner/b.ts'],
  ['the standard steps', 'src/engine/a.ts', `import { x } from '../../steps/get.ts';`, 'steps/get.ts'],
  ['an entry point', 'src/engine/a.ts', `import { x } from '../index.ts';`, 'src/index.ts'],
  ['a nested room from its parent', 'src/kvetch/a.ts', `import('./mysql/b.ts');`, 'src/kvetch/mysql/b.ts'],
  ['the store from a common step', 'steps/a.ts', `import { x } from '../src/kvetch/b.ts';`, 'src/kvetch/b.ts'],
  ['a third party', 'src/step/a.ts', `import { parse } from 'graphql/language';`, 'graphql/language'],
  ['a third party by require', 'src/kvetch/a.ts', `const x = require('mysql2');`, 'mysql2'],
  ['a third party in a type', 'src/utils/a.ts', `export type T = import('graphql').GraphQLError;`, 'graphql'],
  ['a package whose name begins alike', 'src/schema/a.ts', `import 'graphql-http';`, 'graphql-http'],
  ['a module of Node', 'src/execution/link/a.ts', `import { createHash } from 'node:crypto';`, 'node:crypto'],
];
for (const [title, file, text, target] of violations) {
  test(`the check finds ${title}`, () => {
    assert.equal(checkImports(new Map([[file, text]]), rooms), [`${file} may not import ${target}`]);
  });
}

test('the check finds a file outside all rooms', () => {
  assert.equal(checkImports(new Map([['src/misc/a.ts', '']]), rooms), [
    'src/misc/a.ts is in no room of the import table.',
  ]);
});

test('the check allows what the table allows', () => {
  const allowed = new Map([
    ['src/index.ts', `export * from './engine/a.ts'; export * from '../steps/get.ts';`],
    [
      'src/planner/construct/a.ts',
      `import { parse } from 'graphql'; import { x } from '../../step/b.ts'; import './c.ts';`,
    ],
    ['src/kvetch/mysql/a.ts', `import mysql from 'mysql2/promise'; import { x } from '../b.ts'; import 'node:fs';`],
    ['steps/kvetch/a.ts', `import type { X } from '../../src/kvetch/b.ts'; import { y } from '../../src/step/c.ts';`],
  ]);
  assert.equal(checkImports(allowed, rooms), []);
});

test('a cycle is found, but not one of types or deferred loads', () => {
  const cyclic = new Map([
    ['src/a.ts', `import { b } from './b.ts';`],
    ['src/b.ts', `export { c } from './c.ts'; import type { A } from './a.ts';`],
    ['src/c.ts', `import { b } from './b.ts'; const a = () => import('./a.ts');`],
  ]);
  assert.equal(findCycles(cyclic), ['src/b.ts -> src/c.ts -> src/b.ts']);
});

test('a circle of types is found, once', () => {
  const circular = new Map([
    ['src/a.ts', `import type { B } from './b.ts';`],
    ['src/b.ts', `import type { C } from './c.ts'; import './d.ts';`],
    ['src/c.ts', `export type X = import('./a.ts').A;`],
    ['src/d.ts', `import { x } from './e.ts';`],
    ['src/e.ts', ``],
  ]);
  assert.equal(findCircles(circular), [['src/a.ts', 'src/b.ts', 'src/c.ts']]);
});

test('an import of named types still loads the module', () => {
  assert.equal(importsOf(`import { type A } from './a.ts'; import type { B } from './b.ts';`), [
    { specifier: './a.ts', isRuntime: true },
    { specifier: './b.ts', isRuntime: false },
  ]);
});

test.run();
