import { idOfBytes } from '../ids/idBytes.ts';
import type { MysqlShardStore } from './MysqlShardStore.ts';
import type { SqlRow } from './rowMapping.ts';

/** The counts of a server since it was started. */
interface Counts {
  readonly atMs: number;
  readonly queries: number;
  readonly reads: number;
  readonly writes: number;
  readonly lockWaits: number;
}

/** The load of a server now. */
export interface Sample {
  readonly server: string;
  readonly counts: Counts;
  readonly running: number;
  /** Statements that have run longest, in this database: seconds and the beginning of the text. */
  readonly slow: ReadonlyArray<{ readonly seconds: number; readonly statement: string }>;
  /** Lists with most edges written, and objects with most versions, in the last ten seconds of writes. */
  readonly hot: ReadonlyArray<{ readonly key: string; readonly writes: number }>;
}

const TOP = 5;
const WINDOW_US = 10e6;
const counters = ['Questions', 'Com_select', 'Com_insert', 'Com_update', 'Innodb_row_lock_waits', 'Threads_running'];

/** Asks a server for its load. */
export async function sample(store: MysqlShardStore, nowMs: number): Promise<Sample> {
  const database = await store.database();
  const rows = <TRow extends SqlRow>(sql: string) => database.read((session) => session.rows<TRow>(sql));
  const status = new Map(
    (await rows(`SHOW GLOBAL STATUS WHERE Variable_name IN ('${counters.join("', '")}')`)).map(([name, value]) => [
      String(name),
      Number(value),
    ]),
  );
  const of = (name: string): number => status.get(name) ?? 0;
  const slow = await rows(
    `SELECT time, LEFT(info, 80) FROM information_schema.processlist
  WHERE db = DATABASE() AND command IN ('Query', 'Execute') AND id <> CONNECTION_ID() ORDER BY time DESC LIMIT ${TOP}`,
  );
  const since = Math.floor(nowMs * 1000 - WINDOW_US);
  const lists = await rows<[edge: unknown, from: Buffer, n: unknown]>(
    `SELECT edge_id, from_id, COUNT(*) FROM kvetch_edges FORCE INDEX (kvetch_edges_scan) WHERE updated_us >= ${since} GROUP BY edge_id, from_id ORDER BY 3 DESC LIMIT ${TOP}`,
  );
  const objects = await rows<[id: Buffer, version: unknown]>(
    `SELECT obj_id, version FROM kvetch_objects FORCE INDEX (kvetch_objects_scan) WHERE updated_us >= ${since} AND version > 1 ORDER BY version DESC LIMIT ${TOP}`,
  );
  const hot = [
    ...lists.map(([edge, from, n]) => ({ key: `e:${edge}:${idOfBytes(from)}`, writes: Number(n) })),
    ...objects.map(([id, version]) => ({ key: `o:${idOfBytes(id)}`, writes: Number(version) })),
  ];
  return {
    server: store.name,
    counts: {
      atMs: nowMs,
      queries: of('Questions'),
      reads: of('Com_select'),
      writes: of('Com_insert') + of('Com_update'),
      lockWaits: of('Innodb_row_lock_waits'),
    },
    running: of('Threads_running'),
    slow: slow.map(([seconds, statement]) => ({ seconds: Number(seconds), statement: String(statement) })),
    hot: hot.sort((a, b) => b.writes - a.writes).slice(0, TOP),
  };
}
