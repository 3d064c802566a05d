import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { watchFolder } from '../../src/cli/grapple/watchFolder.ts';
import { until } from '../support/until.ts';

/** A folder that is watched, with all that was told of it. */
class Watched {
  readonly folder: string = realpathSync(mkdtempSync(join(tmpdir(), 'planql-watch-')));
  readonly #told = new Set<string>();
  #stop = (): void => {};

  start(folders: readonly string[]): void {
    this.#stop = watchFolder(this.folder, folders, (files) => {
      for (const file of files) this.#told.add(file);
    });
  }

  write(path: string, text = ''): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** As most editors save: a new file takes the place of the old one. */
  replace(path: string, text: string): void {
    this.write('saved.tmp', text);
    renameSync(join(this.folder, 'saved.tmp'), join(this.folder, path));
  }

  /** Resolves when a file was told; forgets it. */
  async isTold(path: string): Promise<void> {
    await until(`${path} is told`, () => this.#told.has(path));
    this.#told.clear();
  }

  get told(): readonly string[] {
    return [...this.#told];
  }

  end(): void {
    this.#stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const test = suite('watching a project');
let watched: Watched;
test.before.each(() => {
  watched = new Watched();
});
test.after.each(() => watched.end());

test('a file is seen however it is written, and as often as it is', async () => {
  watched.write('schema/a.graphql');
  watched.start(['schema']);
  for (const round of ['1', '2']) {
    watched.replace('schema/a.graphql', round);
    await watched.isTold('schema/a.graphql');
    watched.write('schema/a.graphql', `${round} in place`);
    await watched.isTold('schema/a.graphql');
  }
});

test('folders that come later are seen with what is in them, and again when they come again', async () => {
  watched.start(['.', 'schema', 'pents']);
  for (const path of ['pents/A.ts', 'schema/deep/er/a.graphql', 'schema/deep/b.graphql']) {
    watched.write(path);
    await watched.isTold(path);
    watched.write(path, 'changed');
    await watched.isTold(path);
  }
  rmSync(join(watched.folder, 'schema'), { recursive: true });
  await watched.isTold('schema');
  watched.write('schema/deep/b.graphql', 'again');
  await watched.isTold('schema/deep/b.graphql');
  watched.write('schema/deep/b.graphql', 'and again');
  await watched.isTold('schema/deep/b.graphql');
});

test('what lies beside the folders is told only where it was asked for, and temporary files never', async () => {
  watched.write('schema/a.graphql');
  watched.start(['schema']);
  watched.write('main.ts');
  watched.write('schema/b.graphql.tmp');
  watched.write('schema/b.graphql~');
  watched.write('node_modules/x/index.js');
  watched.write('schema/a.graphql', 'changed');
  await until('a change is told', () => watched.told.length > 0);
  assert.equal(watched.told, ['schema/a.graphql']);
});

test.run();
