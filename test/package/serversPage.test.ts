/**
 * docs/kvetch-servers.md as it stands, with the packed tarball: its commands one behind the other, in a folder without
 * servers. One shell runs all of them; a test for each heading waits until its commands are done. Its program ends with an
 * error when an acknowledged write is lost, or read as it was before.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { needs } from '../support/needs.ts';
import { reported } from '../support/reported.ts';
import { readSource } from '../support/repository.ts';
import { install } from './built.ts';

const page = readSource('docs/kvetch-servers.md');
const blocksOf = (text: string, language: string): readonly string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, block = '']) => block);
/** The headings with commands below them. */
const parts = page
  .split(/^## /m)
  .slice(1)
  .map((text) => ({ heading: text.slice(0, text.indexOf('\n')), commands: blocksOf(text, 'sh').join('') }))
  .filter(({ commands }) => commands !== '');

const test = needs(suite('the page on servers'), 'mariadbd', 'redis-server', 'galera', 'haproxy');
const folder = mkdtempSync(join(tmpdir(), 'planql-servers-'));
const output = (): string => readFileSync(join(folder, 'output'), 'utf8');
let shell: ChildProcess;

test.before(
  reported(async () => {
    chmodSync(folder, 0o755); // servers run as users of their own
    const { folder: app } = await install();
    symlinkSync(join(app, 'node_modules'), join(folder, 'node_modules'));
    for (const block of blocksOf(page, 'js')) {
      const [, name = ''] = /^\/\/ (\S+\.mjs)$/m.exec(block) ?? [];
      writeFileSync(join(folder, name), block);
    }
    const script = parts.map(({ commands }, at) => `${commands}\necho "== part ${at} is done"\n`).join('');
    // ports of one's own: two runs may share a machine. The nodes of a Redis cluster also take those 10,000 above, and these,
    // too, are below 32,768, where systems begin to give ports away
    const hundred = 200 + Math.floor(Math.random() * 27);
    const moved = script.replace(/\b44(?=\d\d\b|3\$)/g, String(hundred));
    writeFileSync(join(folder, 'page.sh'), `set -euo pipefail\nset -x\n${moved}`);
    writeFileSync(join(folder, 'output'), '');
    // servers hold pipes open: what is printed goes into a file
    shell = spawn('bash', ['-c', 'bash page.sh > output 2>&1'], { cwd: folder, stdio: 'ignore' });
  }),
);

test.after(() => {
  shell.kill('SIGKILL');
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

for (const [at, { heading }] of parts.entries()) {
  test(`its commands work: ${heading}`, async () => {
    const mark = `\n== part ${at} is done\n`;
    while (!output().includes(mark) && shell.exitCode === null) await sleep(200);
    assert.ok(output().includes(mark), output().slice(-4000));
  });
}

test('no server that died took an acknowledged write with it', () => {
  const told = [
    ...output().matchAll(/^(\d+) orders, (\d+) lost, (\d+) not listed, (\d+) counted, (\d+) stale, \d+ refused$/gm),
  ];
  assert.is(told.length, 5);
  const named = output().match(/^(?:lost|listed late|not listed): .*$/gm) ?? [];
  for (const [line, orders, lost, missing, counted, stale] of told)
    assert.ok(
      Number(orders) > 0 && lost === '0' && missing === '0' && Number(counted) >= Number(orders) && stale === '0',
      [...named, line].join('\n'),
    );
});

test.run();
