import { type AddressInfo, connect, createServer } from 'node:net';

/** A load balancer that knows nothing of HTTP: each connection goes to the next port that accepts it. */
export async function roundRobin(ports: readonly number[]): Promise<{ port: number; close(): void }> {
  let next = 0;
  const server = createServer((client) => {
    const attempt = (left: number): void => {
      const upstream = connect(ports[next++ % ports.length] ?? 0, '127.0.0.1');
      let isConnected = false;
      upstream.once('connect', () => {
        isConnected = true;
        client.pipe(upstream).pipe(client);
      });
      upstream.on('error', () => (left > 0 && !isConnected ? attempt(left - 1) : client.destroy()));
      // What the client still sends is read by nobody.
      upstream.on('close', () => isConnected && client.destroySoon());
      client.on('error', () => upstream.destroy());
      client.on('close', () => upstream.destroy());
    };
    attempt(ports.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}
