/** Starts one of the servers: npx tsx examples/reactive-servers/main.ts yoga | fastify | node */
import type { AddressInfo } from 'node:net';
import { attach, createApp } from './app.ts';
import { createFastifyServer } from './fastify.ts';
import { createNodeServer } from './nodeHttp.ts';
import { createYogaServer } from './yoga.ts';

const servers = { yoga: createYogaServer, fastify: createFastifyServer, node: createNodeServer };
const name = process.argv[2] ?? 'yoga';
if (!Object.hasOwn(servers, name)) throw new Error(`There are ${Object.keys(servers).join(', ')}, and no "${name}".`);
const app = createApp();
const server = await servers[name as keyof typeof servers](app);
const attached = await attach(server, app);
server.listen(Number(process.env.PORT ?? 4000), () => {
  console.log(`${name} is at http://localhost:${(server.address() as AddressInfo).port}/graphql, and /deps beside it`);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await attached.close(5000); // clients go to other servers
    server.close();
    server.closeIdleConnections();
    await app.close();
  });
}
