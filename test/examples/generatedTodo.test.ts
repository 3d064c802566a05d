import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKvetch, memoryShards } from 'planql/kvetch';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { kvetchSchema } from '../../examples/todo/generated/kvetchSchema.ts';
import { openReactive } from '../../examples/todo/reactive.ts';
import { createApp } from '../../examples/todo/server.ts';
import { readSettings } from '../../examples/todo/settings.ts';
import { generate } from '../../src/grapple/generate.ts';
import { readLock, readSources } from '../../src/grapple/project/readProject.ts';
import { writeProject } from '../../src/grapple/project/writeProject.ts';
import { repositoryRoot, typescript } from '../support/repository.ts';

const test = suite('generated examples');
const example = join(repositoryRoot, 'examples/todo');

/** The text of each file of a folder, by path. */
function filesOf(folder: string): Readonly<Record<string, string>> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1));
  const kept = paths.filter((path) => !path.includes('node_modules') && !/\.db(-\w+)?$/.test(path)).sort();
  return Object.fromEntries(kept.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

/** The text of a file, or of each file of a folder. */
function textsOf(path: string): string | Readonly<Record<string, string>> {
  return statSync(path).isDirectory() ? filesOf(path) : readFileSync(path, 'utf8');
}

// UPDATE_GOLDENS=1 makes it anew.
test('examples/todo is what "planql init todo" makes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'planql-example-'));
  try {
    const program = join(repositoryRoot, 'src/bin-planql.ts');
    const tsx = ['--import', import.meta.resolve('tsx')];
    const { status, stdout } = spawnSync(process.execPath, [...tsx, program, 'init', 'todo', '--no-install'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, TSX_TSCONFIG_PATH: join(repositoryRoot, 'tsconfig.json') },
    });
    assert.is(status, 0, stdout);
    // A clone's own program names the clone; the example names the version.
    const manifest = join(folder, 'todo/package.json');
    const { version } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'));
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/file:[^"]+/, `^${version}`));
    if (process.env.UPDATE_GOLDENS === '1') {
      rmSync(example, { recursive: true, force: true });
      cpSync(join(folder, 'todo'), example, { recursive: true });
    }
    const made = filesOf(join(folder, 'todo'));
    const there = filesOf(example);
    assert.equal(Object.keys(there), Object.keys(made));
    for (const [path, text] of Object.entries(made)) assert.is(there[path], text, path);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

// UPDATE_GOLDENS=1 copies them.
test('examples/market has the schema, the classes and the viewer of the template', () => {
  for (const part of ['schema', 'pents', 'viewer.ts']) {
    const template = join(repositoryRoot, 'src/grapple/templates/market', part);
    const copy = join(repositoryRoot, 'examples/market', part);
    if (process.env.UPDATE_GOLDENS === '1') {
      rmSync(copy, { recursive: true, force: true });
      cpSync(template, copy, { recursive: true });
    }
    assert.equal(textsOf(copy), textsOf(template));
  }
});

test('a client that reuses its connection loses no request while the server shuts down', async () => {
  const settings = readSettings({});
  const live = await openReactive(settings);
  const kvetch = createKvetch({ schema: kvetchSchema, shards: memoryShards(1), changes: live.reactive.changes });
  const app = await createApp({ ...live, kvetch, settings });
  const { server } = app;
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (): Promise<readonly unknown[]> =>
    new Promise((resolve, reject) => {
      const url = `http://localhost:${port}/graphql?query={__typename}`;
      const asked = request(url, { agent }, (response) => {
        response
          .resume()
          .on('end', () => resolve([response.statusCode, asked.reusedSocket, response.headers.connection]));
      });
      asked.on('error', reject).end();
    });
  try {
    assert.equal(await ask(), [200, false, 'keep-alive']);
    const down = app.close();
    assert.equal(await ask(), [200, true, 'close'], 'the request that was on its way');
    await down;
    assert.is(await ask().catch(({ code }) => code), 'ECONNREFUSED');
  } finally {
    agent.destroy();
    await live.close();
    await kvetch.close();
  }
});

test('examples/todo passes its own test', () => {
  const { status, stdout } = spawnSync(
    process.execPath,
    [...typescript, '--test', '--test-reporter=tap', 'examples/todo/test/todo.test.ts'],
    {
      cwd: repositoryRoot,
      encoding: 'utf8',
      // A runner of node:test that runs another one would take its messages.
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    },
  );
  assert.is(status, 0, stdout);
  assert.match(stdout, /# pass 3/);
});

test('examples/tracker: what is generated is up to date', () => {
  const folder = join(repositoryRoot, 'examples/tracker');
  const generated = generate(readSources(folder), { lock: readLock(folder) });
  const { written, stubs, edited } = writeProject(folder, generated, { dryRun: process.env.UPDATE_GOLDENS !== '1' });
  assert.equal(generated.problems, []);
  assert.equal([...edited, ...stubs], []);
  if (process.env.UPDATE_GOLDENS !== '1') assert.equal(written, []);
});

test.run();
