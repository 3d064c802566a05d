import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { version } from '../../src/utils/version.ts';
import { distName, entryPoints, existingEntryPoints, programs } from '../../tsup.config.ts';
import { readSource } from '../support/repository.ts';
import { externals, ofPrograms } from './budgets.ts';

const manifest = JSON.parse(readSource('package.json')) as {
  exports: Record<string, unknown>;
  bin: Record<string, string>;
  main: string;
  types: string;
  version: string;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
};

test('the exports map says what the build makes', () => {
  const { './package.json': _manifest, ...entries } = manifest.exports;
  assert.equal(
    entries,
    Object.fromEntries(Object.keys(entryPoints).map((path) => [path, conditionsOf(distName(path))])),
  );
  assert.equal(manifest.bin, Object.fromEntries(Object.keys(programs).map((name) => [name, `./dist/bin-${name}.js`])));
  assert.equal([manifest.main, manifest.types], ['./dist/index.cjs', './dist/index.d.cts']);
});

test('every package that an entry point loads is declared, and no other', () => {
  const declared = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)].sort();
  const loaded = new Set([...Object.values(externals).flat(), ...ofPrograms]);
  loaded.delete('node:');
  assert.equal(Object.keys(externals).sort(), Object.keys(entryPoints).sort());
  assert.equal(declared, [...loaded].sort());
});

test('the version that errors name is that of the package', () => {
  assert.is(version, manifest.version);
});

test('the lock file names no registry host', () => {
  assert.not.match(readSource('package-lock.json'), /"resolved": "https?:/);
});

test('every entry point has its source file', () => {
  assert.equal(existingEntryPoints(), Object.entries(entryPoints));
});

function conditionsOf(name: string): unknown {
  return {
    import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
    // Bundlers (`module`), and Node where it can require an ES module, load the same files on both roads.
    require: {
      types: `./dist/${name}.d.cts`,
      module: `./dist/${name}.js`,
      'module-sync': `./dist/${name}.js`,
      default: `./dist/${name}.cjs`,
    },
  };
}

test.run();
