import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { typescript } from '../support/repository.ts';

const test = suite('kvetch: a simulated fleet');
const program = fileURLToPath(new URL('../../bench/kvetch/simulate/run.ts', import.meta.url));

function simulate(...options: readonly string[]): { readonly status: number | null; readonly out: string } {
  const scenario = ['--servers', '4', '--programs', '3', '--users', '30', '--seconds', '4'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...typescript, program, ...scenario, ...options], {
    encoding: 'utf8',
  });
  return { status, out: stdout + stderr };
}

test('all promises are kept while servers, programs, movers and messages fail (6.8, 6.10)', () => {
  const { status, out } = simulate('--seeds', '1');
  assert.equal(status, 0, out);
  assert.match(out, 'seed 1: all promises were kept');
});

test('a seed is the same run alone and within a range', () => {
  const small = ['--servers', '3', '--users', '6', '--seconds', '1'];
  const [alone, range] = [simulate(...small, '--seeds', '3'), simulate(...small, '--seeds', '2-3')];
  assert.equal([alone.status, range.status], [0, 0], alone.out + range.out);
  assert.match(alone.out, /^seed 3: all promises were kept/);
  assert.ok(range.out.endsWith(`\n${alone.out}`), `${alone.out}${range.out}`);
});

test('with a cache, no read is older than promised while Redis fails, and no old entry stays (9.2)', () => {
  const { status, out } = simulate('--cached', '--seeds', '1');
  assert.equal(status, 0, out);
  const [, hits] = /"cache":\{"hits":(\d+)/.exec(out) ?? [];
  assert.ok(Number(hits) > 20, out);
});

test('it finds that a Redis says that it is the same after a restart with old entries', () => {
  const { status, out } = simulate('--prove', '--without', 'life', '--seconds', '10', '--seeds', '24-40');
  assert.equal(status, 0, out);
  assert.match(out, /without life: seed \d+: (program-\d+ (reads|counts|finds)|\d+ entries of the cache are older)/);
});

test('it finds that the claim of a unique value is missing; "--prove" takes out other checks, too', () => {
  const { status, out } = simulate('--prove', '--without', 'claims', '--seeds', '1-4');
  assert.equal(status, 0, out);
  assert.match(out, /without claims: seed \d: Two objects were given the unique value/);
});

test('it finds that a cleaner takes the lease of another one, and that tombstones are never removed (6.9)', () => {
  const turns = simulate('--prove', '--without', 'turns', '--seeds', '1-3');
  assert.equal(turns.status, 0, turns.out);
  assert.match(turns.out, /without turns: seed \d: \S+ takes "[^"]+" on server-\d, which \S+ has for \d+ ms more/);
  const sweep = simulate('--prove', '--without', 'sweep', '--seeds', '1');
  assert.equal(sweep.status, 0, sweep.out);
  assert.match(sweep.out, /without sweep: seed 1: The cleaners have left a tombstone/);
});

test('"--capacity" says what visitors see while servers are lost and shards move, and reads nothing that is too old', () => {
  const { status, out } = simulate('--capacity', '--seconds', '1', '--servers', '6');
  assert.equal(status, 0, out);
  assert.match(out, /\| nothing happens \| \d+ \| 0 \| 0 \| 0 \|/);
  assert.match(out, /\| a zone of 3 is silent \| \d+ \| [\d.]+ % \|/);
  assert.match(out, /\| 41 shards move \|/);
});

test.run();
