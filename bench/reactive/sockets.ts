import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { createInvalidator, memoryVersions, SUBPROTOCOL } from '../../src/reactive.ts';
import { secrets } from './secrets.ts';

const SOCKETS = 10_000;
const KEYS = 50;
const AT_ONCE = 200;

interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
  readonly watches: number;
}

/** What 10,000 sockets that watch 50 keys each take of a server process, and one change that all of them hear. */
export async function sockets(entry: string): Promise<Record<string, number>> {
  const child = fork(entry, { execArgv: ['--expose-gc'] });
  const [{ port, epoch }] = (await once(child, 'message')) as [{ port: number; epoch: string }];
  const { wireKeys, sets } = createInvalidator({ versions: memoryVersions(), secrets });
  const empty = await ask<Memory>(child, null);
  const clients: WebSocket[] = [];
  const told: number[] = [];
  const open = async (n: number): Promise<void> => {
    const names = [wireKeys.of('m:hot')];
    for (let key = 1; key < KEYS; key++) names.push(wireKeys.of(`o:${n * KEYS + key}`));
    const socket = new WebSocket(`ws://127.0.0.1:${port}/deps/socket`, SUBPROTOCOL, { perMessageDeflate: false });
    clients.push(socket);
    await once(socket, 'open');
    socket.send('{"type":"init","token":"bench"}');
    await once(socket, 'message');
    const set = sets.sealHeld('bench', { epoch, seq: 0, keys: names, versions: names.map(() => 0) });
    socket.send(JSON.stringify({ type: 'sub', id: '1', ...set }));
    await once(socket, 'message');
    socket.on('message', (data) => {
      if (String(data).startsWith('{"type":"inv"')) told.push(performance.now());
    });
  };
  for (let n = 0; n < SOCKETS; n += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, at) => open(n + at)));
  }
  const full = await ask<Memory>(child, null);
  const begin = performance.now();
  const { cpuMs } = await ask<{ cpuMs: number }>(child, 'hot');
  while (told.length < SOCKETS) await new Promise((resolve) => setTimeout(resolve, 5));
  for (const client of clients) client.terminate();
  child.kill();
  const mib = (bytes: number): number => Math.round(bytes / 2 ** 20);
  return {
    sockets: full.watches,
    'keys of each': KEYS,
    'server, MiB of RSS': mib(full.rss),
    'server without sockets, MiB of RSS': mib(empty.rss),
    'heap used, MiB more': mib(full.heapUsed - empty.heapUsed),
    'hot key: CPU of the server until all is sent, ms': Math.round(cpuMs),
    'hot key: first client is told, ms': Math.round(Math.min(...told) - begin),
    'hot key: last client is told, ms': Math.round((told.at(-1) ?? 0) - begin),
  };
}

async function ask<T>(child: ChildProcess, question: string | null): Promise<T> {
  child.send(question as never);
  const [answer] = (await once(child, 'message')) as [T];
  return answer;
}
