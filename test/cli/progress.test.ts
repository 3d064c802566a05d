import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { kvetchProgram } from '../../src/cli/kvetch/kvetchProgram.ts';
import { Progress } from '../../src/cli/Progress.ts';
import { runCommand } from '../../src/cli/runCommand.ts';
import type { Finding } from '../../src/kvetch/mysql/diagnose.ts';
import { mysqlCluster } from '../../src/kvetch-mysql.ts';
import { mysqlSuite } from '../kvetch/mysql/rows.ts';
import { idsOf, todoStore } from '../kvetch/todo.ts';
import { needs } from '../support/needs.ts';
import { redisForTests } from '../support/redisServer.ts';
import { repositoryRoot } from '../support/repository.ts';
import { freePort } from '../support/servers.ts';
import { until } from '../support/until.ts';

const redis = await redisForTests();
const ROWS = 60;

/** How the line of a terminal is cleared. */
const CLEAR = '\r\x1b[K';

interface Ran {
  readonly code: number | null;
  readonly lines: readonly string[];
  /** What was written to the terminal. */
  readonly terminal: readonly string[];
}

mysqlSuite('the kvetch program: progress and JSON', (test, server) => {
  const folder = join(repositoryRoot, '.tmp', `kvetch-progress-${process.pid}`);
  const databases = { a: server.newDatabase(), b: server.newDatabase() };
  const options = { servers: { a: { database: databases.a }, b: { database: databases.b } }, uri: server.uri };
  let configs = 0;

  test.before(async () => {
    mkdirSync(folder, { recursive: true });
    const cluster = mysqlCluster({ ...options, createDatabase: true });
    await cluster.init();
    const store = todoStore(cluster);
    idsOf(
      await store.createObjects(
        'User',
        Array.from({ length: ROWS }, (_, n) => ({ data: { n, city: 'Oslo' } })),
      ),
    );
    await store.close();
  });
  test.after(() => rmSync(folder, { recursive: true, force: true }));

  /** `cache`: an expression for the configuration. */
  function config(cache: string | null = null): string {
    const source = (name: string): string => JSON.stringify(join(repositoryRoot, name));
    const file = join(folder, `config-${configs++}.ts`);
    writeFileSync(
      file,
      `import { mysqlCluster } from ${source('src/kvetch-mysql.ts')};
import { redisCache } from ${source('src/kvetch-redis.ts')};
import { todoSchema } from ${source('test/kvetch/todo.ts')};
export default { schema: todoSchema, shards: mysqlCluster(${JSON.stringify(options)})${cache === null ? '' : `, cache: ${cache}`} };`,
    );
    return file;
  }

  /** Runs the program as on a terminal, or with its errors in a file. */
  async function kvetch(isTTY: boolean, file: string, ...args: readonly string[]): Promise<Ran> {
    const { stderr } = process;
    const before = { isTTY: stderr.isTTY, write: stderr.write };
    const terminal: string[] = [];
    const lines: string[] = [];
    stderr.isTTY = isTTY;
    stderr.write = ((text: string | Uint8Array): boolean => {
      terminal.push(String(text));
      return true;
    }) as typeof stderr.write;
    try {
      const code = await runCommand(kvetchProgram, [...args, '--config', file], (line) => void lines.push(line));
      return { code, lines, terminal };
    } finally {
      stderr.isTTY = before.isTTY;
      stderr.write = before.write;
    }
  }

  /** The bars among what was written, and that the last thing was to clear the line. */
  function barsOf({ terminal }: Ran): readonly string[] {
    assert.is(terminal.at(-1), CLEAR);
    const bars = terminal.filter((text) => text !== CLEAR);
    assert.ok(bars.every((text) => text.startsWith(CLEAR)));
    return bars.map((text) => text.slice(CLEAR.length));
  }

  test('a bar says how much of how much, how fast and how long; without a total only how much', () => {
    const show = (done: number, total: number | null): string => {
      const written: string[] = [];
      const progress = new Progress('rows', { isTTY: true, write: (text) => written.push(text) });
      progress.show(done, total);
      progress.clear();
      progress.clear();
      assert.is(written.at(-1), CLEAR);
      assert.is(written.length, 2);
      return (written[0] as string).slice(CLEAR.length);
    };
    assert.match(show(500, 1000), /^\[#{12}-{12}\] 50 % of 1,000 rows, [\d,]+ rows\/s, \d+:\d\d left$/);
    assert.match(show(0, 1000), /^\[-{24}\] 0 % of 1,000 rows, 0 rows\/s$/);
    assert.match(show(3000, 1000), /^\[#{24}\] 100 % of 1,000 rows, [\d,]+ rows\/s, 0:00 left$/);
    assert.match(show(1234567, null), /^1,234,567 rows, [\d,]+ rows\/s$/);
    assert.match(show(5, 0), /^5 rows, /);
    const silent: string[] = [];
    const progress = new Progress('rows', { isTTY: false, write: (text) => silent.push(text) });
    progress.show(1, 2);
    progress.clear();
    assert.equal(silent, []);
    assert.ok(progress.rate(10) > 0);
  });

  test('clean shows a bar on a terminal, and prints one document a run as JSON', async () => {
    const onTerminal = await kvetch(true, config(), 'clean');
    assert.is(onTerminal.code, 0);
    const bars = barsOf(onTerminal);
    assert.ok(bars.length > 0);
    assert.ok(
      bars.every((bar) => /^\[[#-]{24}\] \d+ % of [\d,]+ rows, [\d,]+ rows\/s|^[\d,]+ rows, /.test(bar)),
      bars.join('\n'),
    );
    assert.match(onTerminal.lines.join('\n'), /scanned \d+, .*; \d+ rows\/s$/);
    const asJson = await kvetch(false, config(), 'clean', '--recent', '--json');
    assert.equal([asJson.code, asJson.lines.length, asJson.terminal.length], [0, 1, 0]);
    const report = JSON.parse(asJson.lines[0] as string) as Record<string, unknown>;
    assert.equal(
      [report.mode, report.complete, report.errors, report.problems, report.missingEdges],
      ['recent', true, 0, [], 0],
    );
    assert.ok(!Number.isNaN(Date.parse(String(report.at))));
    assert.ok(Number.isInteger(report.tookMs) && Number.isInteger(report.scanned));
  });

  test('export shows a bar, and prints a document a file and one for all; repeated, it says what was there', async () => {
    const to = join(folder, 'dump');
    const first = await kvetch(true, config(), 'export', '--to', to, '--part', '1024', '--json');
    assert.is(first.code, 0);
    const documents = first.lines.map((line) => JSON.parse(line) as Record<string, number | string>);
    const [summary] = documents.slice(-1);
    const files = documents.slice(0, -1);
    assert.equal(
      files.map(({ file }) => file),
      readdirSync(to).filter((name) => name.includes('-')),
    );
    const rows = files.reduce((sum, one) => sum + Number(one.rows), 0);
    assert.equal([summary?.parts, summary?.kept, summary?.rows], [4, 0, rows]);
    assert.ok(rows >= 2 * ROWS, 'objects and entries');
    assert.ok(Number(summary?.rowsPerSecond) > 0);
    assert.ok(barsOf(first).every((bar) => /rows\/s/.test(bar)));
    const again = await kvetch(false, config(), 'export', '--to', to, '--json');
    assert.equal([again.lines.length, JSON.parse(again.lines[0] as string).kept, again.terminal], [1, 4, []]);
  });

  test('move shows a bar over its shards, and prints a document a step and one for all', async () => {
    const args = ['--from', 'a', '--to', 'b', '--range', '0-511', '--chunk', '256', '--json'];
    const moved = await kvetch(true, config(), 'move', ...args);
    assert.is(moved.code, 0, moved.lines.join('\n'));
    const documents = moved.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const steps = documents.slice(0, -1);
    assert.ok(
      steps.every(({ stage, from, to, rows }) => typeof stage === 'string' && [from, to, rows].every(Number.isInteger)),
    );
    assert.equal([...new Set(steps.map(({ from, to }) => `${from}-${to}`))], ['0-255', '256-511']);
    assert.equal([documents.at(-1)?.shards, typeof documents.at(-1)?.frozenMs], [512, 'number']);
    assert.ok(barsOf(moved).every((bar) => /^\[[#-]{24}\] \d+ % of 512 shards, /.test(bar)));
    const back = await kvetch(false, config(), 'move', '--from', 'b', '--to', 'a', '--range', '0-511');
    assert.equal([back.code, back.terminal], [0, []]);
    assert.match(back.lines.at(-1) ?? '', /^512 shards moved, \d+ rows; writes waited \d+ ms at most\.$/);
  });

  const aboutRedis = async (cache: string): Promise<readonly Finding[]> => {
    const { lines } = await kvetch(false, config(cache), 'doctor', '--json');
    return (JSON.parse(lines.join('\n')) as readonly Finding[]).filter(({ problem }) => problem.includes('Redis'));
  };

  test('doctor says when Redis does not answer', async () => {
    const nobody = `redis://127.0.0.1:${await freePort()}`;
    assert.equal(
      (await aboutRedis(`redisCache({ url: ${JSON.stringify(nobody)} })`)).map(
        ({ severity, certainty, server: place, remedy }) => [severity, certainty, place, remedy],
      ),
      [['warning', 'likely', null, 'start Redis, or mend its address in the configuration']],
    );
    const closed = `(() => { const cache = redisCache({ url: ${JSON.stringify(nobody)} }); void cache.close(); return cache; })()`;
    assert.equal(
      (await aboutRedis(closed)).map(({ certainty }) => certainty),
      ['certain'],
    );
  });

  needs(test, redis)('doctor says nothing about a Redis that answers', async () => {
    const there = `redisCache({ url: ${JSON.stringify(redis.url)}, timeoutMs: 2000 })`;
    await until('doctor hears of Redis', async () => (await aboutRedis(there)).length === 0); // a busy machine may be late
  });
});
