/** What the package exports: as little as users need, all of it described, and no option that is taken in silence. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSource, repositoryRoot } from '../support/repository.ts';
import { exportsOf } from './exportsOf.ts';

/** How many names the package may export, types included. */
const MOST = 399;

/** Functions that take an object with optional properties, and do not look for others in it. */
const unchecked: ReadonlyArray<readonly [why: string, functions: string]> = [
  [
    "their arguments are graphql-js', and servers pass more than that",
    `execute executeIncrementally executeSync executeToBuffer executeToPayloads executeToString
     experimentalExecuteIncrementally legacyExecuteIncrementally subscribe graphql graphqlSync
     Engine.execute Engine.executeIncrementally Engine.executePositions Engine.executeToBuffer Engine.executeToPayloads
     Engine.cost Engine.executeToString Engine.explain Engine.prepareRequest Engine.subscribe
     PreparedPlan.execute PreparedPlan.executeToBuffer PreparedPlan.executeToString`,
  ],
  ['a function makes them, and checks', 'Engine Invalidator LiveQueries MysqlCluster Reactive'],
  [
    'they hand their options to a function that checks',
    `executeToChunks createPent updatePent deletePent createExecutor subgraph makeSchema readEdge readIndexed
     pentIndexConnection browsePents browsePentsPage pentConnection pentEdge pentEdgePage pentIndexPage pentsFromIndex`,
  ],
  [
    'what they take is no set of options',
    `ConsistencyToken.isShownByEntries ConsistencyToken.settleEntries ConsistencyToken.isShownByList ConsistencyToken.settleList KvetchError MysqlShardStore.read denyIf requireThat
     fromThisMachine createInspector().handle createInvalidationServer().handle`,
  ],
  ['generated code calls it', 'addingEdge'],
];

const all = exportsOf();

const test = suite('the public surface');

test(`fewer than ${MOST} names are exported`, () => {
  assert.ok(all.size < MOST, `${all.size} names are exported. Which do users not need?`);
});

test('every name is in a guide, or says in the reference what it is for', () => {
  const guides = ['README.md', ...readdirSync(join(repositoryRoot, 'docs')).map((file) => `docs/${file}`)]
    .filter((file) => file.endsWith('.md'))
    .map(readSource)
    .join('\n');
  const words = new Set(guides.match(/\w+/g));
  const silent = [...all.values()].filter(({ name, isDescribed }) => !isDescribed && !words.has(name));
  assert.equal(
    silent.map(({ entry, name }) => `planql${entry.slice(1)} ${name}`),
    [],
    'Give them a docstring, or do not export them.',
  );
});

test('every function with options is tried with one that does not exist (test/utils/checkOptions.test.ts)', () => {
  const cases = [
    ...readSource('test/utils/checkOptions.test.ts').matchAll(/^ {2}(?:'([\w.]+)[^']*'|(\w+)): \(wrong\)/gm),
  ];
  const tried = new Set(cases.map(([, quoted, plain]) => (quoted ?? plain ?? '').toLowerCase()));
  const excused = new Set(unchecked.flatMap(([, functions]) => functions.split(/\s+/)));
  const found = [...all.values()].flatMap(({ optionsOf }) => optionsOf);
  const isTried = (name: string) =>
    tried.has(
      name
        .replace(/^create(\w+)\(\)/, '$1')
        .replace('()', '')
        .toLowerCase(),
    );
  assert.equal(
    found.filter((name) => !excused.has(name) && !isTried(name)),
    [],
    'Add a case for each of them.',
  );
  assert.equal(
    [...excused].filter((name) => !found.includes(name)),
    [],
    'Excused for nothing.',
  );
});

test.run();
