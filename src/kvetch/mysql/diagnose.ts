import { errorOf } from '../../errors/errorOf.ts';
import { withCauses } from '../../utils/withCauses.ts';
import type { ShardSpan } from '../shards/ShardStore.ts';
import { problemsOf } from './checkCluster.ts';
import type { MysqlServer } from './MysqlServer.ts';
import type { MysqlShardStore } from './MysqlShardStore.ts';
import { isLockConflict, isRefusal } from './serverErrors.ts';
import { READABLE } from './shardStates.ts';
import { tables } from './tables.ts';

/** Something that is wrong, or will be. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  /** Whether it is known, or follows from signs. */
  readonly certainty: 'certain' | 'likely' | 'possible';
  /** The server, or `null` where it is about all of them. What is about some is there once for each. */
  readonly server: string | null;
  /** The first and the last of the shards that it is about; absent where it is about no part of the shard map. */
  readonly shards?: ShardSpan;
  readonly problem: string;
  /** The command to run or the option to set. */
  readonly remedy: string;
}

const HOUR_US = 3600 * 1e6;
const PACKET = 16 << 20;
const FULL_CLEAN_HOURS = 48;
/** A transaction that is open for so long keeps old versions of rows. */
const LONG_SECONDS = 60;

/** Looks at servers, tables, map, cleaners and settings. Nothing is changed. */
export async function diagnose(stores: readonly MysqlShardStore[], nowMs: number): Promise<readonly Finding[]> {
  const problems = await problemsOf(stores);
  const findings = problems.flatMap(({ servers, shards, problem }) =>
    (servers.length === 0 ? [null] : servers).map(
      (server): Finding => ({
        ...{ severity: 'error', certainty: 'certain', server, ...(shards && { shards }), problem },
        remedy: 'see the text; "kvetch check" says the same',
      }),
    ),
  );
  const left = new Set(problems.flatMap(({ servers, isFatal }) => (isFatal ? servers : [])));
  for (const store of stores) {
    if (left.has(store.name)) continue; // all that is found now would have another cause than it seems
    try {
      const find = (finding: Omit<Finding, 'server'>): void => void findings.push({ ...finding, server: store.name });
      await diagnoseServer(await store.database(), nowMs, find);
    } catch (error) {
      findings.push({
        ...{ severity: 'error', certainty: 'certain', server: store.name },
        ...{
          problem: `It cannot be asked: ${withCauses(errorOf(error))}`,
          remedy: "start the server, or mend its address or the rights of the store's user",
        },
      });
    }
  }
  return findings;
}

