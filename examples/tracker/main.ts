/** Starts the server. */
import { openStore, port } from './config.ts';
import { fill } from './fill.ts';
import { createApp, shutDown } from './server.ts';

const { kvetch, close } = await openStore();
const { objects } = await kvetch.browse('Project', { first: 1 });
if (objects.length === 0) await fill(kvetch);
const server = createApp(kvetch);
server.on('error', (error: NodeJS.ErrnoException) => {
  const isTaken = error.code === 'EADDRINUSE';
  console.error(isTaken ? `Port ${port} is taken. Set PORT to another one.` : error);
  process.exit(1);
});
server.listen(port, () => {
  const address = server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  console.log(`The issue tracker is at http://localhost:${actual}/graphql`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void shutDown(server, close).then(() => process.exit(0));
  });
}
