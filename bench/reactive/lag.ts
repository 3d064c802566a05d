import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import {
  createInvalidationServer,
  createInvalidator,
  memoryVersions,
  SUBPROTOCOL,
  toRequest,
  type VersionStore,
} from '../../src/reactive.ts';
import { redisVersions } from '../../src/reactive-redis.ts';
import { redisForTests } from '../../test/support/redisServer.ts';
import { secrets } from './secrets.ts';

const SOCKETS = 200;
const KEYS = 50;
const CHANGES = 2000;

/** From `invalidate` to the frame at the client, in milliseconds: in one process, and from another one over Redis. */
export async function lag(): Promise<Record<string, number>> {
  const versions = memoryVersions();
  const embedded = await measure(versions, versions);
  const redis = await redisForTests();
  if (!redis.isThere) return named('embedded', embedded);
  const place = { url: redis.url, prefix: redis.newPrefix(), timeoutMs: 30_000 };
  const stores = [redisVersions(place), redisVersions(place)] as const;
  await Promise.all(stores.map((store) => store.ready()));
  const overRedis = await measure(...stores);
  await Promise.all(stores.map((store) => store.close()));
  return { ...named('embedded', embedded), ...named('over Redis', overRedis) };
}

/** The lags of changes one after the other, each of a key that one of the sockets watches. */
async function measure(writer: VersionStore, reader: VersionStore): Promise<readonly number[]> {
  const [writing, reading] = [writer, reader].map((versions) => createInvalidator({ versions, secrets }));
  if (writing === undefined || reading === undefined) throw new Error('There are two.');
  const server = createInvalidationServer({ invalidator: reading, authenticate: (_request, token) => String(token) });
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false, handleProtocols: () => SUBPROTOCOL });
  sockets.on('connection', (socket, message) => server.serve(socket, toRequest(message)));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const { epoch, seq } = await reader.read([]);
  const clients: WebSocket[] = [];
  for (let n = 0; n < SOCKETS; n++) {
    const names = Array.from({ length: KEYS }, (_, key) => reading.wireKeys.of(`m:${n}.${key}`));
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, SUBPROTOCOL, { perMessageDeflate: false });
    clients.push(socket);
    await once(socket, 'open');
    socket.send('{"type":"init","token":"bench"}');
    await once(socket, 'message');
    const set = reading.sets.sealHeld('bench', { epoch, seq, keys: names, versions: names.map(() => 0) });
    socket.send(JSON.stringify({ type: 'sub', id: '1', ...set }));
    await once(socket, 'message');
  }
  const lags: number[] = [];
  for (let change = 0; change < CHANGES; change++) {
    const n = change % SOCKETS;
    const heard = once(clients[n] as WebSocket, 'message');
    const begin = performance.now();
    await writing.invalidate(`${n}.${change % KEYS}`);
    await heard;
    lags.push(performance.now() - begin);
  }
  for (const client of clients) client.terminate();
  sockets.close();
  http.close();
  await reading.close();
  return lags.sort((a, b) => a - b);
}

function named(name: string, lags: readonly number[]): Record<string, number> {
  const at = (share: number): number => Number((lags[Math.floor(lags.length * share)] ?? 0).toFixed(2));
  return { [`${name}: p50, ms`]: at(0.5), [`${name}: p99, ms`]: at(0.99) };
}
