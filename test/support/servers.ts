import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { find, isBare, type SharedServer } from './needs.ts';
import { stopProcess } from './stopProcess.ts';

/** A MariaDB or MySQL server that tests may use; each test file makes databases of its own. */
export interface MysqlTestServer extends SharedServer {
  /** `mysql://user:password@host:port`, without a database. */
  readonly uri: string;
  /** The name of a new database, which is dropped when the tests end. Nothing is created yet. */
  newDatabase(): string;
}

/** A server process that belongs to one test: it can be killed, paused and started again. */
export interface OwnMariadb {
  readonly uri: string;
  readonly port: number;
  kill(): Promise<void>;
  pause(): void;
  resume(): void;
  /** Starts it again; one that runs goes on. */
  start(): Promise<void>;
  /** Kills it and removes its files. */
  remove(): Promise<void>;
}

const STARTS_MS = 30_000;
const prefix = `planql_test_${process.pid}_`;
const noServer: MysqlTestServer = { isThere: false, program: 'mariadbd', uri: 'mysql://127.0.0.1:1', newDatabase };
let databases = 0;
let shared: Promise<MysqlTestServer> | null = null;

/**
 * The server for tests: `PLANQL_MYSQL_URL`, else the one on 127.0.0.1:3306, else one that is started. One per process.
 * Whether there is one, `needs` asks.
 */
export function mysqlForTests(): Promise<MysqlTestServer> {
  shared ??= findMysql();
  return shared;
}

async function findMysql(): Promise<MysqlTestServer> {
  if (isBare) return noServer;
  const given = process.env.PLANQL_MYSQL_URL;
  if (given !== undefined) return withCleanup(given.replace(/\/+$/, ''));
  const local = 'mysql://root@127.0.0.1:3306';
  if (await answers(local)) return withCleanup(local);
  if (find('mariadbd') === null) return noServer;
  return { ...noServer, isThere: true, uri: (await startMariadb()).uri };
}

function newDatabase(): string {
  return `${prefix}${databases++}`;
}

/** Drops the databases of this process when it ends, in a process of its own, as nothing can be awaited then. */
function withCleanup(uri: string): MysqlTestServer {
  const drop = `const mysql = require('mysql2/promise');
    (async () => {
      const connection = await mysql.createConnection(process.argv[1]);
      for (let at = 0; at < Number(process.argv[3]); at++)
        await connection.query('DROP DATABASE IF EXISTS \`' + process.argv[2] + at + '\`');
      await connection.end();
    })();`;
  process.on('exit', () => {
    if (databases > 0)
      spawnSync(process.execPath, ['-e', drop, '--', uri, prefix, String(databases)], { timeout: 60_000 });
  });
  return { ...noServer, isThere: true, uri };
}

/** Whether a server is there. */
export async function answers(uri: string): Promise<boolean> {
  try {
    const connection = await createConnection({ uri, connectTimeout: 2000 });
    await connection.query('SELECT 1');
    connection.destroy();
    return true;
  } catch {
    return false;
  }
}

/** Servers of a test's own, which it can hurt. */
export async function startMariadbs(count: number): Promise<OwnMariadb[]> {
  const servers: OwnMariadb[] = [];
  while (servers.length < count) servers.push(await startMariadb());
  return servers;
}

/** Starts a MariaDB on a free port with files of its own: it needs `mariadbd`. */
export async function startMariadb(options: readonly string[] = ['--skip-log-bin']): Promise<OwnMariadb> {
  const directory = mkdtempSync(join(tmpdir(), 'planql-mariadb-'));
  const data = join(directory, 'data');
  // of its own: a server that starts removes temporary tables of others from the one that they share
  const common = [`--tmpdir=${directory}`, ...(process.getuid?.() === 0 ? ['--user=root'] : [])];
  installMariadb(data);
  const port = await freePort();
  const uri = `mysql://root@127.0.0.1:${port}`;
  let child: ChildProcess | null = null;

  const start = async (): Promise<void> => {
    if (child !== null && child.exitCode === null) return;
    child = spawn(
      'mariadbd',
      [
        ...['--no-defaults', `--datadir=${data}`, `--port=${port}`, '--bind-address=127.0.0.1'],
        ...[`--socket=${join(directory, 'sock')}`, `--pid-file=${join(directory, 'pid')}`],
        // committed rows are with the operating system, which outlives a server that tests kill; no disk is waited for
        ...['--innodb-buffer-pool-size=64M', '--innodb-flush-log-at-trx-commit=2', '--skip-name-resolve', ...common],
        ...options,
      ],
      { stdio: 'ignore' },
    );
    child.unref(); // it ends with this process, which does not wait for it
    for (const end = Date.now() + STARTS_MS; Date.now() < end; await sleep(50)) if (await answers(uri)) return;
    throw new Error(`mariadbd did not answer on port ${port}.`);
  };
  const kill = async (): Promise<void> => {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.ref();
    running.kill('SIGKILL');
    await ended;
  };
  const clear = (): void => {
    child?.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  };
  process.on('exit', clear);
  await start();
  return {
    ...{ uri, port, start, kill },
    pause: () => stopProcess(child),
    resume: () => void child?.kill('SIGCONT'),
    remove: async () => {
      await kill();
      clear();
      process.off('exit', clear);
    },
  };
}

let installed: string | null = null;

/** Puts the files of a new server into a folder that is not there yet: they are made once per process, and copied. */
export function installMariadb(data: string): void {
  installed ??= newInstallation();
  // most of it are logs of zeros
  const copied = spawnSync('cp', ['-r', ...(process.platform === 'linux' ? ['--sparse=always'] : []), installed, data]);
  if (copied.status !== 0) throw new Error(`cp failed: ${copied.stderr}`);
}

function newInstallation(): string {
  const directory = mkdtempSync(join(tmpdir(), 'planql-mariadb-new-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  const data = join(directory, 'data');
  const { status, stderr } = spawnSync('mariadb-install-db', [
    ...['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'],
    ...[`--tmpdir=${directory}`, ...(process.getuid?.() === 0 ? ['--user=root'] : [])],
  ]);
  if (status !== 0) throw new Error(`mariadb-install-db failed: ${stderr}`);
  return data;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
