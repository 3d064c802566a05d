import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { distName, existingEntryPoints } from '../../tsup.config.ts';
import { reported } from '../support/reported.ts';
import { readSource, repositoryRoot } from '../support/repository.ts';
import { budgets, externals } from './budgets.ts';
import { build } from './built.ts';

/** What esbuild tells of a bundled file (`dist/metafile-*.json`). */
interface Output {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly imports: ReadonlyArray<{ readonly path: string; readonly external?: boolean }>;
}

const contents = suite('what is in the build');
contents.before(reported(build));

for (const [subPath] of existingEntryPoints()) {
  for (const [format, extension] of [
    ['esm', 'js'],
    ['cjs', 'cjs'],
  ] as const) {
    contents(`${subPath} loads only its own packages (${format})`, () => {
      const loaded = reach(subPath, format, extension).flatMap(([, output]) =>
        output.imports.filter((entry) => entry.external).map((entry) => entry.path),
      );
      const allowed = externals[subPath] ?? [];
      const isAllowed = (path: string) =>
        allowed.some((name) => path === name || path.startsWith(name.endsWith(':') ? name : `${name}/`));
      assert.equal(
        [...new Set(loaded)].filter((path) => !isAllowed(path)),
        [],
      );
    });
  }
}

contents('planql holds no code of the store', () => {
  const inputs = reach('.', 'esm', 'js').flatMap(([, output]) => Object.keys(output.inputs));
  assert.ok(inputs.some((input) => input.startsWith('src/step/')));
  assert.equal(
    inputs.filter((input) => /^(src|steps)\/kvetch/.test(input)),
    [],
  );
});

contents('planql/execute holds no planner, and planql does', () => {
  assert.equal(plannerIn('./execute'), []);
  assert.ok(plannerIn('.').length > 10, 'the planner is found where it is');
});

/** Test hooks, and the machinery of a run. */
const internals = /\b(FaultPoint|faults|hasGrown|linked:|LinkedPlan|RunState|class Driver|KvetchContext \{)/;
for (const [subPath] of existingEntryPoints()) {
  contents(`${subPath} declares no internals`, () => {
    const declared = declarations(`${distName(subPath)}.d.ts`);
    assert.ok(declared.length > 0);
    for (const text of declared) assert.not.match(text, internals);
  });
}

const sizes: ReadonlyArray<readonly [subPath: string, budget: number]> = [
  ['.', budgets.coreGzipBytes],
  ['./execute', budgets.executeGzipBytes],
];
for (const [subPath, budget] of sizes) {
  contents(`${subPath.replace('.', 'planql')} keeps to its size`, () => {
    const files = reach(subPath, 'esm', 'js').map(([file]) => readFileSync(join(repositoryRoot, file)));
    const bytes = files.reduce((sum, file) => sum + file.length, 0);
    const gzipped = files.reduce((sum, file) => sum + gzipSync(file).length, 0);
    console.log(`${subPath.replace('.', 'planql')}: ${bytes} bytes, ${gzipped} gzipped (budget ${budget})`);
    assert.ok(gzipped <= budget, `${gzipped} bytes gzipped`);
  });
}

contents.run();

/** The declarations of an entry point, and those that it imports. */
function declarations(file: string): readonly string[] {
  const files = new Set([file]);
  const texts: string[] = [];
  for (const name of files) {
    const text = readSource(`dist/${name}`);
    texts.push(text);
    for (const [, other] of text.matchAll(/from '\.\/([\w-]+)\.js'/g)) files.add(`${other}.d.ts`);
  }
  return texts;
}

/** The built file of an entry point and all files of the build that it loads. */
function reach(subPath: string, format: string, extension: string): ReadonlyArray<readonly [string, Output]> {
  const { outputs } = JSON.parse(readSource(`dist/metafile-${format}.json`)) as { outputs: Record<string, Output> };
  const found = new Map<string, Output>();
  visit(`dist/${distName(subPath)}.${extension}`);
  return [...found];

  function visit(file: string): void {
    const output = outputs[file];
    if (!output) throw new Error(`The build has no ${file}.`);
    if (found.has(file)) return;
    found.set(file, output);
    for (const entry of output.imports) if (!entry.external) visit(entry.path);
  }
}

/** The sources of the planner that come with an entry point. */
function plannerIn(subPath: string): ReadonlyArray<string> {
  const inputs = reach(subPath, 'esm', 'js').flatMap(([, output]) => Object.keys(output.inputs));
  return inputs.filter((input) => /^src\/(planner\/|engine\/planOperation)/.test(input));
}
