/**
 * Live traffic in a process of its own. At a rate, arrivals come at random moments (Poisson), whether those before have been
 * answered or not, and each is timed from its arrival: waits in any queue count. At rate 0 four clients ask without a pause.
 */
import { createKvetch } from '../../../src/kvetch.ts';
import { mysqlShards } from '../../../src/kvetch-mysql.ts';
import { schema } from '../data.ts';
import type { Ask, Traffic } from './messages.ts';

const [uris = '', idList = ''] = process.argv.slice(2);
const kvetch = createKvetch({ schema, shards: mysqlShards(uris.split(',')) });
const lists = idList.split(',');
const CLIENTS = 4;
/** Arrivals that find so many unanswered fail: the machine cannot serve the rate. */
const MAX_WAITING = 1_000;
let number = 0;
let waiting = 0;
let failed = 0;
let waits: number[] = [];
/** Ends the traffic of before. */
let turn = 0;

/** The page of a list with its items; every tenth writes, too. */
async function operation(): Promise<void> {
  const n = number++;
  const id = lists[(n * 7919) % lists.length] as string;
  const page = await kvetch.getEdges('list_to_item', id, { first: 20 });
  await kvetch.getObjects(page.edges.map(({ toId }) => toId));
  if (n % 10 === 0) await kvetch.updateObject(id, { seen: n });
}

async function timed(arrival: number): Promise<void> {
  waiting++;
  try {
    await operation();
    waits.push(performance.now() - arrival);
  } catch (error) {
    failed++;
    console.error(`The traffic of the bench: ${error}`);
  } finally {
    waiting--;
  }
}

/** Answers follow one another at once. */
async function client(mine: number): Promise<void> {
  while (mine === turn) await timed(performance.now());
}

function arrive(mine: number, perSecond: number): void {
  let next = performance.now();
  const timer = setInterval(() => {
    if (mine !== turn) return clearInterval(timer);
    for (; next <= performance.now(); next += (-Math.log(1 - Math.random()) * 1000) / perSecond) {
      if (waiting < MAX_WAITING) void timed(next);
      else failed++;
    }
  }, 1);
}

process.on('message', (ask: Ask) => {
  if ('rate' in ask) {
    const mine = ++turn;
    if (ask.rate > 0) arrive(mine, ask.rate);
    else for (let n = 0; n < CLIENTS; n++) void client(mine);
  } else {
    const sorted = waits.sort((a, b) => a - b);
    const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
    const traffic: Traffic = { answered: sorted.length, failed, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
    [waits, failed] = [[], 0];
    process.send?.(traffic);
  }
});
process.on('disconnect', () => process.exit());
