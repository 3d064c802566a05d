import type { Server } from 'node:http';

/** Ends a server when the requests that are under way are answered, or 10 seconds later. */
export async function shutDown(server: Server): Promise<void> {
  // A client that reuses its connection is told to open another one: closing it would cut a request on its way here.
  server.prependListener('request', (_request, response) => response.setHeader('connection', 'close'));
  if (await isConnected(server)) await new Promise((resolve) => setTimeout(resolve, 250));
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const patience = setTimeout(() => server.closeAllConnections(), 10_000);
  await closed;
  clearTimeout(patience);
}

function isConnected(server: Server): Promise<boolean> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count > 0)));
}