async function diagnoseServer(
  database: MysqlServer,
  nowMs: number,
  find: (finding: Omit<Finding, 'server'>) => void,
): Promise<void> {
  const rows = (sql: string) => database.read((session) => session.rows(sql));

  const tasks = await rows('SELECT CONVERT(task USING utf8mb4), watermark_us FROM kvetch_cleaner');
  const lastOf = (mode: string): number =>
    Math.max(0, ...tasks.flatMap(([task, us]) => (String(task).startsWith(`${mode}:`) ? [Number(us)] : [])));
  const [held] = await rows(`SELECT COUNT(*) FROM kvetch_shards WHERE ${READABLE}`);
  const isUsed = Number(held?.[0]) > 0 && (await rows('SELECT 1 FROM kvetch_objects LIMIT 1')).length > 0;
  const hours = (us: number): number => Math.floor((nowMs * 1000 - us) / HOUR_US);
  const watched = lastOf('recent');
  if (isUsed && watched === 0)
    find({
      ...{ severity: 'warning', certainty: 'certain', problem: 'No cleaner has ever looked at recent changes here.' },
      remedy: 'run one "kvetch clean --watch"',
    });
  else if (isUsed && hours(watched) >= 1)
    find({
      ...{ severity: 'warning', certainty: 'certain' },
      problem: `The last cleaner of recent changes was here ${hours(watched)} hours ago: rows that crashes left wrong stay wrong.`,
      remedy: 'run one "kvetch clean --watch"',
    });
  const full = lastOf('full');
  if (isUsed && full > 0 && hours(full) >= FULL_CLEAN_HOURS)
    find({
      ...{ severity: 'warning', certainty: 'certain' },
      problem: `The last full cleaning was ${hours(full)} hours ago: tombstones stay.`,
      remedy: 'run "kvetch clean"',
    });

  const [settings] = await rows(
    'SELECT @@max_allowed_packet, @@innodb_flush_log_at_trx_commit, @@max_connections, @@read_only, @@innodb_buffer_pool_size',
  );
  const [packet, flush, connections, readOnly, pool] = (settings ?? []).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (readOnly === 1)
    find({
      ...{ severity: 'error', certainty: 'certain', problem: 'The server is read-only: every write fails.' },
      remedy: 'SET GLOBAL read_only = OFF, or name the primary in the configuration',
    });
  if (packet < PACKET)
    find({
      ...{ severity: 'warning', certainty: 'certain' },
      problem: `max_allowed_packet is ${packet}: bodies above ${Math.floor(packet / 4)} bytes are refused.`,
      remedy: "SET GLOBAL max_allowed_packet = 67108864, and in the server's configuration",
    });
  if (flush !== 1)
    find({
      ...{ severity: 'warning', certainty: 'certain' },
      problem: `innodb_flush_log_at_trx_commit is ${flush}: a machine that fails loses the last second of writes, which caches may show.`,
      remedy: 'SET GLOBAL innodb_flush_log_at_trx_commit = 1',
    });
  const status = new Map(
    (
      await rows(
        "SHOW GLOBAL STATUS WHERE Variable_name IN ('Max_used_connections', 'Innodb_buffer_pool_reads', 'Innodb_buffer_pool_read_requests')",
      )
    ).map(([name, value]) => [String(name), Number(value)]),
  );
  const used = status.get('Max_used_connections') ?? 0;
  if (used >= connections * 0.9)
    find({
      ...{ severity: 'warning', certainty: 'likely' },
      problem: `${used} of ${connections} connections were in use at once: soon some are refused.`,
      remedy: 'raise max_connections, or lower "connectionLimit" times the number of processes',
    });
  const [reads, requests] = [
    status.get('Innodb_buffer_pool_reads') ?? 0,
    status.get('Innodb_buffer_pool_read_requests') ?? 0,
  ];
  if (requests > 1e6 && reads / requests > 0.02)
    find({
      ...{ severity: 'warning', certainty: 'possible' },
      problem: `${Math.round((100 * reads) / requests)} % of page reads go to the disk with a buffer pool of ${Math.round(pool / 2 ** 20)} MiB.`,
      remedy: 'raise innodb_buffer_pool_size, or move shards to another server: "kvetch move"',
    });
  const looking = rows(
    `SELECT COUNT(*), MAX(TIMESTAMPDIFF(SECOND, trx_started, NOW())) FROM information_schema.innodb_trx WHERE trx_started < NOW() - INTERVAL ${LONG_SECONDS} SECOND`,
  );
  const [long] = await looking.catch((error: Error) => {
    if (!isRefusal(error.cause)) throw error;
    find({
      ...{ severity: 'warning', certainty: 'certain' },
      problem: `Transactions that are open for long cannot be seen: ${withCauses(error)}.`,
      remedy: 'GRANT PROCESS to the user of the store, or run this as another one',
    });
    return [];
  });
  if (Number(long?.[0]) > 0)
    find({
      ...{ severity: 'warning', certainty: 'likely' },
      problem: `${long?.[0]} transactions are open, the oldest for ${long?.[1]} s: they keep old rows, and may hold locks.`,
      remedy: 'SHOW PROCESSLIST, and KILL statements that nobody waits for',
    });
  if (readOnly !== 1) await diagnoseWrites(database, find); // last: writes that wait cost the connection
}

async function diagnoseWrites(database: MysqlServer, find: (finding: Omit<Finding, 'server'>) => void): Promise<void> {
  try {
    const refused = await refusedWrites(database);
    if (refused.length > 0)
      find({
        ...{ severity: 'error', certainty: 'certain' },
        problem: `The user of the store may not write to ${refused.map(({ table }) => table).join(', ')}: ${refused[0]?.reason}.`,
        remedy: 'GRANT SELECT, INSERT, UPDATE, DELETE on the database to that user',
      });
  } catch (error) {
    find({
      ...{ severity: 'error', certainty: 'likely' },
      problem: `A write got no answer: ${withCauses(errorOf(error))}`,
      remedy: 'SHOW PROCESSLIST: a backup or a lock on tables makes writes wait, or the server is slow',
    });
  }
}

/** Tables that take no writes. Statements without a row are refused like others, and change nothing. Throws when one gets no answer. */
async function refusedWrites(
  database: MysqlServer,
): Promise<ReadonlyArray<{ readonly table: string; readonly reason: string }>> {
  const refused: Array<{ readonly table: string; readonly reason: string }> = [];
  for (const { name: table, primaryKey } of tables) {
    const [key] = primaryKey;
    const tried = database.write(async (session) => {
      await session.write(`INSERT INTO ${table} SELECT * FROM ${table} WHERE FALSE`);
      await session.write(`UPDATE ${table} SET ${key} = ${key} WHERE FALSE`);
      await session.write(`DELETE FROM ${table} WHERE FALSE`);
    });
    await tried.catch((error: unknown) => {
      if (!isRefusal(error) || isLockConflict(error)) throw error;
      refused.push({ table, reason: withCauses(errorOf(error)) });
    });
  }
  return refused;
}
