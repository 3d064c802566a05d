/**
 * docs/kvetch-servers.md as it stands, with the packed tarball: its commands one behind the other, in a folder without
 * servers. Its program ends with an error when an acknowledged write is lost, or read as it was before.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { needs } from '../support/needs.ts';
import { readSource } from '../support/repository.ts';
import { install } from './built.ts';

const page = readSource('docs/kvetch-servers.md');
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, block = '']) => block);

const test = needs(suite('the page on servers'), 'mariadbd', 'redis-server', 'galera', 'haproxy');
let folder: string;

test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'planql-servers-'));
  chmodSync(folder, 0o755); // servers run as users of their own
});

test.after(() => {
  const pidFiles = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /(^|[/.])pid$/.test(file),
  );
  for (const file of pidFiles) {
    try {
      process.kill(Number(readFileSync(join(folder, file), 'utf8')), 'SIGKILL');
    } catch {} // it has ended
  }
  rmSync(folder, { recursive: true, force: true });
});

test('each command works, and no server that dies takes an acknowledged write with it', async () => {
  const { folder: app } = await install();
  symlinkSync(join(app, 'node_modules'), join(folder, 'node_modules'));
  for (const block of blocks('js')) {
    const [, name = ''] = /^\/\/ (\S+\.mjs)$/m.exec(block) ?? [];
    writeFileSync(join(folder, name), block);
  }
  // two runs at a time on one machine: ports of one's own, below those that systems give away
  const hundred = 200 + Math.floor(Math.random() * 100);
  const script = blocks('sh')
    .join('\n')
    .replace(/\b44(?=\d\d\b|3\$)/g, String(hundred));
  writeFileSync(join(folder, 'page.sh'), `set -euo pipefail\nset -x\n${script}`);

  const { code, output } = await bash('page.sh');
  assert.is(code, 0, output);
  const told = [...output.matchAll(/^(\d+) orders, (\d+) lost, (\d+) stale, \d+ refused$/gm)];
  assert.is(told.length, 5);
  for (const [, orders, lost, stale] of told) assert.ok(Number(orders) > 0 && lost === '0' && stale === '0', output);
});

/** Runs to its end, with what it and the servers print in a file: servers hold pipes open. */
function bash(file: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const log = join(folder, 'output');
  const child = spawn('bash', ['-c', `bash ${file} > ${log} 2>&1`], { cwd: folder, stdio: 'ignore' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve({ code, output: readFileSync(log, 'utf8') }));
  });
}

test.run();
