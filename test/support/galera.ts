import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { find } from './needs.ts';
import { freePort, installMariadb } from './servers.ts';

const STARTS_MS = 60_000;

/** One node of a Galera cluster, which a test can kill and start again. */
export interface GaleraNode {
  readonly uri: string;
  readonly port: number;
  kill(): Promise<void>;
  /** Joins the others, and waits until it is in step with them. */
  start(): Promise<void>;
}

export interface GaleraCluster {
  readonly nodes: readonly GaleraNode[];
  remove(): Promise<void>;
}

/** Starts a cluster on the loopback interface: it needs `galera`. */
export async function startGalera(count: number): Promise<GaleraCluster> {
  const root = mkdtempSync(join(tmpdir(), 'planql-galera-'));
  const places: Array<{ readonly sql: number; readonly group: number; readonly state: number; readonly ist: number }> =
    [];
  while (places.length < count)
    places.push({ sql: await freePort(), group: await freePort(), state: await freePort(), ist: await freePort() });
  const address = (but: number): string =>
    `gcomm://${places.flatMap(({ group }, at) => (at === but ? [] : [`127.0.0.1:${group}`])).join(',')}`;
  const clear: Array<() => void> = [];
  const removeAll = (): void => {
    for (const one of clear) one();
    rmSync(root, { recursive: true, force: true });
  };
  process.on('exit', removeAll);
  const nodes = places.map((place, at) => newNode(join(root, `node-${at}`), place, () => address(at), clear));
  for (const [at, node] of nodes.entries()) await (at === 0 ? node.begin() : node.start());
  return {
    nodes,
    remove: async () => {
      for (const node of nodes) await node.kill();
      removeAll();
      process.off('exit', removeAll);
    },
  };
}

function newNode(
  directory: string,
  {
    sql,
    group,
    state,
    ist,
  }: { readonly sql: number; readonly group: number; readonly state: number; readonly ist: number },
  others: () => string,
  clear: Array<() => void>,
): GaleraNode & { begin(): Promise<void> } {
  const data = join(directory, 'data');
  // not root: its rsync, which brings a node's data to the next, would run as nobody
  const isRoot = process.getuid?.() === 0;
  // a directory of its own for temporary tables: a server that starts removes those of others from the one that they share
  const common = [`--tmpdir=${directory}`, ...(isRoot ? ['--user=mysql'] : [])];
  const uri = `mysql://root@127.0.0.1:${sql}`;
  let child: ChildProcess | null = null;
  mkdirSync(directory);
  installMariadb(data);
  if (isRoot) spawnSync('chown', ['-R', 'mysql', join(directory, '..')]);
  clear.push(() => child?.kill('SIGKILL'));

  const run = async (cluster: string): Promise<void> => {
    const options = `gmcast.listen_addr=tcp://127.0.0.1:${group};ist.recv_addr=127.0.0.1:${ist};pc.recovery=false;gcache.size=16M`;
    child = spawn(
      'mariadbd',
      [
        ...['--no-defaults', `--datadir=${data}`, `--port=${sql}`, '--bind-address=127.0.0.1'],
        ...[`--socket=${join(directory, 'sock')}`, `--pid-file=${join(directory, 'pid')}`, '--skip-name-resolve'],
        ...[`--log-error=${join(directory, 'error.log')}`, '--innodb-buffer-pool-size=64M', ...common],
        ...['--innodb-flush-log-at-trx-commit=2', '--binlog-format=ROW', '--innodb-autoinc-lock-mode=2'],
        ...['--wsrep-on=ON', `--wsrep-provider=${find('galera')}`, '--wsrep-cluster-name=planql'],
        ...[`--wsrep-cluster-address=${cluster}`, `--wsrep-node-address=127.0.0.1:${group}`],
        ...['--wsrep-sst-method=rsync', `--wsrep-sst-receive-address=127.0.0.1:${state}`],
        `--wsrep-provider-options=${options}`,
      ],
      { stdio: 'ignore' },
    );
    for (const end = Date.now() + STARTS_MS; Date.now() < end; await sleep(100)) if (await isSynced(uri)) return;
    throw new Error(`The Galera node on port ${sql} did not get in step with the others; see ${directory}/error.log.`);
  };
  return {
    ...{ uri, port: sql },
    begin: () => run('gcomm://'),
    start: () => run(others()),
    kill: async () => {
      const running = child;
      child = null;
      if (running === null || running.exitCode !== null) return;
      const ended = new Promise((resolve) => running.once('exit', resolve));
      running.kill('SIGKILL');
      await ended;
    },
  };
}

async function isSynced(uri: string): Promise<boolean> {
  try {
    const connection = await createConnection({ uri, connectTimeout: 1000 });
    const [rows] = await connection.query<RowDataPacket[]>("SHOW STATUS LIKE 'wsrep_local_state_comment'");
    connection.destroy();
    return rows[0]?.Value === 'Synced';
  } catch {
    return false;
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
