import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { find, isBare, type SharedServer } from './needs.ts';
import { stopProcess } from './stopProcess.ts';

/** A server process that belongs to one test. */
export interface OwnRedis {
  readonly url: string;
  readonly port: number;
  kill(): Promise<void>;
  pause(): void;
  resume(): void;
  start(): Promise<void>;
}

/** A Redis that tests may share: every user takes a prefix of its own and never flushes. */
export interface RedisForTests extends SharedServer {
  readonly url: string;
  newPrefix(): string;
}

let shared: Promise<RedisForTests> | null = null;
const noServer: RedisForTests = { isThere: false, program: 'redis-server', url: 'redis://127.0.0.1:1', newPrefix };

/**
 * The Redis for tests: `PLANQL_REDIS_URL`, else the one on 127.0.0.1:6379, else one that is started. One per process.
 * Whether there is one, `needs` asks.
 */
export function redisForTests(): Promise<RedisForTests> {
  shared ??= findRedis();
  return shared;
}

async function findRedis(): Promise<RedisForTests> {
  if (isBare) return noServer;
  const given = process.env.PLANQL_REDIS_URL;
  if (given !== undefined) return { ...noServer, isThere: true, url: given };
  const local = 'redis://127.0.0.1:6379';
  if (await answers(local)) return { ...noServer, isThere: true, url: local };
  if (find('redis-server') === null) return noServer;
  return { ...noServer, isThere: true, url: (await startRedis()).url };
}

function newPrefix(): string {
  return `planql-test:${randomBytes(6).toString('hex')}:`;
}

/** Starts a server on a free port, without persistence: it needs `redis-server`. */
export async function startRedis(args: readonly string[] = []): Promise<OwnRedis> {
  const directory = mkdtempSync(join(tmpdir(), 'planql-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | null = null;
  process.setMaxListeners(Math.max(process.getMaxListeners(), 50)); // a Cluster is many servers
  process.on('exit', () => {
    child?.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });
  const start = async (): Promise<void> => {
    child = spawn('redis-server', ['--port', String(port), '--dir', directory, '--save', '', ...args], {
      stdio: 'ignore',
    });
    child.unref(); // it ends with this process, which does not wait for it
    for (const end = Date.now() + 10_000; Date.now() < end; await sleep(20)) if (await answers(url)) return;
    throw new Error(`redis-server did not answer on port ${port}.`);
  };
  await start();
  return {
    ...{ url, port, start },
    kill: async () => {
      const running = child;
      child = null;
      if (running === null) return;
      const ended = new Promise((resolve) => running.once('exit', resolve));
      running.kill('SIGKILL');
      await ended;
    },
    pause: () => stopProcess(child),
    resume: () => void child?.kill('SIGCONT'),
  };
}

/** Starts a Cluster of three masters, first in the list, with so many replicas each: it needs `redis-server`. */
export async function startRedisCluster(replicas = 0): Promise<readonly OwnRedis[]> {
  const servers: OwnRedis[] = [];
  for (let at = 0; at < 3 * (1 + replicas); at++) {
    servers.push(await startRedis(['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000']));
  }
  const nodes = servers.map(({ port }) => `127.0.0.1:${port}`);
  const made = spawnSync(
    'redis-cli',
    ['--cluster', 'create', ...nodes, '--cluster-replicas', String(replicas), '--cluster-yes'],
    { timeout: 60_000 },
  );
  if (made.status !== 0) throw new Error(`redis-cli --cluster create: ${made.stdout}${made.stderr}`);
  // a replica that has never been in step does not take its master's place
  for (const { port } of servers.slice(3)) await untilInStep(port);
  return servers;
}

async function untilInStep(port: number): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(50)) {
    const { stdout } = spawnSync('redis-cli', ['-p', String(port), 'info', 'replication'], { encoding: 'utf8' });
    if (stdout.includes('master_link_status:up')) return;
  }
  throw new Error(`The replica on port ${port} did not catch up.`);
}

async function answers(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, connectTimeout: 1000, retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.ping();
    return true;
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

/**
 * A port that is free, as is the one 10,000 above it, on which the nodes of a Cluster talk. Both lie below the ports that
 * systems give to outgoing connections, which may come and go at any time.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_500 + Math.floor(Math.random() * 11_000);
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
