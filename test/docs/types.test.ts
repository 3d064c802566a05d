/** The programs of the README and of the guides compile, as strictly as TypeScript can check them. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSource, repositoryRoot } from '../support/repository.ts';

const test = suite('types of guides');
// Inside the repository, so that "planql" means these sources.
const folder = join(repositoryRoot, '.tmp', `docs-types-${process.pid}`);
const guides = readdirSync(join(repositoryRoot, 'docs')).filter((name) => name.endsWith('.md'));

const blocksOf = (page: string): readonly string[] =>
  [...readSource(page).matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);

/** Each block of the README is a program; those of a guide are one. */
const programs = new Map<string, string>([
  ...blocksOf('README.md').map((code, at) => [`README.${at}.mts`, code] as const),
  ...guides.map((guide) => [`${guide}.mts`, `${blocksOf(`docs/${guide}`).join('\n')}\nexport {};\n`] as const),
]);

test('they compile', () => {
  mkdirSync(folder, { recursive: true });
  for (const [name, code] of programs) writeFileSync(join(folder, name), code);
  const { config } = ts.readConfigFile(join(repositoryRoot, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(
    {
      ...config.compilerOptions,
      ...{ isolatedDeclarations: false, declaration: false, noUnusedLocals: false, noUnusedParameters: false },
    },
    repositoryRoot,
  );
  const files = [...programs.keys()].map((name) => join(folder, name));
  const program = ts.createProgram(files, options);
  const errors = files.flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ start = 0, messageText }) => {
        const { line = 0 } = source?.getLineAndCharacterOfPosition(start) ?? {};
        const text = source?.text.split('\n')[line];
        return `${file.slice(folder.length + 1)}: ${text}\n  ${ts.flattenDiagnosticMessageText(messageText, '\n  ')}`;
      },
    );
  });
  assert.equal(errors, []);
});

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
