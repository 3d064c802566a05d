import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { version } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { answersOf, difference } from '../../bench/answers.ts';
import { parseBenchArguments } from '../../bench/arguments.ts';
import { contenderNamed, contenderNames } from '../../bench/contenders/index.ts';
import { median } from '../../bench/median.ts';
import { drawChart } from '../../bench/report/chart.ts';
import type { Results } from '../../bench/report/Results.ts';
import { printTable } from '../../bench/report/table.ts';
import { ByteWriter } from '../../bench/workloads/ByteWriter.ts';
import { workloads } from '../../bench/workloads/index.ts';
import { needs } from '../support/needs.ts';
import { typescript } from '../support/repository.ts';

/** Right, but each takes seconds where all others together take one: `npm run bench` compares these too. */
const slow: Readonly<Record<string, readonly string[]>> = { 'plan-fragments': ['jit', 'grafast', 'grafast-objects'] };

process.env.GRAPHILE_ENV ??= 'production'; // or Grafast says on loading that it is not set

/** Grafast 1.1 calls functions that graphql 17 has no more. */
const comparable = contenderNames.filter((name) => version.startsWith('16.') || !name.startsWith('grafast'));

const answers = suite('bench: answers');

for (const workload of workloads) {
  answers(`all contenders answer ${workload.name} alike`, async () => {
    const reference = await answersOf(workload, await contenderNamed('graphql-js'));
    if (reference === null) throw new Error('graphql-js has no answer.');
    assert.ok(reference.every((answer) => answer.startsWith('{"data":')));
    let compared = 0;
    for (const name of comparable) {
      if (name === 'validate' || workload.unfit[name] !== undefined || slow[workload.name]?.includes(name)) continue;
      const contender = await contenderNamed(name);
      const given = await answersOf(workload, contender);
      if (given === null) continue;
      assert.is(difference(reference, given, contender.isExact), null, contender.title);
      compared++;
    }
    assert.ok(compared >= 5, `${compared} contenders were compared`);
  });
}

answers('a difference is told with its place, and the order of keys counts only for exact contenders', () => {
  assert.is(difference(['{"a":1,"b":2}'], ['{"b":2,"a":1}'], false), null);
  assert.match(difference(['{"a":1,"b":2}'], ['{"b":2,"a":1}'], true) ?? '', 'Answer 0 differs: at 2,');
  assert.match(difference(['{"a":1}', '{"a":2}'], ['{"a":1}', '{"a":3}'], false) ?? '', 'Answer 1 differs');
  assert.is(difference(['{}', '{}'], ['{}'], false), 'There is no answer 1.');
});

answers.run();

const parsing = suite('bench: arguments');

parsing('without arguments, everything is measured three times', () => {
  const { workloads: names, contenders, rounds, useDist } = parseBenchArguments([]);
  assert.equal(
    names,
    workloads.map(({ name }) => name),
  );
  assert.equal(contenders, contenderNames);
  assert.is(rounds, 3);
  assert.is(useDist, false);
});

parsing('--only and --peers choose; families mean all their forms; baselines stay', () => {
  const chosen = parseBenchArguments(['--only', 'flat, todo', '--peers', 'jit,grafast', '--rounds', '7']);
  assert.equal(chosen.workloads, ['todo', 'flat']);
  assert.equal(chosen.contenders, ['validate', 'hand-bytes', 'hand-objects', 'jit', 'grafast', 'grafast-objects']);
  assert.is(chosen.rounds, 7);
});

parsing('--quick is one short round, unless told otherwise', () => {
  const quick = parseBenchArguments(['--quick']);
  assert.equal([quick.rounds, quick.milliseconds], [1, 200]);
  assert.is(parseBenchArguments(['--quick', '--rounds', '2']).rounds, 2);
});

