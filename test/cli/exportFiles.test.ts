import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { repositoryRoot, typescript } from '../support/repository.ts';

const folder = join(repositoryRoot, '.tmp', `kvetch-export-${process.pid}`);
const config = join(folder, 'config.ts');
const FIRST = 'shards-0000-2047.ndjson';

const test = suite('files of kvetch export');
test.before(() => {
  const source = (name: string): string => JSON.stringify(join(repositoryRoot, name));
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    config,
    `import { sqliteShards } from ${source('src/kvetch-sqlite.ts')};
import { todoSchema, todoStore } from ${source('test/kvetch/todo.ts')};
const shards = sqliteShards({ file: ':memory:' });
await todoStore(shards).createObjects('User', Array.from({ length: 100 }, (_, n) => ({ data: { n } })));
export default { schema: todoSchema, shards };`,
  );
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the program as a process, since a call of the system that never ends keeps a thread. */
async function kvetch(...args: readonly string[]) {
  const program = join(repositoryRoot, 'src/bin-kvetch.ts');
  const child = spawn(process.execPath, [...typescript, program, ...args, '--config', config], {
    ...{ timeout: 30_000, killSignal: 'SIGKILL' },
  });
  const ran = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    ran.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    ran.err += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { ...ran, code };
}

/** An empty folder for an export. */
function place(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

const failures: Record<string, readonly [to: () => string, message: RegExp]> = {
  'a folder that cannot be made': [() => '/proc/planql', /"\/proc\/planql" cannot be made\. ENOENT/],
  'a folder within one that cannot be made': [() => '/proc/planql/x', /"\/proc\/planql\/x" cannot be made\. ENOENT/],
  'no name at all': [() => '', /--to names a folder/],
  'a file where the folder should be': [() => config, /config\.ts\/export\.json" cannot be read\. ENOTDIR/],
  'a file where the folder above should be': [
    () => join(config, 'x'),
    /config\.ts\/x\/export\.json" cannot be read\. ENOTDIR/,
  ],
  'a device where the folder should be': [() => '/dev/full', /"\/dev\/full\/export\.json" cannot be read\. ENOTDIR/],
  'a manifest that cannot be read': [
    () => {
      const to = place('manifest-folder');
      mkdirSync(join(to, 'export.json'));
      return to;
    },
    /export\.json.*EISDIR/,
  ],
  'half a manifest, left by a full disk': [
    () => {
      const to = place('manifest-half');
      writeFileSync(join(to, 'export.json'), '{ "format": 1, "par');
      return to;
    },
    /export\.json" is no manifest that this version reads/,
  ],
  'a folder in the place of a finished file': [
    () => {
      const to = place('finished-folder');
      mkdirSync(join(to, FIRST));
      return to;
    },
    /shards-0000-2047\.ndjson" cannot be read\. EISDIR/,
  ],
  'a folder in the place of a file': [
    () => {
      const to = place('file-folder');
      mkdirSync(join(to, `${FIRST}.partial`));
      return to;
    },
    /shards-0000-2047\.ndjson\.partial/,
  ],
};

for (const [title, [to, message]] of Object.entries(failures)) {
  test(`${title}: the export ends, and says the place and the reason`, async () => {
    const { code, out, err } = await kvetch('export', '--part', '2048', '--to', to());
    assert.ok(code === 1 || code === 2, `${code}: ${out}${err}`);
    assert.is(out, '');
    assert.match(err, message);
  });
}

test('a file that the import cannot read is named', async () => {
  const from = place('unreadable');
  assert.is((await kvetch('export', '--part', '2048', '--to', from)).code, 0);
  rmSync(join(from, FIRST));
  mkdirSync(join(from, FIRST));
  const { code, err } = await kvetch('import', '--from', from);
  assert.is(code, 1);
  assert.match(err, /shards-0000-2047\.ndjson" cannot be read\. EISDIR/);
  const unnamed = await kvetch('import', '--from', '');
  assert.is(unnamed.code, 2);
  assert.match(unnamed.err, /^--from names a folder/);
});

test('what an interrupted export left is replaced: also a link, whose target is left alone, and a pipe without a reader', async () => {
  const to = place('left');
  const other = join(folder, 'other');
  writeFileSync(other, 'precious');
  symlinkSync(other, join(to, `${FIRST}.partial`));
  assert.is(spawnSync('/usr/bin/mkfifo', [join(to, 'shards-2048-4095.ndjson.partial')]).status, 0);
  const { code, err } = await kvetch('export', '--part', '2048', '--to', to);
  assert.equal([code, err], [0, '']);
  assert.is(readFileSync(other, 'utf8'), 'precious');
  assert.equal(readdirSync(to).sort(), ['export.json', FIRST, 'shards-2048-4095.ndjson']);
});

for (const [blocks, name] of [
  [0, 'export.json'],
  [1, FIRST],
] as const) {
  test(`a disk that is full at ${name} ends the export, and nothing is left for the next one to stumble over`, async () => {
    const to = place(`disk-${blocks}`);
    // no file may have more than so many blocks of 512 bytes: a full disk that needs no rights
    const limited = ['-c', `trap '' XFSZ; ulimit -f ${blocks}; exec "$@"`, 'sh', process.execPath, ...typescript];
    const program = join(repositoryRoot, 'src/bin-kvetch.ts');
    const args = [...limited, program, 'export', '--to', to, '--part', '2048', '--config', config];
    const { status, stderr } = spawnSync('sh', args, { encoding: 'utf8', timeout: 30_000, killSignal: 'SIGKILL' });
    assert.is(status, 1, stderr);
    assert.match(stderr, new RegExp(`/${name}\\.partial" cannot be written\\. EFBIG`));
    assert.equal(readdirSync(to), blocks === 0 ? [] : ['export.json']);
    const { code, out } = await kvetch('export', '--to', to);
    assert.is(code, 0);
    assert.match(out, /rows were exported/);
  });
}

test.run();
