import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { version } from '../../src/utils/version.ts';
import { reported } from '../support/reported.ts';
import { repositoryRoot } from '../support/repository.ts';
import { install } from './built.ts';
import { run, runWith } from './run.ts';

/** The head of a program: `ask` prints what an engine answers with a plan resolver, or why it cannot. */
const head = `import { parse } from 'graphql';
import * as planql from 'planql';
async function ask(a) {
  const schema = planql.makeSchema({ typeDefs: 'type Query { a: Int }', objects: { Query: { plans: { a } } } });
  const { data, errors } = await planql.createEngine({ schema }).execute({ document: parse('{ a }') });
  console.log(errors === undefined ? data.a : errors[0].message);
}`;

/** Files of the package that a process loads twice are one (decision build-one-copy). Other loaders: test/foreign. */
const test = suite('copies of planql in one process');
let folder: string;

test.before(
  reported(async () => {
    ({ folder } = await install());
    cpSync(join(repositoryRoot, 'test/package/mixed'), join(folder, 'mixed'), { recursive: true });
  }),
);

const tsx = pathToFileURL(join(repositoryRoot, 'node_modules/tsx/dist/loader.mjs')).href;
const loaders: Readonly<Record<string, readonly string[]>> = {
  'Node, of the ES modules': [],
  'Node, of both formats': ['--no-experimental-require-module'],
  tsx: ['--import', tsx],
};
for (const [loader, flags] of Object.entries(loaders)) {
  test(`import and require are one: ${loader}`, async () => {
    assert.is(await run(folder, process.execPath, ...flags, 'mixed/main.mjs'), 'one identity\n');
  });
}

test('import and require are one in a bundle, and there once', async () => {
  const { metafile } = await bundled({});
  assert.is(await run(folder, process.execPath, 'bundle.cjs'), 'one identity\n');
  assert.equal(
    Object.keys(metafile?.inputs ?? {}).filter((input) => /\/planql\/dist\/.*\.cjs$/.test(input)),
    [],
  );
});

test('import and require are one in a bundle that holds both formats', async () => {
  await bundled({ conditions: ['node'] });
  assert.is(await run(folder, process.execPath, 'bundle.cjs'), 'one identity\n');
});

test('two folders with one version and one graphql are one', async () => {
  const second = copyTo('second', ['planql']);
  writeFileSync(join(second, 'of.mjs'), `export * from 'planql';`);
  writeFileSync(
    join(folder, 'two.mjs'),
    `${head}
import * as other from './second/of.mjs';
console.log(planql.Step === other.Step);
await ask(() => other.constant(1));`,
  );
  assert.match(await run(folder, process.execPath, 'two.mjs'), /^true\n1\n$/);
});

test('copies of planql with a graphql of their own are named, with the remedy', async () => {
  const third = copyTo('third', ['planql', 'graphql']);
  writeFileSync(join(third, 'of.mjs'), `export * from 'planql'; export { buildSchema } from 'graphql';`);
  writeFileSync(
    join(folder, 'apart.mjs'),
    `${head}
import * as other from './third/of.mjs';
await ask(() => other.constant(1));
await ask(() => other.lambda(planql.constant(1), String));
try {
  await planql.createEngine({ schema: other.buildSchema('type Query { a: Int }') }).execute({ document: parse('{ a }') });
} catch ({ message }) {
  console.log(message);
}`,
  );
  for (const mode of ['development', 'production']) {
    const out = await runWith({ NODE_ENV: mode }, folder, process.execPath, 'apart.mjs');
    const [outside = '', inside = '', schema = ''] = out.trim().split('\n');
    const copies = `There are 2 copies of planql in this process.*: ${version} \\(.*\\), ${version} \\(.*/third/node_modules/planql/dist.*npm ls planql graphql`;
    assert.match(outside, new RegExp(`^A step was created outside of planning\\..* ${copies}`));
    assert.match(
      inside,
      new RegExp(`^lambda was given a step of planql ${version} .*needs one of planql ${version}\\. ${copies}`),
    );
    assert.match(schema, /^The schema was made by another copy of graphql .*npm ls graphql/);
  }
});

test('another version is named by both versions', async () => {
  const old = copyTo('old', ['planql']);
  const dist = join(old, 'node_modules/planql/dist');
  for (const file of readdirSync(dist).filter((name) => /\.c?js$/.test(name))) {
    const text = readFileSync(join(dist, file), 'utf8');
    writeFileSync(join(dist, file), text.replaceAll(version, '0.0.9'));
  }
  writeFileSync(join(old, 'of.mjs'), `export * from 'planql';`);
  writeFileSync(
    join(folder, 'versions.mjs'),
    `${head}
import * as other from './old/of.mjs';
await ask(() => other.constant(1));
await ask(() => other.loadOne(planql.constant(1), (keys) => keys));
let kept;
await other.createEngine({ schema: other.makeSchema({ typeDefs: 'type Query { a: Int }', objects: { Query: { plans: {
  a: () => (kept = other.constant(1)) } } } }) }).execute({ document: parse('{ a }') });
await ask(() => planql.loadOne(kept, (keys) => keys));
await ask(() => planql.lambda([planql.constant(1), kept], String));
await ask(() => kept);`,
  );
  const [outside = '', theirs = '', ...ours] = (await run(folder, process.execPath, 'versions.mjs')).trim().split('\n');
  const copies = new RegExp(`2 copies of planql .*: ${version} \\(.*\\), 0.0.9 \\(.*/old/`);
  assert.match(outside, copies);
  assert.match(
    theirs,
    new RegExp(`^loadOne was given a step of planql ${version} where it needs one of planql 0.0.9\\.`),
  );
  const [one = '', part = '', result = ''] = ours;
  assert.match(one, new RegExp(`^loadOne was given a step of planql 0.0.9 where it needs one of planql ${version}\\.`));
  assert.match(
    part,
    new RegExp(`^lambda was given a step of planql 0.0.9 as "1" where it needs one of planql ${version}\\.`),
  );
  assert.match(result, new RegExp(`returned a step of planql 0.0.9, not one of planql ${version}\\.`));
  for (const message of ours) assert.match(message, copies);
});

test.run();

function bundled(options: { conditions?: string[] }): ReturnType<typeof build> {
  return build({
    ...{ entryPoints: [join(folder, 'mixed/bundle.mjs')], outfile: join(folder, 'bundle.cjs'), ...options },
    ...{ bundle: true, platform: 'node', format: 'cjs', metafile: true, logLevel: 'error' },
  });
}

/** Copies installed packages to a folder of their own. */
function copyTo(name: string, packages: readonly string[]): string {
  const copy = join(folder, name);
  mkdirSync(join(copy, 'node_modules'), { recursive: true });
  for (const each of packages) {
    cpSync(join(folder, 'node_modules', each), join(copy, 'node_modules', each), { recursive: true });
  }
  return copy;
}
