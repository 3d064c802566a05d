import type { FaultPoint } from '../../../src/kvetch/KvetchContext.ts';
import type { ObjectInsert } from '../../../src/kvetch/shards/ShardStore.ts';
import { isDecision } from '../../../src/kvetch/writes/unit/prepared.ts';
import {
  check,
  create,
  deleteObject,
  increment,
  insertEdge,
  insertIndexEntry,
  type KvetchError,
  type UnitMember,
  update,
} from '../../../src/kvetch.ts';
import { mysqlShards } from '../../../src/kvetch-mysql.ts';
import { wrapStore } from '../backends.ts';
import { todoStore } from '../todo.ts';

/** The objects of the unit that `splitUnits.test.ts` lets die: two of each server. */
export interface VictimIds {
  readonly here: string;
  readonly there: string;
  readonly checked: string;
  readonly gone: string;
  readonly made: string;
}

/** A writer that was stopped for longer does not decide any more. */
export const STOPPED_MS = 3000;

export function membersOf({ here, there, checked, gone, made }: VictimIds): UnitMember[] {
  return [
    update(here, { n: increment(), city: 'new' }, { if: { n: 0 } }),
    update(there, { n: increment(), city: 'new' }),
    check(checked, { if: { n: 0 } }),
    deleteObject(gone),
    create('User', { n: 1, city: 'new', username: `of ${made}` }, { id: made }),
    insertEdge('friends', { fromId: there, toId: made }),
    insertIndexEntry('tags', { value: `of ${made}`, targetId: here }),
  ];
}

/**
 * Dies at a point of the unit, the so-manieth time that it comes there. argv: databases, point, times, ids. With SIGSTOP as
 * the fifth it stops there, and prints how the unit ended when it goes on. The point `decision` is where its store is told to
 * write that.
 */
if (process.argv[2] !== undefined) {
  const [databases = '[]', point, times, ids = '{}', signal = 'SIGKILL'] = process.argv.slice(2);
  const isStopped = signal === 'SIGSTOP';
  let open = Number(times);
  const faults = async (at: FaultPoint | 'decision'): Promise<void> => {
    if (at !== point || --open > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100)); // the server that was asked before is done
    process.kill(process.pid, signal);
    if (!isStopped) await new Promise(() => {});
  };
  const stores = mysqlShards((JSON.parse(databases) as string[]).map((uri) => ({ uri }))).map((store) =>
    wrapStore(store, async (method, run, [inserts]) => {
      const isDecided =
        method === 'insertObjects' && (inserts as readonly ObjectInsert[]).some(({ row }) => isDecision(row));
      if (isDecided) await faults('decision');
      return run();
    }),
  );
  const kvetch = todoStore(stores, {
    faults,
    ...(isStopped && { limits: { updateWaitMs: STOPPED_MS } }),
  });
  const written = kvetch.write(membersOf(JSON.parse(ids) as VictimIds), { idempotencyKey: `of ${ids}` });
  const ended = await written.then(
    () => ({ code: null }),
    ({ code, effect }: KvetchError) => ({ code, effect }),
  );
  process.stdout.write(JSON.stringify(ended));
  process.exit(isStopped ? 0 : 3); // it should have died
}
