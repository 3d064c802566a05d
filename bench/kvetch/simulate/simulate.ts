import { Cleaning, type CleaningCounts, repairsOf } from './Cleaning.ts';
import { Faults } from './Faults.ts';
import { Fleet, type Program, schemaWithDrafts } from './Fleet.ts';
import { History } from './History.ts';
import { LeaseWatch } from './LeaseWatch.ts';
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
  readonly cleaning: CleaningCounts;
}

const LANES = 3;
const MOVERS = 4;

/** Lets things fail for a while, and then sees that everything is as it was promised. Throws a `Violation` where it is not. */
export async function simulate(scenario: Scenario): Promise<Outcome> {
  const { servers, programs, users, faultsMs, isCached, broken } = scenario;
  const history = new History();
  const redis = isCached ? new RedisServer(cacheChecks.find((check) => check === broken) ?? null) : null;
  const fleet = new Fleet(
    servers,
    { outboxPollMs: 500, schema: schemaWithDrafts },
    { queryTimeoutMs: 2000, acquireTimeoutMs: 1000 },
    redis,
  );
  const promises = new Promises(isCached);
  const watch = new ShardWatch(fleet.servers, history);
  new LeaseWatch(fleet.servers, history);
  const setup = fleet.program('setup');
  await setup.cluster.init();
  const traffic = new Traffic(history, promises, true);
  await traffic.fill(setup, users);
  for (const server of fleet.servers) server.broken = broken;
  const all = Array.from({ length: programs }, (_, at) => fleet.program(`program-${at}`));
  const faults = new Faults(fleet, all, history, promises);
  const moves = new Moves(fleet, history, watch, Math.max(2, Math.floor(2048 / servers)), traffic.objects);
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
  const cleaning = new Cleaning(fleet, history, watch);
  // whatever finds a violation ends it all
  await Promise.race([pause(faultsMs), Promise.all([...lanes, trouble, moving]), cleaning.lanes]);
  faults.heal();
  cleaning.calm();
  moves.stop();
  await pause(1000);
  traffic.stop();
  await Promise.all([...lanes, moving, trouble]);
  await pause(16_000); // movers that were suspended go on
  await moves.finish();
  if (moves.problem !== null) throw moves.problem;
  await cleaning.finish();
  const last = fleet.program('last');
  await traffic.check(last);
  await seeClean(last, history);
  const { statements } = fleet.totals();
  for (const program of [...started, setup, last]) fleet.close(program);
  const sum = (name: 'hits' | 'fills'): number =>
    started.reduce((all, { cache }) => all + (cache?.stats[name] ?? 0), 0);
  const cache = isCached ? { hits: sum('hits'), fills: sum('fills'), oldestMs: promises.oldest } : null;
  return {
    ...{ virtualMs: virtualNow(), calls: traffic.counts, moves: moves.counts, faults: faults.counts },
    ...{ lostMessages: network.lost, objects: history.objects.size, statements },
    ...{ cache, cleaning: cleaning.counts },
  };
}

/** A run over everything finds nothing that is left to do. */
async function seeClean({ kvetch, process }: Program, history: History): Promise<void> {
  const report = await kvetch.clean({ graceMs: 0, owner: process.name });
  const { complete, cacheFixed } = report;
  history.note(`a full run of the cleaners: ${JSON.stringify(report)}`);
  if (cacheFixed > 0) history.fail(`${cacheFixed} entries of the cache are older than their rows, and were left so.`);
  if (!complete || repairsOf(report) > 0) history.fail('The cleaners have left something to repair.');
}
