/** Starts the server. */
import { openStore } from './config.ts';
import { openReactive } from './reactive.ts';
import { seed } from './seed.ts';
import { createApp } from './server.ts';
import { describeStore, readSettings, type Settings } from './settings.ts';

let settings: Settings;
try {
  settings = readSettings();
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
const { port, store } = settings;
console.log(`todo keeps its objects in ${describeStore(store)}.`);
const live = await openReactive(settings);
const { kvetch, close } = await openStore(store, { changes: live.reactive.changes });
await seed(kvetch);
const app = await createApp({ ...live, kvetch, settings });
app.server.on('error', (error: NodeJS.ErrnoException) => {
  const isTaken = error.code === 'EADDRINUSE';
  console.error(isTaken ? `Port ${port} is taken. Set PORT to another one.` : error);
  process.exit(1);
});
app.server.listen(port, () => {
  const address = app.server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  console.log(`todo is at http://localhost:${actual}/graphql`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void app
      .close()
      .then(close)
      .then(() => live.close())
      .then(() => process.exit(0));
  });
}