parsing('mistakes are refused with what there is', () => {
  assert.throws(() => parseBenchArguments(['--only', 'todos']), /There is no workload "todos". There are: todo, /);
  assert.throws(() => parseBenchArguments(['--peers', 'apollo']), /There is no contender "apollo"/);
  assert.throws(() => parseBenchArguments(['--rounds', '0']), /whole number above 0/);
  assert.throws(() => parseBenchArguments(['--milliseconds', 'long']), /whole number above 0/);
  assert.throws(() => parseBenchArguments(['--fast']), /--fast/);
});

parsing.run();

const reports = suite('bench: reports');

const results: Results = {
  date: '2026-01-02T00:00:00.000Z',
  machine: 'A <fast> machine',
  node: 'v20',
  revision: 'abc',
  planql: 'sources',
  rounds: 1,
  milliseconds: 1,
  versions: {},
  workloads: [
    {
      name: 'todo',
      title: 'todo view',
      baseline: 'hand-bytes',
      contenders: [
        {
          name: 'planql',
          title: 'planql, bytes',
          measured: { opsPerSecond: 12_345, cpuMicros: 8, allocatedBytes: 2048, storeCalls: 3 },
          ratio: 1.1,
          spread: null,
          missing: null,
        },
        { name: 'jit', title: 'jit', measured: null, ratio: null, spread: null, missing: 'out of memory' },
      ],
    },
  ],
};

reports('the table shows ratios, figures, and what is missing with its reason', () => {
  const table = printTable(results);
  assert.match(table, '| todo view | 1.10 | ✗ |');
  assert.match(table, '| planql, bytes | 1.10 | 12,345 | 8.00 | 2.00 | 3.00 |');
  assert.match(table, '- ✗ jit, todo: out of memory');
});

reports('the chart is well-formed: names are escaped, a missing contender says why', () => {
  const chart = drawChart(results);
  assert.match(chart, 'A &lt;fast> machine');
  assert.match(chart, 'out of memory');
  assert.is(chart.includes('NaN'), false);
});

reports('the median is the middle one, or the mean of the two in the middle', () => {
  assert.is(median([3, 1, 2]), 2);
  assert.is(median([4, 1, 2, 3]), 2.5);
});

reports('the writer by hand writes what JSON.stringify writes', () => {
  const texts = [
    '',
    'plain',
    'Zoë',
    'Зоя',
    '山田',
    '🦉',
    '\ud800',
    'a\udc00b',
    '"\\\n\u0001',
    'é'.repeat(100),
    'a\n'.repeat(99),
  ];
  const writer = new ByteWriter();
  for (const text of texts) {
    writer.string(text);
    assert.is(Buffer.from(writer.take()).toString(), JSON.stringify(text));
  }
  for (const number of [0, 7, 10, 99, 100, 12_345, 99_999, 100_000, -1, 2 ** 31 - 1]) {
    writer.integer(number);
    assert.is(Buffer.from(writer.take()).toString(), String(number));
  }
});

reports.run();

const comparing = suite('bench: two revisions');

function compare(...args: readonly string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...typescript, 'bench/compareRevisions.ts', ...args],
    { cwd: fileURLToPath(new URL('../..', import.meta.url)), encoding: 'utf8' },
  );
  return { status, output: stdout + stderr };
}

needs(comparing, 'git')('the last commit against the files as they are', () => {
  const { status, output } = compare(
    'HEAD',
    ...['--only', 'todo', '--peers', 'planql-objects', '--rounds', '1', '--milliseconds', '20'],
  );
  assert.is(status, 0, output);
  assert.match(output, /The files as they are now as a multiple of HEAD/);
  for (const contender of ['hand-bytes', 'planql-objects']) {
    assert.match(output, new RegExp(`\\| todo \\| ${contender} \\| [\\d.]+ \\|`));
  }
});

comparing('what is no revision is refused', () => {
  const { status, output } = compare('nope');
  assert.is(status, 2);
  assert.match(output, '"nope" is no revision that has a src/index.ts.');
});

comparing.run();
