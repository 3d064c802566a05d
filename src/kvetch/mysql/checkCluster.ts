import { errorOf } from '../../errors/errorOf.ts';
import { withCauses } from '../../utils/withCauses.ts';
import { LOGICAL_SHARDS } from '../ids/routing.ts';
import type { ShardSpan } from '../shards/ShardStore.ts';
import { checkTables } from './checkTables.ts';
import type { Holdings } from './Fence.ts';
import type { MysqlShardStore } from './MysqlShardStore.ts';
import { CLOSED, isReadable, OPEN, stateNames } from './shardStates.ts';

/** The shards of one server. */
export interface ServerStats {
  readonly server: string;
  /** Why it could not be asked, or `null`. */
  readonly error: string | null;
  /** Shards by the name of their state. */
  readonly shards: Readonly<Record<string, number>>;
  /** Rows by table, as the server estimates them. */
  readonly rows: Readonly<Record<string, number>>;
}

/** A problem of servers or map. */
export interface ClusterProblem {
  /** Empty where shards are on none. */
  readonly servers: readonly string[];
  readonly shards: ShardSpan | null;
  /** A sentence with the remedy. */
  readonly problem: string;
  /** Whether the servers can be asked for hardly anything before it is mended. */
  readonly isFatal: boolean;
}

/** All problems of servers and map, a sentence each with the remedy. */
export async function checkCluster(stores: readonly MysqlShardStore[]): Promise<readonly string[]> {
  return (await problemsOf(stores)).map(({ problem }) => problem);
}

/** All problems of servers and map, with their places. */
export async function problemsOf(stores: readonly MysqlShardStore[]): Promise<readonly ClusterProblem[]> {
  const problems: ClusterProblem[] = [];
  const tell = (servers: readonly string[], problem: string, more: Partial<ClusterProblem> = {}): void =>
    void problems.push({ ...{ servers, problem, shards: null, isFatal: false }, ...more });
  const told = await Promise.all(
    stores.map(async (store) => {
      let isTold = false;
      try {
        const { gone, wrong } = await checkTables(store);
        for (const problem of gone) tell([store.name], problem, { isFatal: true });
        isTold = gone.length > 0;
        for (const problem of wrong) tell([store.name], problem);
        for (const problem of await store.checkReplicas()) tell([store.name], problem);
        return await store.holdings();
      } catch (error) {
        if (!isTold)
          tell([store.name], `Server "${store.name}" cannot be used: ${withCauses(errorOf(error))}`, { isFatal: true });
        return null;
      }
    }),
  );
  const known = told.flatMap((holdings, at) => (holdings === null ? [] : [{ name: stores[at]?.name ?? '', holdings }]));
  const isAll = known.length === stores.length;
  eachRun(
    (shard) => placesOf(known, shard),
    (names, shards) => {
      const range = shards.join('-');
      const places = names.map((name) => `"${name}"`).join(' and ');
      if (names.length > 1) tell(names, `Shards ${range} are open on ${places}: only one may be right.`, { shards });
      if (names.length === 0 && isAll)
        tell(
          [],
          `Shards ${range} are open nowhere: divide them with "kvetch init", resume or abort their move, or name the server that has them.`,
          { shards },
        );
    },
  );
  for (const { name, holdings } of known) {
    eachRun(
      (shard) => [stateNames[holdings.states[shard] ?? CLOSED] ?? ''],
      ([state = ''], shards) => {
        if (state === stateNames[OPEN] || state === stateNames[CLOSED]) return;
        const problem = `Shards ${shards.join('-')} are ${state} on "${name}": a move is under way, or waits for --resume or --abort.`;
        tell([name], problem, { shards });
      },
    );
  }
  return problems;
}

function placesOf(
  known: ReadonlyArray<{ readonly name: string; readonly holdings: Holdings }>,
  shard: number,
): readonly string[] {
  return known.filter(({ holdings }) => isReadable(holdings.states[shard] ?? CLOSED)).map(({ name }) => name);
}

/** Reports each longest run of shards that share a finding. */
function eachRun(
  of: (shard: number) => readonly string[],
  tell: (value: readonly string[], span: ShardSpan) => void,
): void {
  for (let from = 0, to = 0; from < LOGICAL_SHARDS; from = ++to) {
    const value = of(from);
    while (to + 1 < LOGICAL_SHARDS && of(to + 1).join() === value.join()) to++;
    tell(value, [from, to]);
  }
}

export async function clusterStats(stores: readonly MysqlShardStore[]): Promise<readonly ServerStats[]> {
  return Promise.all(
    stores.map(async (store): Promise<ServerStats> => {
      try {
        const { states } = await store.holdings();
        const shards: Record<string, number> = {};
        for (const state of states) {
          const name = stateNames[state] ?? '';
          if (state !== CLOSED) shards[name] = (shards[name] ?? 0) + 1;
        }
        return { server: store.name, error: null, shards, rows: await rowsOf(store) };
      } catch (error) {
        return { server: store.name, error: withCauses(errorOf(error)), shards: {}, rows: {} };
      }
    }),
  );
}

async function rowsOf(store: MysqlShardStore): Promise<Readonly<Record<string, number>>> {
  const sql = `SELECT table_name, table_rows FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name`;
  const rows = await (await store.database()).read((session) => session.rows(sql));
  const names = new Map([
    ['kvetch_objects', 'objects'],
    ['kvetch_edges', 'edges'],
    ['kvetch_ordered', 'ordered edges'],
    ['kvetch_entries', 'entries'],
  ]);
  return Object.fromEntries(
    rows.flatMap(([table, count]) => {
      const name = names.get(String(table));
      return name === undefined ? [] : [[name, Number(count)]];
    }),
  );
}
