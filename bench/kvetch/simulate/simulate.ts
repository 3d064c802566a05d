import { Faults } from './Faults.ts';
import { Fleet, type Program } from './Fleet.ts';
import { History } from './History.ts';
import { type MoveCounts, Moves } from './Moves.ts';
import { network } from './Network.ts';
import { Promises } from './Promises.ts';
import { RedisServer } from './redis/RedisServer.ts';
import { type Broken, cacheChecks } from './Server.ts';
import { ShardWatch } from './ShardWatch.ts';
import { type Counts, Traffic } from './Traffic.ts';
import { pause, virtualNow } from './virtualTime.ts';

/** What is simulated. */
export interface Scenario {
  readonly servers: number;
  readonly programs: number;
  /** Users to begin with; each has an item. */
  readonly users: number;
  /** For how long of virtual time things fail. */
  readonly faultsMs: number;
  /** Whether the programs have a cache in one Redis. */
  readonly isCached: boolean;
  /** A check of the store that is taken out. */
  readonly broken: Broken | null;
}

/** What happened while all promises were kept. */
export interface Outcome {
  readonly virtualMs: number;
  readonly calls: Counts;
  readonly moves: MoveCounts;
  readonly faults: Readonly<Record<string, number>>;
  readonly lostMessages: number;
  readonly objects: number;
  readonly statements: number;
  /** With a cache: its work, and the oldest reads in milliseconds: of writes that the cache was told of, and of others. */
  readonly cache: { readonly hits: number; readonly fills: number; readonly oldestMs: Promises['oldest'] } | null;
  readonly cleaning: { readonly repaired: number; readonly virtualMs: number };
}

const LANES = 3;
const MOVERS = 4;
const CLEANING_TRIES = 10;

/** Lets things fail for a while, and then sees that everything is as it was promised. Throws a `Violation` where it is not. */
export async function simulate(scenario: Scenario): Promise<Outcome> {
  const { servers, programs, users, faultsMs, isCached, broken } = scenario;
  const history = new History();
  const redis = isCached ? new RedisServer(cacheChecks.find((check) => check === broken) ?? null) : null;
  const fleet = new Fleet(servers, { outboxPollMs: 500 }, { queryTimeoutMs: 2000, acquireTimeoutMs: 1000 }, redis);
  const promises = new Promises(isCached);
  const watch = new ShardWatch(fleet.servers, history);
  const setup = fleet.program('setup');
  await setup.cluster.init();
  const traffic = new Traffic(history, promises);
  await traffic.fill(setup, users);
  for (const server of fleet.servers) server.broken = broken;
  const all = Array.from({ length: programs }, (_, at) => fleet.program(`program-${at}`));
  const faults = new Faults(fleet, all, history, promises);
  const moves = new Moves(fleet, history, watch, Math.max(2, Math.floor(2048 / servers)), traffic.objects);
  const end = virtualNow() + faultsMs;
  const started = [...all];
  const lanes: Promise<void>[] = [];
  const run = (program: Program): void => {
    for (let lane = 0; lane < LANES; lane++) lanes.push(traffic.run(program, 60));
  };
  for (const program of all) run(program);
  faults.replace = (dead) => {
    const successor = fleet.program(`program-${started.length}`);
    all[all.indexOf(dead)] = successor;
    started.push(successor);
    run(successor);
  };
  const trouble = faults.run(3000);
  const moving = Promise.all(Array.from({ length: MOVERS }, () => moves.run(1000)));
  const cleaning = cleanRecent(all, () => virtualNow() > end);
  // whatever finds a violation ends it all
  await Promise.race([pause(faultsMs), Promise.all([...lanes, trouble, moving, cleaning])]);
  faults.heal();
  moves.stop();
  await pause(1000);
  traffic.stop();
  await Promise.all([...lanes, moving, trouble, cleaning]);
  await pause(16_000); // movers that were suspended go on
  await moves.finish();
  if (moves.problem !== null) throw moves.problem;
  const last = fleet.program('last');
  const cleaned = await cleanAll(last, history);
  await traffic.check(last);
  const { statements } = fleet.totals();
  for (const program of [...started, setup, last]) fleet.close(program);
  const sum = (name: 'hits' | 'fills'): number =>
    started.reduce((all, { cache }) => all + (cache?.stats[name] ?? 0), 0);
  const cache = isCached ? { hits: sum('hits'), fills: sum('fills'), oldestMs: promises.oldest } : null;
  return {
    ...{ virtualMs: virtualNow(), calls: traffic.counts, moves: moves.counts, faults: faults.counts },
    ...{ lostMessages: network.lost, objects: history.objects.size, statements },
    ...{ cache, cleaning: cleaned },
  };
}

/** What one program does every ten seconds in the background. */
async function cleanRecent(all: readonly Program[], isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await pause(10_000);
    await all[0]?.kvetch.clean({ mode: 'recent' });
  }
}

/** One run over everything finds what there is to repair; the next one finds nothing. */
async function cleanAll({ kvetch }: Program, history: History): Promise<Outcome['cleaning']> {
  await pause(60_000); // for leases of cleaners that were stopped, and rows that are too young
  const begin = virtualNow();
  let repaired = 0;
  for (let tries = 1; ; tries++) {
    const report = await kvetch.clean({ graceMs: 0 });
    const { missingEdges, orphanEdges, missingIndex, staleIndex, conflicts, errors, complete, cacheFixed } = report;
    const found = missingEdges + orphanEdges + missingIndex + staleIndex + conflicts + errors;
    repaired += found;
    history.note(`a full run of the cleaners: ${JSON.stringify(report)}`);
    if (cacheFixed > 0) history.fail(`${cacheFixed} entries of the cache are older than their rows, and were left so.`);
    if (complete && found === 0) return { repaired, virtualMs: virtualNow() - begin };
    if (tries === CLEANING_TRIES) history.fail('The cleaners do not come to an end.');
  }
}
