/** Starts the server: npx tsx examples/todo-web/main.ts, then open the page in two windows. */
import type { AddressInfo } from 'node:net';
import { createTodoWeb } from './server.ts';

const { server, close } = await createTodoWeb();
server.listen(Number(process.env.PORT ?? 4000), () => {
  console.log(`todo is at http://localhost:${(server.address() as AddressInfo).port}/`);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close());
