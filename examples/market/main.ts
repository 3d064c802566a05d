/** Starts the server. A store that is empty is filled first: `npm run example:market -- 0.01` makes a hundredth of it. */
import { openStore, port } from './config.ts';
import { fill, isFilled, whole } from './fill.ts';
import { createApp, shutDown } from './server.ts';

const { kvetch, close } = await openStore();
const filled = await isFilled(kvetch);
if (filled === 'in part')
  throw new Error('The store has a part of the data: making it was interrupted. Remove the file or the databases.');
if (!filled) {
  const share = Number(process.argv[2] ?? 1);
  if (!(share > 0 && share <= 1))
    throw new Error(`The share of the data is ${process.argv[2]}. Make it a number up to 1.`);
  const size = { listings: Math.ceil(whole.listings * share), messages: Math.ceil(whole.messages * share) };
  console.log(
    `Making ${size.listings} listings and ${size.messages} messages up. The whole takes two minutes or more.`,
  );
  await fill(kvetch, size, (type, count) => console.log(`${count} ${type}`));
}
const [account] = (await kvetch.browse('Account', { first: 1 })).objects;
const server = createApp(kvetch);
server.on('error', (error: NodeJS.ErrnoException) => {
  const isTaken = error.code === 'EADDRINUSE';
  console.error(isTaken ? `Port ${port} is taken. Set PORT to another one.` : error);
  process.exit(1);
});
server.listen(port, () => {
  const address = server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  console.log(`The market is at http://localhost:${actual}/graphql`);
  if (account && !(account instanceof Error))
    console.log(`To be somebody, send x-viewer: ${account.id} ${account.user}`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void shutDown(server, close).then(() => process.exit(0));
  });
}
