import { Faults } from './Faults.ts';
import { Fleet } from './Fleet.ts';
import { History } from './History.ts';
import { type MoveCounts, Moves } from './Moves.ts';
import { network } from './Network.ts';
import type { Broken } from './Server.ts';
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
  readonly cleaning: { readonly repaired: number; readonly virtualMs: number };
}

const LANES = 3;
const MOVERS = 4;
const CLEANING_TRIES = 10;

/** Lets things fail for a while, and then sees that everything is as it was promised. Throws a `Violation` where it is not. */
export async function simulate({ servers, programs, users, faultsMs, broken }: Scenario): Promise<Outcome> {
  const history = new History();
  const fleet = new Fleet(servers, { outboxPollMs: 500 }, { queryTimeoutMs: 2000, acquireTimeoutMs: 1000 });
  const watch = new ShardWatch(fleet.servers, history);
  const setup = fleet.program('setup');
  await setup.cluster.init();
  const traffic = new Traffic(history);
  await traffic.fill(setup, users);
  for (const server of fleet.servers) server.broken = broken;
  const all = Array.from({ length: programs }, (_, at) => fleet.program(`program-${at}`));
  const faults = new Faults(fleet, all, history);
  const moves = new Moves(fleet, history, watch, Math.max(2, Math.floor(2048 / servers)), traffic.objects);
  const end = virtualNow() + faultsMs;
  const lanes = all.flatMap((program) => Array.from({ length: LANES }, () => traffic.run(program, 60)));
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
  for (const { kvetch } of [...all, setup, last]) void kvetch.close();
  return {
    ...{ virtualMs: virtualNow(), calls: traffic.counts, moves: moves.counts, faults: faults.counts },
    ...{ lostMessages: network.lost, objects: history.objects.size, statements, cleaning: cleaned },
  };
}

/** What one program does every ten seconds in the background. */
async function cleanRecent(all: ReturnType<Fleet['program']>[], isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await pause(10_000);
    await all[0]?.kvetch.clean({ mode: 'recent' });
  }
}

/** One run over everything finds what there is to repair; the next one finds nothing. */
async function cleanAll({ kvetch }: ReturnType<Fleet['program']>, history: History): Promise<Outcome['cleaning']> {
  await pause(60_000); // for leases of cleaners that were stopped, and rows that are too young
  const begin = virtualNow();
  let repaired = 0;
  for (let tries = 1; ; tries++) {
    const report = await kvetch.clean({ graceMs: 0 });
    const { missingEdges, orphanEdges, missingIndex, staleIndex, conflicts, errors, complete } = report;
    const found = missingEdges + orphanEdges + missingIndex + staleIndex + conflicts + errors;
    repaired += found;
    history.note(`a full run of the cleaners: ${JSON.stringify(report)}`);
    if (complete && found === 0) return { repaired, virtualMs: virtualNow() - begin };
    if (tries === CLEANING_TRIES) history.fail('The cleaners do not come to an end.');
  }
}
