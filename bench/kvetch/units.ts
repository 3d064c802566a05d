/**
 * Writes that belong together, on a MySQL server of this run's own: npm run bench:kvetch:units [-- --rounds 200]. A unit
 * and its members alone take turns in one process; figures are medians, and what part they are of the slowest member's.
 * Then 20 writers of one counter. `--delay 20`: each answer of the server comes so many milliseconds later, and nothing else
 * is measured.
 */
import { parseArgs } from 'node:util';
import { shardOfId } from '../../src/kvetch/ids/routing.ts';
import { create, createKvetch, defineKvetchSchema, increment, insertEdge, update } from '../../src/kvetch.ts';
import { mysqlShards } from '../../src/kvetch-mysql.ts';
import { startMariadb } from '../../test/support/servers.ts';
import { TcpProxy } from '../../test/support/tcpProxy.ts';
import { median } from '../median.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '200' }, delay: { type: 'string', default: '0' } },
});
const delay = Number(values.delay);
const rounds = Number(values.rounds);

const schema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'Listing' },
    { typeId: 2, name: 'Offer' },
    { typeId: 3, name: 'Message' },
  ],
  edges: [
    { edgeId: 1, name: 'offers', from: 'Listing', storedOn: 'Offer', storedIdAttr: 'listing', colocate: true },
    { edgeId: 2, name: 'messages', from: 'Offer', storedOn: 'Message', storedIdAttr: 'offer', colocate: true },
    { edgeId: 3, name: 'inbox', from: 'Listing', to: 'Offer' },
  ],
});
const server = await startMariadb();
const proxy = await TcpProxy.open(Number(new URL(server.uri).port));
const uri = Object.assign(new URL(server.uri), {
  port: String(delay > 0 ? proxy.port : new URL(server.uri).port),
}).href;
// with notes, as beside a cache
const kvetch = createKvetch({
  schema,
  shards: mysqlShards([{ uri, database: 'units' }], { createDatabase: true }),
  outboxPollMs: 60_000,
});
const listing = await kvetch.createObject('Listing', { status: 'OPEN', offers: 0 });
const offer = await kvetch.createObject('Offer', { listing, status: 'OPEN', n: 0 });
const split = createKvetch({
  schema,
  shards: mysqlShards(
    ['units_0', 'units_1'].map((database) => ({ uri, database })),
    { createDatabase: true },
  ),
  outboxPollMs: 60_000,
});
/** A listing of each half of the shards. */
const halves: string[] = [];
while (halves.length < 2) {
  const id = split.newId('Listing');
  if (shardOfId(id) < 2048 === (halves.length === 0))
    halves.push(await split.createObject('Listing', { n: 0 }, { id }));
}
let n = 0;

const writes: Readonly<Record<string, () => Promise<unknown>>> = {
  update: () => kvetch.updateObject(offer, { n: increment(), at: n++ }),
  create: () => kvetch.createObject('Message', { offer, text: 'Hello' }),
  insertEdge: () => kvetch.insertEdge('inbox', { fromId: listing, toId: offer, data: { at: n++ } }),
  'unit of 2 updates': () =>
    kvetch.write([
      update(offer, { n: increment() }),
      update(listing, { offers: increment() }, { if: { status: 'OPEN' } }),
    ]),
  'unit of 2 updates, 2 servers': () => split.write(halves.map((id) => update(id, { n: increment() }))),
  'unit of create, update, edge': () =>
    kvetch.write([
      create('Message', { offer, text: 'Hello' }),
      update(offer, { n: increment() }),
      insertEdge('inbox', { fromId: listing, toId: offer, data: { at: n++ } }),
    ]),
};
const times = new Map(Object.keys(writes).map((name) => [name, [] as number[]]));
for (let round = -20; round < 0; round++) for (const write of Object.values(writes)) await write();
proxy.delayMs = delay;
for (let round = 0; round < rounds; round++) {
  for (const [name, write] of Object.entries(writes)) {
    const begin = performance.now();
    await write();
    times.get(name)?.push(performance.now() - begin);
  }
}
const middle = (name: string): number => median(times.get(name) ?? []);
const slowest = Math.max(...['update', 'create', 'insertEdge'].map(middle));
for (const name of times.keys())
  console.log(
    `${name.padEnd(30)} p50 ${middle(name).toFixed(2)} ms  ${(middle(name) / slowest).toFixed(2)} of the slowest member`,
  );

if (delay > 0) await end();

const begin = performance.now();
let counted = 0;
let failed = 0;
await Promise.all(
  Array.from({ length: 20 }, async () => {
    while (performance.now() - begin < 3000) {
      await kvetch.updateObject(offer, { count: increment() }).then(
        () => counted++,
        () => failed++,
      );
    }
  }),
);
const seconds = (performance.now() - begin) / 1000;
const stored = (await kvetch.getObject(offer))?.count;
console.log(
  `20 writers of one counter: ${Math.round(counted / seconds)} increments a second, ${failed} failed, ${stored} of ${counted} stored`,
);
const unitsBegin = performance.now();
let unitsDone = 0;
const pairs = await Promise.all(
  Array.from({ length: 20 }, async () => {
    const own = await kvetch.createObject('Listing', { n: 0 });
    return [own, await kvetch.createObject('Listing', { n: 0 }, { near: own })] as const;
  }),
);
await Promise.all(
  pairs.map(async ([one, other]) => {
    while (performance.now() - unitsBegin < 3000) {
      await kvetch.write([update(one, { n: increment() }), update(other, { n: increment(-1) })]);
      unitsDone++;
    }
  }),
);
console.log(
  `20 at a time of 2 objects each: ${Math.round(unitsDone / ((performance.now() - unitsBegin) / 1000))} units a second`,
);
await end();

async function end(): Promise<never> {
  proxy.delayMs = 0;
  await kvetch.close();
  await split.close();
  await proxy.close();
  await server.remove();
  process.exit();
}
