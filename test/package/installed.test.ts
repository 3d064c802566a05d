import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import ts from 'typescript';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { existingEntryPoints } from '../../tsup.config.ts';
import { needs } from '../support/needs.ts';
import { reported } from '../support/reported.ts';
import { repositoryRoot } from '../support/repository.ts';
import { install } from './built.ts';
import { compilers } from './compilers.ts';
import { run } from './run.ts';

/** What probe.mjs prints. */
interface Probe {
  readonly exported: Readonly<Record<string, ReadonlyArray<string>>>;
  readonly milliseconds: number;
  readonly compared: number;
  readonly twice: ReadonlyArray<string>;
  readonly misnamed: ReadonlyArray<string>;
}

const specifiers = existingEntryPoints().map(([subPath]) => subPath.replace('.', 'planql'));
const installed = suite('the package, installed from its tarball');
let folder: string;
let tarball: string;

installed.before(
  reported(async () => {
    ({ folder, tarball } = await install());
    copyFileSync(join(repositoryRoot, 'test/package/probe.mjs'), join(folder, 'probe.mjs'));
  }),
);

const roads: ReadonlyArray<readonly [title: string, road: string, flags: ReadonlyArray<string>]> = [
  ['import', 'import', []],
  ['require, of the ES modules', 'require', []],
  ['require, of the CommonJS files', 'require', ['--no-experimental-require-module']],
  ['import and require in one process', 'both', []],
];
for (const [title, road, flags] of roads) {
  installed(`each class exists once: ${title}`, async () => {
    const { exported, compared, twice, misnamed } = await probe(flags, road, specifiers);
    for (const [name, names] of Object.entries(exported)) assert.ok(names.length > 0, `${name} exports something`);
    assert.equal({ twice, misnamed }, { twice: [], misnamed: [] });
    if (specifiers.length > 1) assert.ok(compared > 0, 'the entry points share a class');
  });
}

installed('each entry point exports the same names by import and by require', async () => {
  const [esm, cjs] = await Promise.all([
    probe([], 'import', specifiers),
    probe(['--no-experimental-require-module'], 'require', specifiers),
  ]);
  for (const name of specifiers) assert.equal(esm.exported[name], cjs.exported[`${name} (require)`], name);
});

installed('each entry point can be loaded alone', async () => {
  for (const specifier of specifiers) await probe([], 'import', [specifier]);
});

const consumers: ReadonlyArray<readonly [title: string, options: Readonly<Record<string, unknown>>]> = [
  ['node16', { module: 'node16', moduleResolution: 'node16' }],
  ['bundler', { module: 'esnext', moduleResolution: 'bundler' }],
  ['bundler, graphql 17', { module: 'esnext', moduleResolution: 'bundler', paths: graphql17Paths() }],
];
for (const version of compilers) {
  const isOwn = version === ts.version;
  for (const [title, options] of consumers) {
    if (!isOwn && title === 'bundler') continue; // it resolves as it does with graphql 17
    const test = isOwn ? installed : needs(installed, 'network');
    test(`every declaration compiles with skipLibCheck off: ${title}, TypeScript ${version}`, async () => {
      const files = ['consumer.mts', 'consumer.cts'];
      for (const file of files) writeFileSync(join(folder, file), consumerSource());
      const config = `tsconfig.${title.replaceAll(/\W+/g, '-')}.json`;
      writeFileSync(join(folder, config), JSON.stringify({ compilerOptions: compilerOptions(options), files }));
      const tsc = ['--yes', '--prefer-offline', `--package=typescript@${version}`, '--', 'tsc', '-p', config];
      const own = join(repositoryRoot, 'node_modules/typescript/bin/tsc');
      const compiled = isOwn ? run(folder, process.execPath, own, '-p', config) : run(folder, 'npm', 'exec', ...tsc);
      assert.is(await compiled, '');
    });
  }
}

installed('publint has no complaint', async () => {
  const bytes = readFileSync(tarball);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
  assert.equal(
    messages.map((message) => formatMessage(message, pkg, { color: false })),
    [],
  );
});

installed('attw has no complaint', async () => {
  const attw = join(repositoryRoot, 'node_modules/@arethetypeswrong/cli/dist/index.js');
  // Sub-paths need an exports map, which moduleResolution "node10" does not read: it is not supported.
  await run(folder, process.execPath, attw, tarball, '--profile', 'node16', '--no-emoji', '--no-color');
});

installed.run();

async function probe(flags: ReadonlyArray<string>, road: string, names: ReadonlyArray<string>): Promise<Probe> {
  return JSON.parse(await run(folder, process.execPath, ...flags, 'probe.mjs', road, ...names)) as Probe;
}

function graphql17Paths(): Readonly<Record<string, ReadonlyArray<string>>> {
  const graphql17 = join(repositoryRoot, 'node_modules/graphql-17');
  return { graphql: [graphql17], 'graphql/*': [`${graphql17}/*`] };
}

function compilerOptions(options: Readonly<Record<string, unknown>>): object {
  return {
    ...{ target: 'es2022', lib: ['es2023'], strict: true, noEmit: true, skipLibCheck: false },
    ...{ types: ['node'], typeRoots: [join(repositoryRoot, 'node_modules/@types')] },
    ...options,
  };
}

/** A program that imports every entry point as a whole. */
function consumerSource(): string {
  const imports = specifiers.map((specifier, index) => `import * as entry${index} from '${specifier}';`);
  return [...imports, `export const entries: object[] = [${specifiers.map((_, index) => `entry${index}`)}];`].join(
    '\n',
  );
}
