import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebSocketServer } from 'ws';
import { checkOptions } from '../../errors/checkOptions.ts';
import { Invalidator } from '../../reactive/Invalidator.ts';
import { HttpInvalidationServer, type InvalidationServer } from '../../reactive/server/createInvalidationServer.ts';
import { defaultLimits } from '../../reactive/server/limits.ts';
import { nodeHandler, toRequest } from '../../reactive/server/nodeHandler.ts';
import { type StandaloneOptions, standaloneOptions } from '../../reactive/server/StandaloneOptions.ts';
import { SUBPROTOCOL } from '../../reactive/server/sockets.ts';
import { isRecord } from '../../utils/isRecord.ts';
import { propertiesOf } from '../../utils/propertiesOf.ts';
import { type Command, UsageError } from '../Command.ts';
import { importModule } from '../importModule.ts';
import { readOptions } from '../readOptions.ts';
import { untilStopped } from '../untilStopped.ts';

const PORT = 4001;
const DRAIN_MS = 10_000;
/** How long requests may take that are under way when all connections were told to go. */
const PATIENCE_MS = 5000;

/** Serves invalidations alone, until it is told to stop. */
export const invalidationServer: Command = {
  words: ['invalidation-server'],
  usage:
    '--config <module> [--port <n>] [--host <address>]   serves polls, event streams and WebSockets under /deps, /healthz, /readyz and /metrics; the default export of the module has versions, secrets, authenticate, and other StandaloneOptions of planql/reactive; SIGTERM ends connections over drainMs, a second one at once',

  async run(args, print) {
    const { config: path, port, host } = readOptions(args, { required: ['config'], optional: ['port', 'host'] });
    const options = await loadOptions(path);
    try {
      return await serve(options, portOf(port, options), host ?? options.host, print);
    } finally {
      await options.versions.close();
    }
  },
};

async function serve(
  options: StandaloneOptions,
  port: number,
  host: string | undefined,
  print: (line: string) => void,
): Promise<number> {
  const invalidator = new Invalidator(options);
  const server = new HttpInvalidationServer({ ...options, invalidator });
  const http = createServer(nodeHandler(server.handle));
  const sockets = await openSockets(http, server, options);
  http.listen(port, host);
  await once(http, 'listening');
  const { address, port: bound, family } = http.address() as AddressInfo;
  print(`The invalidation server listens on http://${family === 'IPv6' ? `[${address}]` : address}:${bound}.`);
  return untilStopped(async (signal) => {
    if (!signal.aborted) await once(signal, 'abort');
    print('The invalidation server ends its connections.');
    await server.drain(options.drainMs ?? DRAIN_MS);
    await close(http, sockets);
    await invalidator.close();
    return 0;
  });
}

async function loadOptions(path: string): Promise<StandaloneOptions> {
  const { default: options } = await importModule(path);
  const problem = problemOf(options);
  if (problem === null) {
    const given = options as StandaloneOptions;
    checkOptions(`The default export of "${path}"`, given, standaloneOptions, UsageError);
    return given;
  }
  const { versions } = propertiesOf(options);
  // It would hold the process.
  if (isRecord(versions) && typeof versions.close === 'function') await versions.close();
  throw new UsageError(`The default export of "${path}" ${problem}.`);
}

/** The problem of a configuration; null: none that can be seen. */
function problemOf(options: unknown): string | null {
  if (!isRecord(options)) return 'must be an object: { versions, secrets, authenticate }';
  const { versions, secrets, authenticate } = options;
  if (!isRecord(versions) || typeof versions.invalidate !== 'function') {
    return 'needs "versions": redisVersions({ url }) of planql/reactive/redis';
  }
  if (!Array.isArray(secrets)) return 'needs "secrets": [{ id, secret }], those of the servers that run operations';
  if (typeof authenticate !== 'function') {
    return 'needs "authenticate": a function that gives the subject of a request, as these servers give it to "execute"';
  }
  return null;
}

function portOf(given: string | undefined, options: StandaloneOptions): number {
  const port = given ?? options.port ?? process.env.PORT ?? PORT;
  const number = Number(port);
  if (port !== '' && Number.isInteger(number) && number >= 0 && number < 65_536) return number;
  throw new UsageError(`A port is a number from 0 to 65535, not "${port}".`);
}

async function openSockets(
  server: Server,
  invalidations: InvalidationServer,
  { path = '/deps', limits }: StandaloneOptions,
): Promise<WebSocketServer> {
  const { WebSocketServer } = await import('ws').catch(() => {
    throw new UsageError('WebSockets need the package ws: run "npm install ws" and this command again.');
  });
  const sockets = new WebSocketServer({
    ...{ server, path: `${path}/socket`, perMessageDeflate: false },
    maxPayload: limits?.maxBytes ?? defaultLimits.maxBytes,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  // `ws` hands on the errors of the server. Who waits for it to listen is told of a port that is taken.
  sockets.on('error', (error) => {
    if (server.listening) throw error;
  });
  sockets.on('connection', (socket, message) => invalidations.serve(socket, toRequest(message)));
  return sockets;
}

async function close(http: Server, sockets: WebSocketServer): Promise<void> {
  sockets.close();
  const closed = once(http, 'close');
  http.close();
  http.closeIdleConnections();
  const patience = setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate();
    http.closeAllConnections();
  }, PATIENCE_MS);
  await closed;
  clearTimeout(patience);
}
