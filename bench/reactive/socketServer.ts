/** The server of bench/reactive/sockets.ts, as a process of its own: what it takes is measured there. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import {
  createInvalidationServer,
  createInvalidator,
  memoryVersions,
  SUBPROTOCOL,
  toRequest,
} from '../../src/reactive.ts';
import { secrets } from './secrets.ts';

const invalidator = createInvalidator({ versions: memoryVersions(), secrets });
const server = createInvalidationServer({ invalidator, authenticate: (_request, token) => String(token) });
const http = createServer();
const sockets = new WebSocketServer({
  ...{ server: http, perMessageDeflate: false, maxPayload: 2 ** 20 },
  handleProtocols: () => SUBPROTOCOL,
});
sockets.on('connection', (socket, message) => server.serve(socket, toRequest(message)));
http.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const { epoch } = invalidator.versions.seen ?? { epoch: '' };
  process.send?.({ port: (http.address() as AddressInfo).port, epoch });
});

process.on('message', async (key: string | null) => {
  if (key !== null) {
    const before = process.cpuUsage();
    await invalidator.invalidate(key);
    const { user, system } = process.cpuUsage(before);
    process.send?.({ cpuMs: (user + system) / 1000 });
    return;
  }
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  process.send?.({ rss, heapUsed, watches: invalidator.watches.size.watches });
});
