import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { places } from './places.ts';

const watched = suite('promises are watched from when they are seen');
const main = fileURLToPath(new URL('main.ts', import.meta.url));

/** How each place ended: '' where the process went on, else what it said before it ended. */
async function outcomes(): Promise<string[]> {
  const found: string[] = [];
  while (found.length < places.length) found.push(...(await runFrom(found.length)));
  return found;
}

async function runFrom(first: number): Promise<string[]> {
  const child = spawn(process.execPath, [...process.execArgv, main, String(first)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [said, complaint] = ['', ''];
  child.stdout.on('data', (chunk) => (said += chunk));
  child.stderr.on('data', (chunk) => (complaint += chunk));
  await new Promise((resolve) => child.on('close', resolve));
  const done = said
    .split('\n')
    .filter((line) => line !== '')
    .map(() => '');
  return first + done.length < places.length ? [...done, complaint || 'ended without a word'] : done;
}

let all: Promise<string[]> | null = null;

for (const [index, { name }] of places.entries()) {
  watched(`${name} [R13 R27]`, async () => {
    all ??= outcomes();
    assert.is((await all)[index], '');
  });
}

watched.run();
