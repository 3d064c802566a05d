import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { GraphQLSchema } from 'graphql';
import ts from 'typescript';
import { generate } from '../../src/grapple/generate.ts';
import { readLock, readSources } from '../../src/grapple/project/readProject.ts';
import { type WriteOptions, type Written, writeProject } from '../../src/grapple/project/writeProject.ts';
import type { KvetchSchema } from '../../src/kvetch/schema/KvetchSchema.ts';
import type { PentModel } from '../../src/pent/contract.ts';
import { repositoryRoot } from '../support/repository.ts';

/** A folder with a schema, inside the repository: there "planql" means these sources. */
export class TestProject {
  readonly folder: string;
  readonly #removeAtExit = (): void => this.remove();

  constructor() {
    mkdirSync(join(repositoryRoot, '.tmp'), { recursive: true });
    this.folder = mkdtempSync(join(repositoryRoot, '.tmp', 'grapple-'));
    process.once('exit', this.#removeAtExit);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** Throws what is wrong. */
  generate(options: WriteOptions = {}): Written {
    const generated = generate(readSources(this.folder), { lock: readLock(this.folder) });
    if (generated.problems.length > 0) throw new Error(JSON.stringify(generated.problems));
    return writeProject(this.folder, generated, options);
  }

  async plans(): Promise<{ readonly schema: GraphQLSchema; readonly model: PentModel }> {
    return import(pathToFileURL(join(this.folder, 'generated/plans.ts')).href);
  }

  async kvetchSchema(): Promise<KvetchSchema> {
    return (await import(pathToFileURL(join(this.folder, 'generated/kvetchSchema.ts')).href)).kvetchSchema;
  }

  /** What TypeScript says of files of the project, as strictly as it checks this repository. */
  typeErrors(paths: readonly string[]): readonly string[] {
    const { config } = ts.readConfigFile(join(repositoryRoot, 'tsconfig.json'), ts.sys.readFile);
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, repositoryRoot);
    const program = ts.createProgram(
      paths.map((path) => join(this.folder, path)),
      { ...options, isolatedDeclarations: false, declaration: false },
    );
    // `npm run check` has the sources that they import
    const own = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(this.folder));
    return [
      ...[...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()],
      ...own.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
    ].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
  }

  remove(): void {
    process.off('exit', this.#removeAtExit);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
