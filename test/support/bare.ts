/**
 * Runs tests as on a machine with Node and npm alone: npm run test:bare [-- pattern...]
 * Only node, npm and the shell that npm calls are in the path. Where that is allowed, the network is one of its own, with
 * nothing on its ports; else PLANQL_TEST_SERVERS=none keeps tests from looking. Without a pattern it runs the files that
 * look for servers, the examples, the programs, the README and the guides.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programs } from './needs.ts';
import { readSource, repositoryRoot, sourceFilesIn } from './repository.ts';

/** What imports these looks for servers. */
const SERVERS = /support\/(?:needs|servers|redisServer|browser|galera)\.ts'|mysql\/rows\.ts'|backends\.ts'/;
const OTHERS = ['test/examples/', 'test/readme/', 'test/docs/', 'test/cli/'];
/**
 * The full run has them, as they take long. Shorter files, which are run here, look for servers, git and the package's
 * programs in the same ways.
 */
const LONG = [
  'test/package/',
  'test/docs/types',
  'test/docs/grappleFiles',
  'test/reactive/client/',
  'test/reactive/outbox',
  'test/bench/',
  'test/cli/exportFiles',
  'test/kvetch/backfill',
  'test/kvetch/cleaner',
  'test/kvetch/expiry',
  'test/kvetch/lists',
  'test/kvetch/model',
  'test/kvetch/redis/protocol',
  'test/examples/marketRace.test',
  'test/examples/tracker.test',
];
/** What npm does for a user who has nothing else. */
const NPM = 'test/package/oneCommand';

const given = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'planql-bare-'));
try {
  symlinkSync(process.execPath, join(folder, 'node'));
  for (const name of ['npm', 'sh']) symlinkSync(realpathSync(programs(name) ?? ''), join(folder, name));
  const {
    CI: _ci,
    PLANQL_MYSQL_URL: _mysql,
    PLANQL_REDIS_URL: _redis,
    PLANQL_CHROMIUM: _chromium,
    ...env
  } = process.env;
  const test = [join(folder, 'npm'), 'test', '--', ...(given.length > 0 ? given : touched())];
  const [command = '', ...args] = namespace() ?? [process.execPath];
  console.log(command === process.execPath ? 'PLANQL_TEST_SERVERS=none' : 'In a network of its own');
  const { status } = spawnSync(command, [...args, ...test], {
    ...{ cwd: repositoryRoot, stdio: 'inherit' },
    env: { ...env, PATH: folder, ...(command === process.execPath && { PLANQL_TEST_SERVERS: 'none' }) },
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}

function touched(): readonly string[] {
  const files = sourceFilesIn('test').filter((file) => file.endsWith('.test.ts'));
  const starts = (file: string, some: readonly string[]): boolean => some.some((start) => file.startsWith(start));
  const chosen = files.filter((file) => SERVERS.test(readSource(file)) || starts(file, OTHERS));
  return [...chosen.filter((file) => !starts(file, LONG)), NPM];
}

/** What runs a program in a network of its own, with nothing but a loopback interface; null where that is not allowed. */
function namespace(): readonly string[] | null {
  const [unshare, ip, sh] = [programs('unshare'), programs('ip'), programs('sh')];
  if (unshare === null || ip === null || sh === null) return null;
  for (const flags of ['-n', '-rn']) {
    const command = [unshare, flags, sh, '-c', `${ip} link set lo up && exec "$@"`, 'sh'];
    if (spawnSync(unshare, [...command.slice(1), process.execPath, '--version']).status === 0)
      return [...command, process.execPath];
  }
  return null;
}
